/** Holds what filters mean, row by row. The SQL compiler is held to the same predicate elsewhere. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallRow } from '../../../src/extension/contract/traffic';
import { compileMatcher, literalSpellings, readsBodies } from '../../../src/extension/query/match';
import { parseFilter } from '../../../src/extension/query/parser';
import { filters, targets, words } from './arbitraries';
import { literalTerm, textTerm } from '../../../src/extension/query/print';

const NOW = new Date(2026, 9, 5, 12, 0, 0).getTime();
const base: CallRow = {
  id: 'w1/42',
  frame: 42,
  timeMs: NOW - 600_000,
  origin: 'client',
  session: 's1',
  client: 'Visual Studio Code',
  server: 'github',
  method: 'tools/call',
  name: 'search_code',
  detail: 'query: deprecated',
  status: 'ok',
  durationUs: 1_500_000,
  upstreamUs: 1_400_000,
  requestBytes: 600,
  responseBytes: 500,
  parent: 'w1/40',
  conversation: 'c1',
  prompt: 'r2',
  definition: '0f3a9b1c2d3e4f50',
  isPlayground: true,
  note: { isPinned: true, color: 'red', comment: 'why is it so slow?' },
};

function matches(filter: string, row: Partial<CallRow> = {}, ...bodies: string[]): boolean {
  return compileMatcher(parseFilter(filter), NOW)({ row: { ...base, ...row }, bodies: () => bodies });
}

describe('a row', () => {
  it.each([
    '',
    'server:github',
    'server:GITHUB',
    'server:git*',
    'server:g?thub',
    'server:gitlab,github',
    'server:/hub$/',
    'tool:search*',
    'name:search_code',
    'method:tools/call',
    'conversation:c1 turn:r2',
    'definition:0f3a*',
    'is:pinned',
    'is:colored,commented',
    'is:nested is:playground',
    'color:red,blue',
    'colour:red',
    'comment:SLOW',
    'comment:/why.+slow/',
    'session:s1',
    'client:"visual studio code"',
    'client:visual*',
    'id:w1/42',
    'status:ok',
    'dur:>1s',
    'dur:>=1500ms dur:<=1500ms dur:=1.5s',
    'upstream:<1.5s',
    'size:>1k',
    'size:=1100',
    'since:10m',
    'since:1h',
    'until:5m',
    'since:today',
    'until:today',
    'until:2026-10-05',
    'since:2026-10-05 until:2026-10-06',
    'since:11:50',
    'kind:call',
    'origin:client',
    'deprecated',
    'DEPREC*ED',
    'search_',
    'studio',
    '/dep.ecated/',
    '-nothing',
    '-prompt:*',
    '-code:>-99999',
    '-status:error',
    'server:x OR tool:search*',
    '-(server:github status:error)',
  ])('passes %s', (filter) => {
    expect(matches(filter)).toBe(true);
  });

  it.each([
    'server:git',
    'server:hub*',
    'prompt:search*',
    'uri:*',
    'tool:search_code?',
    'status:error',
    'status:running,cancelled',
    'dur:<1s,>2s',
    'size:<1k',
    'code:-32601',
    'code:<0',
    'since:9m',
    'until:10m',
    'until:yesterday',
    'until:2026-10-04',
    'since:11:50:01',
    'since:2026-10-05T11:50:00.001',
    'kind:notification',
    'origin:server,gateway,http',
    'conversation:C2',
    '-turn:*',
    'definition:9*',
    'color:green',
    'comment:never',
    '-is:pinned',
    'nothing',
    '"deprec*"',
    '/Deprecated/',
    '-server:github',
    'server:github -tool:search*',
  ])('does not pass %s', (filter) => {
    expect(matches(filter)).toBe(false);
  });

  it.each([
    ['error', ['error', 'toolError', 'transportError', 'timedOut', 'blocked']],
    ['rpc', ['error']],
    ['tool', ['toolError']],
    ['transport', ['transportError']],
    ['cancelled', ['cancelled']],
    ['timedOut', ['timedOut']],
    ['blocked', ['blocked']],
    ['ok', ['ok']],
    ['running', ['running']],
  ])('status:%s means %j', (word, expected) => {
    const all = ['running', 'ok', 'error', 'toolError', 'transportError', 'cancelled', 'timedOut', 'blocked'] as const;
    expect(all.filter((status) => matches(`status:${word}`, { status }))).toEqual(expected);
  });

  it('of a resource or prompt is found by its own field only', () => {
    expect(matches('uri:file:*', { method: 'resources/read', name: 'file:///a' })).toBe(true);
    expect(matches('uri:file:*', { method: 'notifications/resources/updated', name: 'file:///a' })).toBe(true);
    expect(matches('tool:file:*', { method: 'resources/read', name: 'file:///a' })).toBe(false);
    expect(matches('prompt:x', { method: 'prompts/get', name: 'x' })).toBe(true);
  });

  it('that has no value passes no test on it, only the negation', () => {
    const row = { server: undefined, durationUs: undefined, status: 'running' as const };
    expect(matches('server:*', row)).toBe(false);
    expect(matches('-server:*', row)).toBe(true);
    expect(matches('dur:<1h', row)).toBe(false);
    expect(matches('-dur:<1h', row)).toBe(true);
  });

  it('that is a notification is no call', () => {
    const row = { method: 'notifications/message' };
    expect([matches('kind:notification', row), matches('kind:call', row)]).toEqual([true, false]);
  });

  it('is found by text in its bodies, also where JSON has escaped it', () => {
    const body = JSON.stringify({ text: 'say "hi"\tover there, Zoë' });
    expect(matches('"say \\"hi\\""', {}, body)).toBe(true);
    expect(matches('zoë', {}, body)).toBe(true);
    expect(matches('zoë', {}, '{"text":"Zo\\u00eb"}')).toBe(true);
    expect(matches('over*Zo?', {}, body)).toBe(true);
    expect(matches('/hi.*there/', {}, '', body)).toBe(true);
    expect(matches('-absent', {}, body)).toBe(true);
    expect(matches('-there', {}, body)).toBe(false);
  });

  it('? is one character, whatever its code', () => {
    expect(matches('server:a?b', { server: 'a🦈b' })).toBe(true);
    expect(matches('server:a??b', { server: 'a🦈b' })).toBe(false);
  });

  it('may have names longer than any regex', () => {
    const name = 'x'.repeat(4000);
    expect(matches(`name:${name}*`, { name: `${name}y` })).toBe(true);
  });
});

it('only text tests read bodies', () => {
  expect(readsBodies(parseFilter('server:a -(status:error OR dur:>1s)'))).toBe(false);
  expect(readsBodies(parseFilter('server:a -(status:error OR x)'))).toBe(true);
});

it('literal spellings are the text, its JSON, and its ASCII JSON, each once', () => {
  expect(literalSpellings('abc')).toEqual(['abc']);
  expect(literalSpellings('a"é')).toEqual(['a"é', 'a\\"é', 'a\\"\\u00e9']);
});

describe('properties', () => {
  it('a filter and its negation share every row between them', () => {
    fc.assert(
      fc.property(filters, targets, (node, target) => {
        const negation = { kind: 'not', child: node, span: node.span } as const;
        expect(compileMatcher(negation, NOW)(target)).toBe(!compileMatcher(node, NOW)(target));
      }),
      { numRuns: 1000 },
    );
  });

  it('"filter by this" finds the row it was taken from', () => {
    fc.assert(
      fc.property(words, (text) => {
        expect(matches(literalTerm('server', text), { server: text })).toBe(true);
        expect(matches(textTerm(text), {}, JSON.stringify({ text }))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
