/**
 * Owns which places of a message the search for secrets looks at: those whose neighbours let them be a part of one,
 * quotes, and backslashes of escapes that matter, for the quotes behind them too. Found as it is quickest for a message
 * of its size; what is found there is the same either way.
 */
import { createHotPlaces, FIRST, PIECE_BYTES, type HotPlaces } from './hotPlaces';
import { classOf, mayBegin, mayEnd, plain, secretTriples } from './secretFormats';

/** From here on it pays off to look at two bytes at a time, where sixteen cannot be looked at. */
const pairwiseFrom = 256;
/** From here on it pays off to look at sixteen, in a copy. */
const copiedFrom = 96;

/**
 * Whether anything of two neighbours needs a look. Exact where the neighbour settles it: of `_` and what stands before it,
 * or of `I` and what follows, most pairs cannot be part of a secret's beginning. The other neighbour is not known.
 */
const hotPairs = new Uint8Array(65_536);
{
  const bytes = new Uint8Array(2);
  const pair = new Uint16Array(bytes.buffer);
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      bytes[0] = first;
      bytes[1] = second;
      hotPairs[pair[0]!] = mayBegin(first, second) || mayEnd(first, second) ? 1 : 0;
    }
  }
}

/** Without WebAssembly. What it lists is also what tests hold the rest to. */
export const plainPlaces: HotPlaces = {
  list: new Uint16Array(PIECE_BYTES),
  look(b, from) {
    const { list } = plainPlaces;
    const end = Math.min(b.length, from + PIECE_BYTES);
    const shift = FIRST - from;
    let count = 0;
    if (b.length < pairwiseFrom) {
      for (let i = from; i < end; i++) if (classOf[b[i]!] !== plain) list[count++] = i + shift;
      return count;
    }
    // Two bytes at a time have to start at an even address.
    const odd = (b.byteOffset + from) & 1;
    if (odd === 1) list[count++] = FIRST;
    const pairs = new Uint16Array(b.buffer, b.byteOffset + from + odd, (end - from - odd) >> 1);
    for (let k = nextHot(pairs, 0); k < pairs.length; k = nextHot(pairs, k + 1)) {
      const place = FIRST + odd + k * 2;
      list[count++] = place;
      list[count++] = place + 1;
    }
    if (odd + pairs.length * 2 < end - from) list[count++] = end + shift - 1;
    return count;
  },
};

/** The next pair at or after `k` that needs a look; else how many there are. */
function nextHot(pairs: Uint16Array, k: number): number {
  const count = pairs.length;
  while (k < count && hotPairs[pairs[k]!] === 0) k++;
  return k;
}

/** Made when it is needed first: it takes a millisecond. */
let copiedPlaces: HotPlaces | undefined;

export function placesFor(b: Uint8Array): HotPlaces {
  if (b.length < copiedFrom) return plainPlaces;
  return (copiedPlaces ??= createHotPlaces(secretTriples) ?? plainPlaces);
}
