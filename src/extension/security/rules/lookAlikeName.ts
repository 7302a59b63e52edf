/** Owns finding names that mix scripts, so that they look like another name: `reаd_file` with a Cyrillic letter. */
import type { DefinitionRule } from '../findings';
import { excerptOf } from '../visible';

const LATIN = /\p{Script=Latin}/u;
const OTHER = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Coptic}\p{Script=Lisu}\p{Script=Glagolitic}]/u;
/** Letters that only look like those of the alphabet: full-width, mathematical, small capitals. */
const DRESSED = /[\uff21-\uff3a\uff41-\uff5a\u{1d400}-\u{1d7ff}\u1d00-\u1d25]/u;

export const lookAlikeName: DefinitionRule = {
  id: 'definition.lookAlikeName',
  tier: 'structural',
  *check({ parts }) {
    for (const { role, text, pointer } of parts) {
      if (role !== 'name') continue;
      // eslint-disable-next-line no-control-regex -- most names are ASCII
      if (/^[\x20-\x7e]*$/.test(text)) continue;
      const mixed = text.slice(0, 1000).split(/[^\p{L}\p{M}]+/u).find((word) => (LATIN.test(word) && OTHER.test(word)) || DRESSED.test(word));
      if (mixed === undefined) continue;
      yield { severity: 'high', message: 'This name mixes letters of different scripts that look alike: it can pass for another name.', pointer, excerpt: excerptOf(escapedLetters(text), 0) };
    }
  },
};

function escapedLetters(text: string): string {
  return text.slice(0, 200).replace(/[^\x20-\x7e]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
