// When items of the catalogue were used last: by the Playground or by others, however long ago, also while it is open.
import { afterAll, describe, expect, it } from 'vitest';
import type { CatalogKind } from '../../../src/extension/contract/playgroundCatalog';
import { LastUsed } from '../../../src/extension/playground/lastUsed';
import type { RecordedCalls } from '../../../src/extension/playground/ports';
import { recordedCalls } from '../../../src/extension/services/playgroundWorld';
import { systemClock } from '../../../src/extension/util/clock';
import { Emitter } from '../../../src/extension/util/event';
import { scriptedServer } from '../../support/gateway/gatewayFixture';
import { startPlayground } from '../../support/playground/playgroundFixture';
import { cleanFolders, openTestStore, Player, tempFolder } from '../../support/store/storeHarness';

type Use = Awaited<ReturnType<RecordedCalls['lastUses']>>[number];
afterAll(cleanFolders);

describe('the audit log', () => {
  it('knows the last use of a tool that was called before a thousand others, and of the server that is asked about', async () => {
    const store = await openTestStore(tempFolder());
    try {
      const player = new Player(store);
      player.initialize();
      player.call('a', 'rare', {});
      player.call('b', 'elsewhere', {});
      for (let i = 0; i < 1_001; i += 1) player.call('a', 'busy', {});
      const read = player.frame({ jsonrpc: '2.0', id: 'r', method: 'resources/read', params: { uri: 'x://1' } }, { server: 'a' });
      player.frame({ jsonrpc: '2.0', id: 'r', method: 'resources/read', params: { uri: 'x://1' } }, { leg: 'upstream', server: 'a', forwards: read });
      await store.settled();
      const calls = recordedCalls({ store: async () => store, onDidAdvance: store.onDidAdvance });
      const uses = await calls.lastUses('a', undefined);
      expect(uses.map(({ method, name }) => `${method} ${name}`).sort()).toEqual(['resources/read x://1', 'tools/call busy', 'tools/call rare']);
      expect(uses.every(({ timeMs }) => Math.abs(timeMs - systemClock.wallMs()) < 60_000)).toBe(true);
      expect(await calls.lastUses('a', systemClock.wallMs() + 60_000)).toEqual([]);
    } finally {
      await store.close();
    }
  });
});

describe('the last use of an item', () => {
  let uses: readonly Use[] = [];
  const asked: (number | undefined)[] = [];
  let nowMs = 1_000_000;
  const make = (): LastUsed =>
    new LastUsed({
      server: 's',
      catalog: { find: (kind: CatalogKind, name: string) => (kind === 'resource' && name === 'x://listed' ? ({} as never) : undefined), templates: () => [{ name: 'x://{id}' } as never] },
      calls: { lastUses: async (_server, sinceMs) => (asked.push(sinceMs), uses) },
      clock: { ...systemClock, wallMs: () => nowMs },
    });

  it('is learnt of all the log first, then of what is new', async () => {
    asked.length = 0;
    const last = make();
    await last.learn(false);
    nowMs += 300_000;
    await last.learn(false);
    await last.learn(true);
    expect(asked).toEqual([undefined, 1_000_000 - 60_000, undefined]);
  });

  it('is news only where it is a later one, and a run of the Playground keeps its own time', async () => {
    const last = make();
    last.used('tool', 't', 50_000);
    uses = [{ method: 'tools/call', name: 't', timeMs: 50_004 }];
    expect([await last.learn(false), last.of('tool', 't')]).toEqual([false, 50_000]);
    uses = [{ method: 'tools/call', name: 't', timeMs: 60_004 }];
    expect([await last.learn(false), last.of('tool', 't')]).toEqual([true, 60_004]);
    last.used('tool', 't', 60_000);
    last.used('tool', 't', 10_000);
    expect(last.of('tool', 't')).toBe(60_000);
  });

  it('of a template is that of a resource it gives which is not listed itself', async () => {
    const last = make();
    uses = [{ method: 'resources/read', name: 'x://7', timeMs: 7 }, { method: 'resources/read', name: 'x://listed', timeMs: 9 }, { method: 'ping', timeMs: 9 }];
    expect(await last.learn(true)).toBe(true);
    expect([last.of('template', 'x://{id}'), last.of('resource', 'x://listed'), last.of('tool', 'x://7')]).toEqual([7, 9, undefined]);
  });
});

it('what others use while the Playground is open is shown, a while after it was recorded', async () => {
  const recorded = new Emitter<void>();
  let uses: readonly Use[] = [];
  const soon = { ...systemClock, timer: (ms: number, fn: () => void) => systemClock.timer(ms === 5_000 ? 1 : ms, fn) };
  const fixture = await startPlayground([scriptedServer('s', { tools: ['echo'] })], {
    clock: soon,
    calls: { callId: async () => undefined, row: async () => undefined, lastUses: async () => uses, onDidRecord: recorded.event },
  });
  try {
    await fixture.connect('s');
    const revision = (): number => fixture.playground.state.servers[0]!.revision;
    const before = revision();
    recorded.fire();
    uses = [{ method: 'tools/call', name: 'echo', timeMs: 77_000 }];
    recorded.fire();
    await fixture.until('another revision', () => revision() > before);
    expect(fixture.playground.catalog('s', '').items).toMatchObject([{ name: 'echo', lastUsedMs: 77_000 }]);
  } finally {
    await fixture.close();
  }
});

it('the tokens of all definitions of a server are summed by kind', async () => {
  const fixture = await startPlayground([scriptedServer('s', { tools: ['echo', { name: 'long', description: 'x'.repeat(4_000) }] })]);
  try {
    await fixture.connect('s');
    const { items } = fixture.playground.catalog('s', '');
    const { tokens } = fixture.playground.state.servers[0]!;
    expect(tokens).toEqual({ tool: items.reduce((sum, item) => sum + item.tokens, 0), prompt: 0, resource: 0, template: 0 });
    expect(tokens.tool).toBeGreaterThan(1_000);
  } finally {
    await fixture.close();
  }
});
