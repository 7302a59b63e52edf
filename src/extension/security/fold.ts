/**
 * Owns making texts comparable before words are looked for: compatibility forms, case, look-alike letters, digits for
 * letters, letters spaced out. Hidden characters are looked for before this, in the text as it came.
 */

/** Letters of other scripts that look like Latin ones. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  а: 'a', в: 'b', с: 'c', ԁ: 'd', е: 'e', ё: 'e', ғ: 'f', һ: 'h', і: 'i', ї: 'i', ј: 'j', к: 'k', ӏ: 'l', м: 'm', о: 'o', р: 'p', ԛ: 'q', г: 'r', ѕ: 's', т: 't', у: 'y', ѵ: 'v', ԝ: 'w', х: 'x',
  α: 'a', β: 'b', ε: 'e', η: 'n', ι: 'i', κ: 'k', ν: 'v', ο: 'o', ρ: 'p', τ: 't', υ: 'u', χ: 'x', ω: 'w',
  օ: 'o', ո: 'n', ս: 'u', հ: 'h', ɡ: 'g', ı: 'i', ⅼ: 'l',
};
const LOOK_ALIKE = new RegExp(`[${Object.keys(LOOK_ALIKES).join('')}]`, 'gu');
const LEET: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's' };

// eslint-disable-next-line no-misleading-character-class -- each stands for itself
const INVISIBLE = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\u{e0000}-\u{e01ef}]/gu;
const MAX = 1_000_000;

/** Lower case, compatibility forms, nothing invisible, one blank between words. */
export function foldText(text: string): string {
  return oneBlank(fold(text));
}

function fold(text: string): string {
  return text.slice(0, MAX).replace(INVISIBLE, '').normalize('NFKC').toLowerCase().slice(0, MAX).replace(/[‘’ʼ`´]/g, "'");
}

function oneBlank(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** The folded text, and what it may have been meant to be read as where that differs. */
export function readingsOf(text: string): readonly string[] {
  const folded = fold(text);
  const plain = oneBlank(folded);
  return [...new Set([plain, oneBlank(joinSpaced(folded)), plain.replace(/[\p{L}\p{N}@$]+/gu, unmask)])];
}

/** `i g n o r e` and `i.g.n.o.r.e` as words; a double blank, or what is no letter, ends one. */
function joinSpaced(folded: string): string {
  return folded.replace(/(?<![\p{L}\p{N}])\p{L}(?:[ .·_*-]\p{L}(?![\p{L}\p{N}])){3,}/gu, (run) => run.replace(/[ .·_*-]/g, ''));
}

/** One word with look-alikes and digits read as letters, where it mixes them. */
function unmask(word: string): string {
  if (word.length > 40) return word;
  let plain = word;
  if (/[a-z]/.test(word)) plain = plain.replace(LOOK_ALIKE, (char) => LOOK_ALIKES[char] ?? char);
  if (/[a-z]{2}/.test(plain) && /[0134579@$]/.test(plain)) plain = plain.replace(/[013457@$]/g, (char) => LEET[char] ?? char);
  return plain;
}

/** A name without what does not tell names apart: case, separators, look-alikes. */
export function foldName(name: string): string {
  return foldText(name.slice(0, 500)).replace(LOOK_ALIKE, (char) => LOOK_ALIKES[char] ?? char).replace(/[\s._/-]+/g, '');
}

/** The words of a name: `readTextFile`, `read-text_file`. */
export function wordsOfName(name: string): string[] {
  return name
    .slice(0, 500)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
