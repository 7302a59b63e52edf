/**
 * Owns completion: given filter text and a caret, what could stand there. Works on unfinished text, which the parser
 * would refuse. Values come through a port, since only the store knows them.
 */
import type { NameField, Span } from './ast';
import { COLOR_WORDS, FIELDS, findField, IS_WORDS, KIND_WORDS, ORIGIN_WORDS, STATUS_WORDS, type FieldInfo } from './fields';
import { literalTerm } from './print';

/** Values that occur in recorded traffic, most frequent first. */
export interface ValueSource {
  /** `part`: what a value must contain, in any case; may be empty. */
  values(field: NameField, part: string, limit: number): Promise<readonly string[]>;
}

export interface Suggestion {
  readonly kind: 'field' | 'value' | 'operator';
  /** What the list shows. */
  readonly label: string;
  readonly detail: string;
  /** Text that takes the place of `replace`; the caret goes to its end. */
  readonly insert: string;
  readonly replace: Span;
}

const MAX_VALUES = 20;
/** Fields whose values are offered for a bare word, and how many of each. */
const FIELDS_OF_WORDS: readonly NameField[] = ['server', 'tool', 'method'];
const MAX_VALUES_OF_WORD = 3;

/** What a time or number field usually is compared with. */
const USUAL: Readonly<Partial<Record<FieldInfo['name'], readonly string[]>>> = {
  dur: ['>100ms', '>500ms', '>1s', '>10s'],
  upstream: ['>100ms', '>500ms', '>1s', '>10s'],
  size: ['>1kB', '>10kB', '>100kB', '>1MB'],
  code: ['-32601', '-32602', '-32603', '-32700'],
  since: ['15m', '1h', 'today', 'yesterday', '7d'],
  until: ['15m', '1h', 'today', 'yesterday'],
};

/** Suggestions for the word at the caret, best first. Rejects only when the source does. */
export async function suggest(text: string, caret: number, source: ValueSource): Promise<Suggestion[]> {
  const word = wordAt(text, caret);
  if (!word) return [];
  const typed = text.slice(word.start, caret);
  const [, name, rest = ''] = /^([A-Za-z][A-Za-z0-9_]*):([^]*)$/.exec(typed) ?? [];
  const info = name === undefined ? undefined : findField(name);
  if (info) {
    const comma = lastComma(rest);
    const replace = { start: caret - (rest.length - comma), end: valueEnd(text, caret, word.end) };
    return suggestValues(info, rest.slice(comma), replace, source);
  }
  if (name !== undefined || typed.includes('"') || typed.startsWith('/')) return [];
  return suggestTerms(typed, word, source);
}

async function suggestTerms(typed: string, replace: Span, source: ValueSource): Promise<Suggestion[]> {
  const wanted = typed.toLowerCase();
  const fields = FIELDS.filter(({ name, aliases }) => [name, ...aliases].some((known) => known.startsWith(wanted))).map(
    ({ name, summary, example }): Suggestion => ({
      kind: 'field',
      label: `${name}:`,
      detail: `${summary}, such as ${name}:${example}`,
      insert: `${name}:`,
      replace,
    }),
  );
  const operators = ['OR', 'NOT']
    .filter((operator) => typed !== '' && operator.startsWith(typed))
    .map((label): Suggestion => ({ kind: 'operator', label, detail: label === 'OR' ? 'Either side' : 'Not what follows', insert: `${label} `, replace }));
  if (typed === '') return fields;
  const values = await Promise.all(
    FIELDS_OF_WORDS.map(async (field) =>
      (await source.values(field, typed, MAX_VALUES_OF_WORD)).map((value): Suggestion => {
        const term = literalTerm(field, value);
        return { kind: 'value', label: term, detail: findField(field)?.summary ?? '', insert: `${term} `, replace };
      }),
    ),
  );
  return [...fields, ...operators, ...values.flat()];
}

async function suggestValues(info: FieldInfo, typed: string, replace: Span, source: ValueSource): Promise<Suggestion[]> {
  const part = typed.replace(/["*?]/g, '');
  const offer = (value: string, detail: string, insert = value): Suggestion => ({
    kind: 'value',
    label: value,
    detail,
    insert,
    replace,
  });
  const startsAsTyped = ({ word }: { readonly word: string }): boolean => word.toLowerCase().startsWith(part.toLowerCase());
  switch (info.type) {
    case 'status':
      return STATUS_WORDS.filter(startsAsTyped).map(({ word, summary }) => offer(word, summary));
    case 'kind':
      return KIND_WORDS.filter(startsAsTyped).map(({ word, summary }) => offer(word, summary));
    case 'origin':
      return ORIGIN_WORDS.filter(startsAsTyped).map(({ word, summary }) => offer(word, summary));
    case 'is':
      return IS_WORDS.filter(startsAsTyped).map(({ word, summary }) => offer(word, summary));
    case 'color':
      return COLOR_WORDS.filter(startsAsTyped).map(({ word }) => offer(word, info.summary));
    case 'number':
    case 'time':
      return (USUAL[info.name] ?? []).filter((value) => value.startsWith(typed)).map((value) => offer(value, info.summary));
    case 'name': {
      const values = await source.values(info.name as NameField, part, MAX_VALUES);
      return values.map((value) => offer(value, info.summary, literalTerm(info.name, value).slice(info.name.length + 1)));
    }
  }
}

/** The word the caret is in or right behind, without a leading minus; `undefined`: the caret is in quoted free text. */
function wordAt(text: string, caret: number): Span | undefined {
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < caret; i++) {
    const char = text.charAt(i);
    if (isQuoted && char === '\\') i++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && /[\s()]/.test(char)) start = i + 1;
  }
  if (isQuoted && text.charAt(start) === '"') return undefined;
  while (text.charAt(start) === '-' && start < caret) start++;
  const after = /^[^\s()]*/.exec(text.slice(caret))?.[0].length ?? 0;
  return { start, end: caret + after };
}

/** Offset behind the last comma outside quotes; 0 without one. */
function lastComma(values: string): number {
  let isQuoted = false;
  let last = 0;
  for (let i = 0; i < values.length; i++) {
    const char = values.charAt(i);
    if (isQuoted && char === '\\') i++;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === ',' && !isQuoted) last = i + 1;
  }
  return last;
}

function valueEnd(text: string, caret: number, wordEnd: number): number {
  const comma = text.slice(caret, wordEnd).indexOf(',');
  return comma < 0 ? wordEnd : caret + comma;
}
