/** Owns random filters and rows for property tests of the filter language; the SQL compiler's test uses them too. */
import * as fc from 'fast-check';
import { NOTE_COLORS, type CallOrigin, type CallRow, type CallStatus } from '../../../src/extension/contract/traffic';
import type {
  Comparison,
  FilterNode,
  NameField,
  NumberField,
  Pattern,
  StatusWord,
  TestNode,
  TimePoint,
  Wildcard,
} from '../../../src/extension/query/ast';
import type { MatchTarget } from '../../../src/extension/query/match';

const span = { start: 0, end: 0 };
const NAME_FIELDS: NameField[] = ['server', 'tool', 'prompt', 'uri', 'name', 'method', 'session', 'client', 'id', 'conversation', 'turn', 'definition', 'comment'];
const NUMBER_FIELDS: NumberField[] = ['dur', 'upstream', 'size', 'code'];
const STATUS_WORDS: StatusWord[] = ['ok', 'running', 'error', 'rpc', 'tool', 'transport', 'cancelled', 'timedOut', 'blocked'];

/** Short texts over few letters, so that filters and rows meet; and now and then anything. */
export const words = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[abAB_/."\\*? é-]{1,5}$/) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }).filter((text) => !/\p{Surrogate}/u.test(text)) },
  { weight: 2, arbitrary: fc.constantFrom('OR', 'AND', 'NOT', '-', '-a', '/a/', '/a', 'a:b', 'dur>5', '(', ')', ',', 'a,b', ' ', '\n') },
);

const glob = fc
  .array(fc.oneof(words, fc.constantFrom<Wildcard>({ wild: 'many' }, { wild: 'one' })), { minLength: 1, maxLength: 4 })
  .map((parts): Pattern => {
    const normal: (string | Wildcard)[] = [];
    for (const part of parts) {
      const last = normal.at(-1);
      if (typeof part === 'string' && typeof last === 'string') normal[normal.length - 1] = last + part;
      else if (typeof part === 'object' && part.wild === 'many' && typeof last === 'object' && last.wild === 'many') continue;
      else normal.push(part);
    }
    return { kind: 'glob', parts: normal };
  });

const regex = fc.record({
  kind: fc.constant('regex' as const),
  source: fc.constantFrom('a', 'a+b', '^a', 'b$', '[ab]{2}', 'a|b', '(?:a|_)b', '\\/', '[/]', 'a b', '\\bA'),
  ignoreCase: fc.boolean(),
});

export const patterns = fc.oneof({ weight: 4, arbitrary: glob }, { weight: 1, arbitrary: regex });

const times: fc.Arbitrary<TimePoint> = fc.oneof(
  fc.record({ kind: fc.constant('ago' as const), ms: fc.integer({ min: 0, max: 1e10 }) }),
  fc.record({ kind: fc.constant('instant' as const), ms: fc.integer({ min: 0, max: 4e12 }) }),
  fc.constantFrom<TimePoint>(
    { kind: 'local', text: '2026-10-05' },
    { kind: 'local', text: '2026-10-05T14:30' },
    { kind: 'local', text: '2026-10-05T14:30:07.250' },
    { kind: 'clock', text: '14:30' },
    { kind: 'clock', text: '09:05:07' },
    { kind: 'day', daysAgo: 0 },
    { kind: 'day', daysAgo: 1 },
  ),
);

const comparisons = (field: NumberField): fc.Arbitrary<Comparison[]> =>
  fc.array(
    fc.record({
      op: fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const, '=' as const),
      value:
        field === 'code'
          ? fc.constantFrom(-32_601, -32_602, 0, 7)
          : fc.oneof(fc.constantFrom(0, 1, 20, 500, 1000, 60_000_000), fc.nat(9_007_199_254_740_991)),
    }),
    { minLength: 1, maxLength: 2 },
  );

const some = <T>(values: readonly T[]): fc.Arbitrary<T[]> => fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });

export const tests: fc.Arbitrary<TestNode> = fc.oneof(
  patterns.map((pattern): TestNode => ({ kind: 'text', pattern, span })),
  fc
    .tuple(fc.constantFrom(...NAME_FIELDS), fc.array(patterns, { minLength: 1, maxLength: 3 }))
    .map(([field, list]): TestNode => ({ kind: 'name', field, patterns: list, span })),
  some(STATUS_WORDS).map((values): TestNode => ({ kind: 'status', values, span })),
  some(['call', 'notification'] as const).map((values): TestNode => ({ kind: 'kind', values, span })),
  some(['client', 'server', 'gateway', 'http'] as const).map((values): TestNode => ({ kind: 'origin', values, span })),
  some(['pinned', 'colored', 'commented', 'nested', 'playground'] as const).map((values): TestNode => ({ kind: 'is', values, span })),
  some(NOTE_COLORS).map((values): TestNode => ({ kind: 'color', values, span })),
  fc
    .constantFrom(...NUMBER_FIELDS)
    .chain((field) => comparisons(field).map((list): TestNode => ({ kind: 'number', field, comparisons: list, span }))),
  fc
    .tuple(fc.constantFrom('since' as const, 'until' as const), times)
    .map(([bound, at]): TestNode => ({ kind: 'time', bound, at, span })),
);

/** Any tree that a filter can have. */
export const filters: fc.Arbitrary<FilterNode> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<FilterNode>({ kind: 'all', span }) },
  {
    weight: 20,
    arbitrary: fc.letrec<{ node: FilterNode }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        tests,
        tie('node').map((child): FilterNode => ({ kind: 'not', child, span })),
        fc
          .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('node'), { minLength: 2, maxLength: 3 }))
          .map(([kind, children]): FilterNode => ({ kind, children, span })),
      ),
    })).node,
  },
);

const STATUSES: CallStatus[] = ['running', 'ok', 'error', 'toolError', 'transportError', 'cancelled', 'timedOut', 'blocked'];
const ORIGINS: CallOrigin[] = ['client', 'server', 'gateway', 'http'];
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

export const rows: fc.Arbitrary<CallRow> = fc.record({
  id: words,
  frame: fc.nat(),
  timeMs: fc.integer({ min: Date.UTC(2026, 9, 3), max: Date.UTC(2026, 9, 7) }),
  origin: fc.constantFrom(...ORIGINS),
  session: words,
  client: maybe(words),
  server: maybe(words),
  method: fc.oneof(
    words,
    fc.constantFrom('tools/call', 'prompts/get', 'resources/read', 'notifications/progress', 'notifications/resources/updated'),
  ),
  name: maybe(words),
  detail: maybe(words),
  status: fc.constantFrom(...STATUSES),
  durationUs: maybe(fc.constantFrom(0, 1, 20, 500, 1000, 60_000_000)),
  upstreamUs: maybe(fc.constantFrom(0, 1, 20, 500, 1000)),
  requestBytes: fc.constantFrom(0, 1, 10, 500, 1000),
  responseBytes: maybe(fc.constantFrom(0, 1, 10, 500)),
  errorCode: maybe(fc.constantFrom(-32_601, -32_602, 0, 7)),
  parent: maybe(words),
  conversation: maybe(words),
  prompt: maybe(words),
  definition: maybe(words),
  isPlayground: maybe(fc.constant(true as const)),
  note: maybe(fc.record({ isPinned: maybe(fc.constant(true as const)), color: maybe(fc.constantFrom(...NOTE_COLORS)), comment: maybe(words) })),
});

export const targets: fc.Arbitrary<MatchTarget> = fc
  .tuple(rows, fc.array(words.map((text) => JSON.stringify({ text })), { maxLength: 2 }))
  .map(([row, bodies]) => ({ row, bodies: () => bodies }));

/** The same tree without places, for comparing. */
export function withoutSpans(node: FilterNode): unknown {
  return JSON.parse(JSON.stringify(node, (key, value: unknown) => (key === 'span' ? undefined : value)));
}
