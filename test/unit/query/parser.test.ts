/** Holds the grammar: what parses to what, where errors point and what they say, and that printing reads back. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_FILTER_LENGTH } from '../../../src/extension/query/lexer';
import { parseFilter } from '../../../src/extension/query/parser';
import { literalTerm, printFilter, textTerm } from '../../../src/extension/query/print';
import { isAppError } from '../../../src/extension/util/errors';
import { filters, withoutSpans, words } from './arbitraries';

function failure(text: string): { at: string; start: unknown; message: string } {
  try {
    parseFilter(text);
  } catch (error) {
    if (!isAppError(error, 'query.invalid')) throw error;
    const { start, end } = error.details as { start: number; end: number };
    return { at: text.slice(start, end), start, message: error.message };
  }
  throw new Error(`"${text}" parses`);
}

describe('a filter', () => {
  it.each([
    ['', ''],
    [' \n ', ''],
    ['server:github', 'server:github'],
    ['  SERVER:GitHub  ', 'server:GitHub'],
    ['server:a,b status:error,cancelled', 'server:a,b status:error,cancelled'],
    ['a AND b', 'a b'],
    ['a b OR c', 'a b OR c'],
    ['a (b OR c)', 'a (b OR c)'],
    ['(a b) OR c', 'a b OR c'],
    ['(a)', 'a'],
    ['NOT a', '-a'],
    ['NOT (a b)', '-(a b)'],
    ['--a', '--a'],
    ['-method:ping', '-method:ping'],
    ['- a', '"-" a'],
    ['or and not', 'or and not'],
    ['"OR"', '"OR"'],
    ['ORDER NOTE', 'ORDER NOTE'],
    ['tool:search*', 'tool:search*'],
    ['tool:a**?b', 'tool:a*?b'],
    ['tool:"a*b"', 'tool:"a*b"'],
    ['tool:"my tool"*', 'tool:"my tool"*'],
    ['uri:file:///a/b.txt', 'uri:file:///a/b.txt'],
    ['resource:x', 'uri:x'],
    ['dur:>500ms', 'dur:>500ms'],
    ['duration:>=0.5s', 'dur:>=500ms'],
    ['dur>1s', 'dur:>1s'],
    ['dur:<=1500us', 'dur:<=1500us'],
    ['dur:>2', 'dur:>2ms'],
    ['dur:>2min,<1µs', 'dur:>2m,<1us'],
    ['size:>10k', 'size:>10kB'],
    ['size:<1.5MB', 'size:<1500kB'],
    ['size:>=1KiB', 'size:>=1024B'],
    ['size:=0', 'size:=0B'],
    ['code:-32601', 'code:-32601'],
    ['code:=-32601,>0', 'code:-32601,>0'],
    ['status:failed,timeout,canceled,TOOLERROR', 'status:error,timedOut,cancelled,tool'],
    ['kind:Notification origin:SERVER', 'kind:notification origin:server'],
    ['since:90m', 'since:90m'],
    ['since:60m', 'since:1h'],
    ['after:2d before:today', 'since:2d until:today'],
    ['since:9:05', 'since:09:05'],
    ['since:"2026-10-05 14:30"', 'since:2026-10-05T14:30'],
    ['since:2026-10-05T14:30:00+02:00', 'since:2026-10-05T12:30:00.000Z'],
    ['/time.?out/i', '/time.?out/i'],
    ['/a b/', '/a b/'],
    ['/[/]/', '/[/]/'],
    ['/a\\/b/', '/a\\/b/'],
    ['tool:/^get_/,x', 'tool:/^get_/,x'],
    ['(/a/)', '/a/'],
    ['/home/user', '"/home/user"'],
    ['/usr and', '"/usr" and'],
    ['// x', '"//" x'],
    ['"a \\"b\\" \\\\ C:\\Users"', '"a \\"b\\" \\\\ C:\\\\Users"'],
    ['a,b', '"a,b"'],
    ['foo=bar', '"foo=bar"'],
    ['"a":1', '"a:1"'],
  ])('%j reads as %j', (text, printed) => {
    const node = parseFilter(text);
    expect(printFilter(node)).toBe(printed);
    expect(withoutSpans(parseFilter(printed))).toEqual(withoutSpans(node));
  });

  it.each([
    ['servr:x', 'servr', 'There is no field "servr". Did you mean "server:"?'],
    ['http://x', 'http', 'To look for text with a colon, put it in quotes.'],
    ['a server: b', '', '"server:" needs a value right behind it, such as server:github'],
    ['server:a,', '', 'needs a value'],
    ['server:""', '""', 'needs a value'],
    ['a ""', '""', 'Nothing to look for'],
    ['status:bad', 'bad', '"status:" takes one of: ok, error, running'],
    ['status:ok,bad', 'bad', '"status:" takes one of'],
    ['dur:500', '500', 'Say how to compare: dur:>500 or dur:<500.'],
    ['dur:>5x', '>5x', '"dur:" takes a number, such as dur:>500ms. Units: us, ms, s, m, h.'],
    ['size:>', '>', '"size:" takes a number, such as size:>10k.'],
    ['code:x', 'x', '"code:" takes a number, such as code:-32601.'],
    ['since:5', '5', 'takes a time such as'],
    ['since:2026-02-30', '2026-02-30', 'takes a time such as'],
    ['since:25:00', '25:00', 'takes a time such as'],
    ['since:1h,2h', '2h', '"since" takes one time only.'],
    ['a OR', 'OR', '"OR" needs something on its right.'],
    ['OR a', 'OR', '"OR" needs something on its left.'],
    ['a OR OR b', 'OR', '"OR" needs something on its right.'],
    ['a AND )', 'AND', '"AND" needs something on its right.'],
    ['NOT', 'NOT', '"NOT" needs something on its right.'],
    ['(a', '(', 'This bracket is never closed: add ")".'],
    ['a) b', ')', 'There is no "(" for this ")"'],
    ['a ()', '()', 'These brackets are empty'],
    ['a(b)', '(', 'Put a space before "("'],
    ['a "b c', '"b c', 'This quotation mark is never closed'],
    ['/a/gi', 'gi', 'only the flag "i" is known'],
    ['x /(a/', '(', 'This bracket is never closed'],
    ['/[a/', '[', 'This "[" is never closed'],
    ['/a**/', '*', 'There is nothing here to repeat'],
    ['/(a)\\1/', '\\1', 'Back references are not supported'],
    ['/(?=a)/', '(?=', 'Looking ahead or behind is not supported'],
    ['/a{3,2}/', 'a{3,2}', 'The counts are the wrong way round'],
    ['/a{999999}/', 'a{999999}', 'too large'],
    [`/${'a'.repeat(501)}/`, 'a'.repeat(501), 'too long'],
  ])('%j is refused at %j', (text, at, message) => {
    const found = failure(text);
    expect(found.at).toBe(at);
    expect(found.message).toContain(message);
  });

  it('has places for every node, brackets and minus included', () => {
    const node = parseFilter('a -(b OR c) d');
    if (node.kind !== 'and') throw new Error(node.kind);
    expect(node.children.map((child) => [child.kind, child.span])).toEqual([
      ['text', { start: 0, end: 1 }],
      ['not', { start: 2, end: 11 }],
      ['text', { start: 12, end: 13 }],
    ]);
  });

  it.each([
    ['brackets', '('.repeat(5000)],
    ['closed brackets', `${'('.repeat(2000)}a${')'.repeat(2000)}`],
    ['negations', '-'.repeat(5000) + 'a'],
    ['length', 'a '.repeat(MAX_FILTER_LENGTH)],
    ['regex-like text', '/['.repeat(4000)],
    ['quotes', '"'.repeat(9999)],
    ['groups in a regex', `/${'('.repeat(400)}/`],
  ])('of absurd %s is refused quickly and politely', (_what, text) => {
    const start = performance.now();
    let error: unknown;
    try {
      parseFilter(text);
    } catch (reason) {
      error = reason;
    }
    if (error !== undefined) expect(isAppError(error, 'query.invalid')).toBe(true);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('properties', () => {
  it('printing reads back as the same tree', () => {
    fc.assert(
      fc.property(filters, (node) => {
        expect(withoutSpans(parseFilter(printFilter(node)))).toEqual(withoutSpans(node));
      }),
      { numRuns: 3000 },
    );
  });

  it('any text parses or fails with a place inside it', () => {
    const tokens = fc.constantFrom('server:', 'dur', '>', '5ms', 'OR', 'AND', 'NOT', '-', '(', ')', '"', '/', '[', ',', '*', ' ', 'a', '\\', 'since:', '1h', 'status:', 'error');
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.array(tokens, { maxLength: 12 }).map((list) => list.join('')));
    fc.assert(
      fc.property(text, (content) => {
        try {
          parseFilter(content);
        } catch (error) {
          if (!isAppError(error, 'query.invalid')) throw error;
          const { start, end } = error.details as { start: number; end: number };
          expect(0 <= start && start <= end && end <= content.length).toBe(true);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('a literal term means exactly its text, whatever that is', () => {
    fc.assert(
      fc.property(fc.oneof(words, fc.string({ minLength: 1, unit: 'binary' })), (text) => {
        const pattern = { kind: 'glob', parts: [text] };
        expect(parseFilter(literalTerm('tool', text))).toMatchObject({ kind: 'name', field: 'tool', patterns: [pattern] });
        expect(parseFilter(textTerm(text))).toMatchObject({ kind: 'text', pattern });
      }),
      { numRuns: 3000 },
    );
  });
});
