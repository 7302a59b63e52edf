/**
 * Owns redaction by the user's own patterns. They are matched against what a string of the message says, escapes
 * resolved, and against numbers as they stand; so a pattern can neither cross a string's end nor break an escape.
 * Linear in the message, whatever patterns and message are.
 */
import { compileFinder } from '../query/regexFind';
import { compileRegex } from '../query/regexRun';
import { tryParseJson } from '../util/json';
import type { RedactionPattern } from './redactionOptions';
import type { Redaction } from './redactor';
import { redactionMark } from './secretCuts';

interface Pattern {
  readonly kind: string;
  /** Quicker than finding. */
  readonly test: (text: string) => boolean;
  readonly find: (text: string) => readonly (readonly [number, number])[];
}

/** Gives `undefined` where nothing matches. Throws AppError `query.invalid` for a pattern that is none. */
export function createPatternCutter(patterns: readonly RedactionPattern[]): (bytes: Uint8Array) => Redaction | undefined {
  const compiled = patterns.map(({ kind, pattern, ignoreCase = false }): Pattern => ({
    kind,
    test: compileRegex(pattern, ignoreCase),
    find: compileFinder(pattern, ignoreCase),
  }));
  return (bytes) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
    const isJson = tryParseJson(text) !== undefined;
    const { out, count } = isJson ? cutJson(text, compiled) : cutText(text, compiled);
    return count > 0 ? { bytes: Buffer.from(out), count } : undefined;
  };
}

interface Result {
  readonly out: string;
  readonly count: number;
}

/** What is no JSON is one text. */
function cutText(text: string, patterns: readonly Pattern[]): Result {
  let out = text;
  let count = 0;
  for (const { kind, test, find } of patterns) {
    if (!test(out)) continue;
    const spans = find(out);
    out = replaced(out, spans, kind);
    count += spans.length;
  }
  return { out, count };
}

// A string, or a number. Either way each character is looked at once: a string's parts exclude each other.
const TOKEN = /"((?:[^"\\]|\\.)*)"|-?\d[\d.eE+-]*/gs;

function cutJson(text: string, patterns: readonly Pattern[]): Result {
  const parts: string[] = [];
  let from = 0;
  let count = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [token, content] = found;
    const said = content === undefined ? token : content.includes('\\') ? String(tryParseJson(token)) : content;
    const cut = cutText(said, patterns);
    if (cut.count === 0) continue;
    parts.push(text.slice(from, found.index), JSON.stringify(cut.out));
    from = found.index + token.length;
    count += cut.count;
  }
  parts.push(text.slice(from));
  return { out: parts.join(''), count };
}

function replaced(text: string, spans: readonly (readonly [number, number])[], kind: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const [start, end] of spans) {
    parts.push(text.slice(from, start), redactionMark(kind));
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join('');
}
