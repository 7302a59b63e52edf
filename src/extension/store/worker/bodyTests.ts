/**
 * Owns what is asked of a text, by the pattern that a user wrote: whether recorded bytes fit, whether a preview does, and
 * what their signatures must have.
 */
import type { GlobPattern, Pattern } from '../../query/ast';
import { bodyTester, literalSpellings, patternTester } from '../../query/match';
import { parseRegex } from '../../query/regexParse';
import { requiredLiteral } from '../../query/regexRun';
import { piecesOf, type Pieces } from './signature';

export interface BodyTest {
  readonly key: string;
  /** Name of the temporary table with the keys of the messages that fit; `<table>_call` of the calls, in sealed sources. */
  readonly table: string;
  readonly fitsPreview: (text: string) => boolean;
  /** What a preview that fits has; `undefined`: nothing is known about it. */
  readonly previewPieces: Pieces | undefined;
  readonly fits: (body: Buffer) => boolean;
  /** A body that fits has all pieces of one of these; `undefined`: nothing is known about it. */
  readonly spellings: readonly Pieces[] | undefined;
}

const tests = new Map<string, BodyTest>();
let made = 0;
const rememberedTests = 32;

/**
 * The test for a pattern; the same one for the same pattern, so that what was found is found again. `held`: tests that
 * somebody works with, whether they are remembered still or not.
 */
export function bodyTestOf(pattern: Pattern, held: readonly BodyTest[] = []): BodyTest {
  const key = JSON.stringify(pattern);
  let test = held.find((each) => each.key === key) ?? tests.get(key);
  if (test) tests.delete(key);
  else test = { key, table: `hits${++made}`, fits: bytesTester(pattern), spellings: spellingsOf(pattern), fitsPreview: patternTester(pattern, 'part'), previewPieces: piecesOf(textsOf(pattern)) };
  // Least recently asked first.
  tests.set(key, test);
  if (tests.size > rememberedTests) tests.delete(tests.keys().next().value ?? key);
  return test;
}

/** The pieces of each way the pattern's texts can stand in JSON; a regex is asked of it as it is. */
function spellingsOf(pattern: Pattern): Pieces[] | undefined {
  const texts = textsOf(pattern);
  const spellings = new Map<string, Pieces>();
  for (const index of pattern.kind === 'regex' ? [0] : [0, 1, 2]) {
    const pieces = piecesOf(texts.map((text) => literalSpellings(text)[index] ?? literalSpellings(text).at(-1) ?? text));
    if (!pieces) return undefined;
    spellings.set(pieces.join(), pieces);
  }
  return [...spellings.values()];
}

/** Texts that stand in all that fits, but for the case of A to Z. */
function textsOf(pattern: Pattern): string[] {
  if (pattern.kind === 'glob') return pattern.parts.filter((part) => typeof part === 'string');
  return [requiredLiteral(parseRegex(pattern.source, 0, pattern.ignoreCase))];
}

/** A tester for recorded bytes; plain ASCII, by far the most usual, is looked for without decoding UTF-8. */
function bytesTester(pattern: Pattern): (body: Buffer) => boolean {
  const literal = pattern.kind === 'glob' ? onlyText(pattern) : undefined;
  if (literal !== undefined && /^[ -~]+$/.test(literal)) {
    const wanted = [...new Set(literalSpellings(literal).map((spelling) => spelling.toLowerCase()))];
    return (body) => {
      const text = body.toString('latin1').toLowerCase();
      return wanted.some((spelling) => text.includes(spelling));
    };
  }
  const fits = bodyTester(pattern);
  return (body) => body.length > 0 && fits(body.toString('utf8'));
}

function onlyText({ parts }: GlobPattern): string | undefined {
  const [first] = parts;
  return parts.length === 1 && typeof first === 'string' ? first : undefined;
}
