/** Holds chips, descriptions and completion: what the filter bar does with text besides running it. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFilter } from '../../../src/extension/query/describe';
import { addTerm, chipsOf, removeTerm } from '../../../src/extension/query/edit';
import { parseFilter } from '../../../src/extension/query/parser';
import { suggest, type ValueSource } from '../../../src/extension/query/suggest';
import { filters } from './arbitraries';
import { printFilter } from '../../../src/extension/query/print';

describe('chips', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['server:x -(a OR b) "c d"', ['server:x', '-(a OR b)', '"c d"']],
    ['a AND b', ['a', 'b']],
    ['a OR b', ['a OR b']],
    ['(a b)', ['(a b)']],
  ])('of %j are %j', (text, chips) => {
    expect(chipsOf(text).map((chip) => chip.text)).toEqual(chips);
  });

  it.each([
    ['a b c', 0, 'b c'],
    ['a b c', 1, 'a c'],
    ['a AND b', 0, 'b'],
    ['a AND b', 1, 'a'],
    ['a AND b AND c', 1, 'a AND c'],
    ['(a OR b)  -c', 1, '(a OR b)'],
    ['a', 0, ''],
  ])('%j without number %i is %j', (text, index, rest) => {
    const chip = chipsOf(text)[index];
    if (!chip) throw new Error('no such chip');
    expect(removeTerm(text, chip.span)).toBe(rest);
  });

  it.each([
    ['', 'server:x', 'server:x'],
    ['a', 'server:x', 'a server:x'],
    ['a server:x', 'server:x', 'a server:x'],
    ['a OR b', 'server:x', '(a OR b) server:x'],
    ['(a OR b)', '-server:x', '(a OR b) -server:x'],
    ['a "', 'server:x', 'a " server:x'],
  ])('%j with %j is %j', (text, term, result) => {
    expect(addTerm(text, term)).toBe(result);
  });

  it('taking one out of any filter leaves a filter with the others', () => {
    fc.assert(
      fc.property(filters, (node) => {
        const text = printFilter(node);
        const chips = chipsOf(text).map((chip) => chip.text);
        chipsOf(text).forEach((chip, index) => {
          const rest = chipsOf(removeTerm(text, chip.span)).map((other) => other.text);
          // A group that is left alone loses its outer brackets' meaning, never its own.
          if (chips.length > 1) expect(rest).toEqual(chips.filter((_, other) => other !== index));
        });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('in plain words', () => {
  it.each([
    ['', 'All calls'],
    ['server:github', 'Calls where server is "github"'],
    ['server:a,b tool:search*', 'Calls where server is "a" or "b" and tool is "search*"'],
    ['-method:ping', 'Calls where method is not "ping"'],
    ['status:error', 'Calls where it failed in any way'],
    ['is:pinned,commented', 'Calls where it is pinned or has a comment'],
    ['-is:playground', 'Calls where it is not one that was made from the Playground'],
    ['color:red,blue', 'Calls where its colour is red or blue'],
    ['comment:why', 'Calls where your comment contains "why"'],
    ['conversation:c1 turn:r2', 'Calls where conversation is "c1" and the request in the conversation is "r2"'],
    ['-status:ok,running', 'Calls where it is not one that succeeded or is still running'],
    ['dur:>500ms', 'Calls where duration is more than 500 ms'],
    ['size:>=10k', 'Calls where size is at least 10 kB'],
    ['code:-32601', 'Calls where error code is -32601'],
    ['since:1h', 'Calls where it was in the last 1 hour'],
    ['until:2h', 'Calls where it was more than 2 hours ago'],
    ['until:today', 'Calls where it was up to the end of today'],
    ['since:2026-10-05T14:30', 'Calls where it was since 2026-10-05 14:30'],
    ['kind:notification', 'Calls where it is among the notifications'],
    ['origin:server', 'Calls where it is asked by a server'],
    ['"free text"', 'Calls where any text contains "free text"'],
    ['-/a+/i', 'Calls where nothing matches /a+/i'],
    ['x (a OR b)', 'Calls where any text contains "x" and (any text contains "a" or any text contains "b")'],
    ['-(a b)', 'Calls where not (any text contains "a" and any text contains "b")'],
  ])('%j: %s', (text, words) => {
    expect(describeFilter(parseFilter(text))).toBe(words);
  });
});

describe('completion', () => {
  const known: Partial<Record<string, string[]>> = {
    server: ['github', 'my server'],
    tool: ['search_code', 'get_issue'],
    method: ['tools/call', 'tools/list'],
  };
  const source: ValueSource = {
    values: (field, part, limit) =>
      Promise.resolve((known[field] ?? []).filter((value) => value.includes(part.toLowerCase())).slice(0, limit)),
  };
  /** `|` is the caret; gives what the text becomes with each suggestion. */
  async function offered(marked: string): Promise<string[]> {
    const caret = marked.indexOf('|');
    const text = marked.replace('|', '');
    const list = await suggest(text, caret, source);
    return list.map(({ insert, replace }) => text.slice(0, replace.start) + insert + text.slice(replace.end));
  }

  it.each([
    ['ses|', ['session:']],
    ['a -sea|', ['a -tool:search_code ']],
    ['server:|', ['server:github', 'server:"my server"']],
    ['server:gi| x', ['server:github x']],
    ['server:gi|thub x', ['server:github x']],
    ['server:github,m|', ['server:github,"my server"']],
    ['server:"my s|', ['server:"my server"']],
    ['status:t|', ['status:tool', 'status:transport', 'status:timedOut']],
    ['status:ok,b|', ['status:ok,blocked']],
    ['(kind:n|)', ['(kind:notification)']],
    ['is:p|', ['is:pinned', 'is:playground']],
    ['color:red,b|', ['color:red,blue']],
    ['dur:|', ['dur:>100ms', 'dur:>500ms', 'dur:>1s', 'dur:>10s']],
    ['since:t|', ['since:today']],
    ['"quoted te|', []],
    ['/reg|', []],
    ['nope:x|', []],
    ['zzz|', []],
  ])('%s', async (marked, expected) => {
    const results = await offered(marked);
    expect(results).toEqual(expected);
  });

  it('offers every field for nothing, and values for a bare word', async () => {
    expect((await offered('|')).slice(0, 3)).toEqual(['server:', 'tool:', 'method:']);
    expect(await offered('hub|')).toEqual(['server:github ']);
    expect(await offered('a O|')).toContain('a OR ');
  });

  it('never fails on unfinished text, and what it replaces holds the caret', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'a:",()-*/ \\>server') }), fc.nat(20), async (text, position) => {
        const caret = Math.min(position, text.length);
        for (const { replace } of await suggest(text, caret, source)) {
          expect(replace.start).toBeLessThanOrEqual(caret);
          expect(replace.end).toBeGreaterThanOrEqual(caret);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
