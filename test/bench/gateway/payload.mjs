// Owns the texts that are sent: the same in each run, no two calls alike, so that swapped answers are noticed.
const LONGEST = 1_000_000;
const SEED = 0x5eed;
const WORDS = 'the server answers a request with text that "quotes" paths/like/this.ts, numbers such as 4096 and names'.split(' ');
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export const PAYLOADS = { prose, base64 };
export const SIZES = { '100 B': 100, '10 KB': 10_000, '1 MB': 1_000_000 };

/** Returns `text(size)`: a running number, then filler of the given kind. */
export function textMaker(kind) {
  const filler = PAYLOADS[kind]();
  let sent = 0;
  return (size) => `${String(++sent).padStart(10, '0')} ${filler.slice(11, size)}`;
}

/** The sizes of a mixed load, 7 KB in the mean: 79.5 % 100 B, 20 % 10 KB, 0.5 % 1 MB (or `largest`). */
export function mixedSize(index, largest = SIZES['1 MB']) {
  if (index % 200 === 199) return largest;
  return index % 5 === 0 ? SIZES['10 KB'] : SIZES['100 B'];
}

function prose() {
  const next = randomNumbers();
  const parts = [];
  for (let length = 0; length < LONGEST; ) {
    const word = WORDS[next() % WORDS.length] + (next() % 12 === 0 ? '.\n' : ' ');
    parts.push(word);
    length += word.length;
  }
  return flat(parts.join(''));
}

/** One long run, as pictures are: what a pattern that is not linear stumbles over. */
function base64() {
  const next = randomNumbers();
  return flat(Array.from({ length: LONGEST }, () => BASE64[next() % 64]).join(''));
}

const flat = (text) => Buffer.from(text.slice(0, LONGEST)).toString('latin1');

function randomNumbers() {
  let state = SEED;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
