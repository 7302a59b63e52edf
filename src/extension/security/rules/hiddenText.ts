/**
 * Owns finding characters that a person does not see and a model reads: tags, zero-width and direction characters, runs
 * of variation selectors, private use. Looks at the text as it came: normalising would take the evidence away.
 */
import type { DefinitionRule, Hit } from '../findings';
import type { TextPart } from '../texts';
import { excerptOf, shownName, visible } from '../visible';

interface Kind {
  readonly what: string;
  readonly pattern: RegExp;
  /** Whether this one has an honest use here. */
  readonly isHonest?: (text: string, index: number, found: string) => boolean;
}

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Scripts in which joiners change the shape of letters. */
const JOINING = /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Mongolian}\p{Script=Syriac}\p{Script=Tibetan}]/u;
const PICTURE = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\u20e3\p{Regional_Indicator}]/u;

const KINDS: readonly Kind[] = [
  {
    what: 'invisible tag characters, which spell out text for a model only',
    pattern: /[\u{e0000}-\u{e007f}]+/u,
    // The flags of England, Scotland and Wales: a black flag, two to six letters, the end.
    isHonest: (text, index, found) => text.slice(0, index).endsWith('\u{1f3f4}') && found.length <= 14 && found.endsWith('\u{e007f}'),
  },
  {
    what: 'a run of variation selectors, which can carry hidden bytes',
    pattern: /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{2,}/u,
  },
  { what: 'characters that change the direction of text, so that it reads differently than it is', pattern: /[\u202a-\u202e\u2066-\u2069]+/u, isHonest: (text) => RIGHT_TO_LEFT.test(text) && !/[\u202d\u202e]/.test(text) },
  { what: 'private-use characters, which mean nothing to a person', pattern: /[\ue000-\uf8ff\u{f0000}-\u{ffffd}\u{100000}-\u{10fffd}]+/u },
  {
    what: 'zero-width characters',
    // eslint-disable-next-line no-misleading-character-class -- each stands for itself
    pattern: /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]+/u,
    isHonest(text, index, found) {
      if (found.length > 1) return false;
      const before = [...text.slice(Math.max(0, index - 4), index)].at(-1) ?? '';
      const after = String.fromCodePoint(text.codePointAt(index + 1) ?? 32);
      switch (found) {
        case '\u200d':
          return (PICTURE.test(before) && PICTURE.test(after)) || (JOINING.test(before) && (JOINING.test(after) || !/\p{L}/u.test(after)));
        case '\u200c':
          return JOINING.test(before) || /\p{M}/u.test(before);
        case '\u200e':
        case '\u200f':
        case '\u061c':
          return RIGHT_TO_LEFT.test(text);
        case '\ufeff':
          return index === 0;
        default:
          return false;
      }
    },
  },
  { what: 'halves of characters, which are no text', pattern: /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/ },
];

// eslint-disable-next-line no-misleading-character-class -- each stands for itself
const ANY = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]/;

export const hiddenText: DefinitionRule = {
  id: 'definition.hiddenText',
  tier: 'structural',
  *check({ parts }) {
    for (const part of parts) {
      // Most texts have nothing of the kind: one quick look.
      if (ANY.test(part.text)) yield* hitsIn(part);
    }
  },
};

/** Honest uses looked at before a text is believed to be honest. */
const MOST_HONEST = 2000;

function* hitsIn({ text, pointer }: TextPart): Iterable<Hit> {
  for (const { what, pattern, isHonest } of KINDS) {
    const all = new RegExp(pattern.source, `g${pattern.flags}`);
    let looked = 0;
    for (const found of text.matchAll(all)) {
      const [run] = found;
      if (++looked <= MOST_HONEST && isHonest?.(text, found.index, run)) continue;
      yield {
        severity: 'high',
        message: `This text holds ${what}.${tagsIn(run)}`,
        pointer,
        excerpt: excerptOf(text, found.index, found.index + run.length),
      };
      break;
    }
  }
}

/** What tag characters say. */
function tagsIn(run: string): string {
  const said = [...run.slice(0, 400)].map((char) => (char.codePointAt(0) ?? 0) - 0xe0000).filter((code) => code >= 32 && code < 127);
  return said.length === 0 ? '' : ` They say: "${shownName(visible(String.fromCharCode(...said)))}"`;
}
