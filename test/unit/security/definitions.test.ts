/** Definitions: hashes, baseline, what is new, changed and gone, the archive, and what a hostile server can write. */
import { Buffer } from 'node:buffer';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CapturedEvent } from '../../../src/extension/capture/types';
import { DEFAULT_LIMITS, type DefinitionLimits, type Listed } from '../../../src/extension/security/definitions';
import { definitionHash } from '../../../src/extension/security/definitionsHash';
import { DEFAULT_POLICY } from '../../../src/extension/security/policy';
import { Governance } from '../../../src/extension/security/policyGovernance';
import type { ConfiguredServer } from '../../../src/extension/servers/types';
import { nullLogger } from '../../../src/extension/util/logger';
import { FakeClock } from '../util/fakeClock';

const server: ConfiguredServer = { name: 'demo', config: { type: 'stdio', command: 'x', args: [], env: {} }, file: '/w/f', line: 1, fingerprint: 'f' };
let dir: string;
let clock: FakeClock;
let nextId = 0;
const open_: Governance[] = [];

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mcp-shark-definitions-'));
  clock = new FakeClock();
});

afterEach(async () => {
  for (const governance of open_.splice(0)) {
    await governance.settled();
    governance.dispose();
  }
  rmSync(dir, { recursive: true });
});

function open(limits: DefinitionLimits = DEFAULT_LIMITS): Governance & { events: CapturedEvent[] } {
  const events: CapturedEvent[] = [];
  const governance = new Governance({
    dir,
    clock,
    logger: nullLogger,
    randomId: () => `id${nextId++}`,
    policy: () => DEFAULT_POLICY,
    trusted: () => true,
    user: 'ada',
    servers: () => [server],
    inputs: () => [],
    limits,
  });
  governance.onDidRecord((event) => event.type !== 'policy.waiting' && events.push(event));
  open_.push(governance);
  return Object.assign(governance, { events });
}

const id = (governance: Governance): string => governance.servers()[0]!.id;
const tool = (name: string, description = ''): Listed => {
  const bytes = Buffer.from(JSON.stringify({ name, description }));
  return { name, hash: definitionHash(bytes), bytes };
};
function list(governance: Governance, ...tools: Listed[]) {
  const listing = governance.listing(server, 'tool');
  const states = listing.page(tools);
  const changes = listing.end(true);
  governance.listed(server, changes);
  return { states, changes };
}
const states = (governance: Governance) => Object.fromEntries(governance.definitions(id(governance)).map(({ name, state }) => [name, state]));

describe('the hash of a definition', () => {
  const hash = (text: string): string => definitionHash(Buffer.from(text));

  it('is SHA-256 of the RFC 8785 form', () => {
    // printf '{"a":1,"b":"\xc3\xa9"}' | sha256sum
    expect(hash('{ "b": "\\u00e9", "a": 1.0 }')).toBe(definitionHash(Buffer.from('{"a":1,"b":"é"}')));
    expect(hash('{"a":1}')).toBe('015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862');
  });

  it.each([
    ['{"a":1,"b":2}', '{"b":2,"a":1}', true],
    ['{"a":[1,2]}', '{"a":[2,1]}', false],
    ['{"a":"x"}', '{"a":"x "}', false],
    ['{"a":"e\u0301"}', '{"a":"\u00e9"}', false],
    // Readers disagree on which of two equal keys counts.
    ['{"a":"good","a":"good"}', '{"a":"good"}', false],
    ['{"a":"evil","a":"good"}', '{"a":"good"}', false],
    ['{"x":{"a":1,"a":2}}', '{"x":{"a":2}}', false],
    ['{"a":"\\ud800"}', '{"a":"\\ud801"}', false],
    ['{"a":1e400}', '{"a":1e401}', false],
    ['{"a":":"}', '{"a":";"}', false],
  ])('of %s and %s is the same: %s', (a, b, same) => {
    expect(hash(a) === hash(b)).toBe(same);
  });

  it('goes by nothing but order of keys and white space', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).reverse().map(([key, item]) => [key, shuffled(item)]));
    };
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const text = JSON.stringify(a);
        expect(hash(JSON.stringify(shuffled(JSON.parse(text)), null, 3))).toBe(hash(text));
        if (JSON.stringify(shuffled(a)) !== JSON.stringify(shuffled(b))) expect(hash(JSON.stringify(b)) === hash(text)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
      }),
    );
  });

  it('is given for nesting that would overflow a stack', () => {
    expect(hash(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`)).toMatch(/^[0-9a-f]{64}$/);
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}

describe('what a server lists', () => {
  it('at first is approved together with the server; later it is new, changed or gone, with dates and what it was', async () => {
    const governance = open();
    const [t0, day] = [clock.wallMs(), 86_400_000];
    expect(list(governance, tool('a', 'one'), tool('b')).states).toEqual(['approved', 'approved']);
    expect(governance.events).toEqual([]);
    await clock.advance(day);
    const second = list(governance, tool('a', 'two'), tool('c'));
    expect(second.states).toEqual(['changed', 'new']);
    expect(second.changes).toEqual({ kind: 'tool', new: ['c'], changed: ['a'], gone: ['b'], notKept: 0 });
    const rows = governance.definitions(id(governance));
    expect(rows).toEqual([
      { kind: 'tool', name: 'a', state: 'changed', hash: tool('a', 'two').hash, previous: tool('a', 'one').hash, firstSeenMs: t0, changedMs: t0 + day, lastSeenMs: t0 + day },
      { kind: 'tool', name: 'b', state: 'gone', hash: tool('b').hash, firstSeenMs: t0, changedMs: t0, lastSeenMs: t0, approvedMs: t0 },
      { kind: 'tool', name: 'c', state: 'new', hash: tool('c').hash, firstSeenMs: t0 + day, changedMs: t0 + day, lastSeenMs: t0 + day },
    ]);
    expect(governance.servers()[0]!.unapproved).toBe(2);
    expect(governance.events).toEqual([
      {
        type: 'policy.definitions',
        server: 'demo',
        data: { kind: 'tool', new: { count: 1, names: ['c'] }, changed: { count: 1, names: ['a'] }, gone: { count: 1, names: ['b'] } },
      },
    ]);
    // The same once more is no news.
    expect(list(governance, tool('a', 'two'), tool('c')).states).toEqual(['changed', 'new']);
    expect(governance.events).toHaveLength(1);
  });

  it('can be read as it was and as it is, for a diff', async () => {
    const governance = open();
    const text = '{ "description": "two",  "name":"a" }';
    list(governance, tool('a', 'one'));
    list(governance, { name: 'a', hash: definitionHash(Buffer.from(text)), bytes: Buffer.from(text) });
    const [row] = governance.definitions(id(governance));
    expect(await governance.definitionText(row!.previous!)).toBe('{"name":"a","description":"one"}');
    expect(await governance.definitionText(row!.hash)).toBe(text);
    expect(await governance.definitionText('0'.repeat(64))).toBeUndefined();
    expect(await governance.definitionText('../../../etc/passwd')).toBeUndefined();
  });

  it('is known in every version it has had, the one listed last first, with its first sight and its approval', async () => {
    const governance = open();
    const [one, two, three] = ['one', 'two', 'three'].map((text) => tool('a', text));
    const versions = (of: Governance = governance) => of.versions(id(of), 'tool', 'a');
    const t0 = clock.wallMs();
    expect(versions()).toEqual([]);
    list(governance, one!, tool('b'));
    expect(versions()).toEqual([{ hash: one!.hash, firstSeenMs: t0, place: 'listed', approvedMs: t0 }]);
    for (const next of [two!, three!]) {
      await clock.advance(1_000);
      list(governance, next, tool('b'));
    }
    await governance.approveDefinitions(id(governance));
    const [first, second, third] = [
      { hash: one!.hash, firstSeenMs: t0, place: 'earlier', approvedMs: t0 },
      { hash: two!.hash, firstSeenMs: t0 + 1_000, place: 'earlier' },
      { hash: three!.hash, firstSeenMs: t0 + 2_000, place: 'listed', approvedMs: t0 + 2_000 },
    ];
    expect(versions()).toEqual([third, second, first]);
    // Back at what it was: that is what is listed, and was first seen when it was.
    await clock.advance(1_000);
    list(governance, one!, tool('b'));
    const back = [{ ...first, place: 'listed' }, { ...third, place: 'earlier' }, second];
    expect(versions()).toEqual(back);
    list(governance, tool('b'));
    expect(versions()).toEqual([{ ...first, place: 'last' }, ...back.slice(1)]);
    expect(versions(open())).toEqual(versions());
    expect(governance.versions(id(governance), 'prompt', 'a')).toEqual([]);
    expect(() => governance.versions('nobody', 'tool', 'a')).toThrow('no longer configured');
  });

  it('is approved one by one or all at once, and what was approved before stays so', async () => {
    const governance = open();
    list(governance, tool('a', 'one'), tool('b'));
    list(governance, tool('a', 'two'), tool('b'), tool('c'));
    const told: (readonly string[])[] = [];
    governance.onDidChangeTools((names) => told.push(names));
    const [a] = governance.definitions(id(governance));
    expect(await governance.approveDefinitions(id(governance), [a!])).toBe(1);
    expect(states(governance)).toEqual({ a: 'approved', b: 'approved', c: 'new' });
    expect(await governance.approveDefinitions(id(governance))).toBe(1);
    expect(await governance.approveDefinitions(id(governance))).toBe(0);
    expect(states(governance)).toEqual({ a: 'approved', b: 'approved', c: 'approved' });
    expect(list(governance, tool('a', 'one'), tool('b'), tool('c')).states).toEqual(['approved', 'approved', 'approved']);
    expect(told).toEqual([['demo'], ['demo']]);
    expect(governance.events.filter(({ type }) => type === 'policy.definitionsApproved').map(({ data }) => data)).toMatchObject([
      { by: 'ada', count: 1, definitions: [{ kind: 'tool', name: 'a', hash: tool('a', 'two').hash }] },
      { by: 'ada', count: 1 },
    ]);
  });

  it('is not approved by what was shown before it changed again', async () => {
    const governance = open();
    list(governance, tool('a', 'one'));
    list(governance, tool('a', 'two'));
    const [shown] = governance.definitions(id(governance));
    list(governance, tool('a', 'three'));
    expect(await governance.approveDefinitions(id(governance), [shown!])).toBe(0);
    expect(states(governance)).toEqual({ a: 'changed' });
  });

  it('is known after a reload and in other windows, wherever it was seen', async () => {
    const [a, b] = [open(), open()];
    list(a, tool('a', 'one'));
    await clock.advance(2000);
    expect(list(b, tool('a', 'two')).states).toEqual(['changed']);
    await b.approveDefinitions(id(b));
    await clock.advance(2000);
    expect(list(a, tool('a', 'two')).states).toEqual(['approved']);
    expect(states(open())).toEqual({ a: 'approved' });
  });

  it('comes back as what it was', () => {
    const governance = open();
    list(governance, tool('a'), tool('b'));
    list(governance, tool('b'));
    expect(states(governance)).toEqual({ a: 'gone', b: 'approved' });
    expect(list(governance, tool('a'), tool('b')).changes).toMatchObject({ new: [], changed: [], gone: [] });
    expect(states(governance)).toEqual({ a: 'approved', b: 'approved' });
  });

  it('is new where the server could not do such a thing at all before', () => {
    const governance = open();
    governance.lacks(server, 'tool');
    expect(list(governance, tool('a')).states).toEqual(['new']);
  });

  it('is the first list over all its pages, and what is missing is known at its end only', () => {
    const governance = open();
    const listing = governance.listing(server, 'tool');
    expect(listing.page([tool('a')])).toEqual(['approved']);
    expect(listing.page([tool('b')])).toEqual(['approved']);
    listing.end(true);
    const half = governance.listing(server, 'tool');
    half.page([tool('a')]);
    expect(half.end(false).gone).toEqual([]);
    expect(states(governance)).toEqual({ a: 'approved', b: 'approved' });
  });

  it('is not approved for ever by a first list that never ends', async () => {
    const governance = open();
    const listing = governance.listing(server, 'tool');
    expect(listing.page([tool('a')])).toEqual(['approved']);
    await clock.advance(61_000);
    expect(listing.page([tool('late')])).toEqual(['new']);
  });
});

describe('a hostile server', () => {
  const limits = { perDay: 50, perList: 100, nameLength: 20 };
  const ledgerSize = (): number => readdirSync(path.join(dir, 'servers')).reduce((sum, file) => sum + statSync(path.join(dir, 'servers', file)).size, 0);

  it('that lists without end writes so much a day and no more, which is recorded once', async () => {
    const governance = open(limits);
    const many = Array.from({ length: 1000 }, (_, k) => tool(`t${k}`));
    const { states: given } = list(governance, ...many);
    expect(given.filter((state) => state === 'approved')).toHaveLength(50);
    const size = ledgerSize();
    for (let k = 0; k < 20; k++) list(governance, ...many.map(({ name }) => tool(name, String(k))));
    expect(ledgerSize()).toBe(size);
    await governance.settled();
    expect(readdirSync(path.join(dir, 'definitions'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'))).toHaveLength(50);
    expect(governance.events.filter(({ type }) => type === 'policy.limit')).toHaveLength(1);
    await clock.advance(86_400_000);
    list(governance, ...many);
    expect(ledgerSize()).toBeGreaterThan(size);
    expect(governance.events.filter(({ type }) => type === 'policy.limit')).toHaveLength(2);
  });

  it('that changes a tool with every list is held to the same', () => {
    const governance = open(limits);
    for (let k = 0; k < 500; k++) list(governance, tool('a', String(k)));
    const lines = readFileSync(path.join(dir, 'servers', readdirSync(path.join(dir, 'servers'))[0]!), 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('"def"'))).toHaveLength(50);
    // Over the limit it is not taken for approved.
    expect(list(governance, tool('a', 'new one')).states).toEqual(['changed']);
  });

  it('that names a tool at any length does not have the name kept', () => {
    const governance = open(limits);
    expect(list(governance, tool('x'.repeat(21))).states).toEqual(['new']);
    expect(governance.definitions(id(governance))).toEqual([]);
  });

  it('cannot approve itself by the names of its tools', () => {
    const governance = open();
    list(governance, tool('a'));
    const name = 'x\n{"e":"ok","t":1,"by":"ada","d":[["tool","evil","0"]]}\ntool\nevil';
    list(governance, tool('a'), tool(name), tool('__proto__'), tool('constructor'), tool('evil'));
    expect(states(open())).toMatchObject({ a: 'approved', [name]: 'new', constructor: 'new', evil: 'new' });
  });
});
