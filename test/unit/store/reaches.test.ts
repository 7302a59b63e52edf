// What belongs to a call is found in whichever files it lies, though most files are not asked.
import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CallDetail } from '../../../src/extension/contract/traffic';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import type { Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

const deadPid = 999_999_999;
const now = 1_800_000_000_000;
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

afterEach(() => {
  vi.restoreAllMocks();
  cleanFolders();
});

/** A call that lasts, what is asked and written in its course, and others before, meanwhile and after. */
function play(player: Player): void {
  const others = (tool: string): void => {
    for (let call = 0; call < 12; call++) {
      player.call('a', tool, { call }, { content: [{ type: 'text', text: 'x'.repeat(100) }] });
      if (call % 5 === 0) player.recorder.event({ type: 'server.stderr', session: player.session, server: 'a', data: { lines: [`${tool} ${call}`] } });
    }
  };
  player.initialize();
  const list = player.frame({ jsonrpc: '2.0', id: 900, method: 'tools/list' }, { leg: 'upstream', server: 'a', ownMessage: true });
  player.frame({ jsonrpc: '2.0', id: 900, result: { tools: [{ name: 'long', outputSchema: { type: 'object' } }] } }, { leg: 'upstream', direction: 'toClient', server: 'a', cause: list });
  others('before');
  const asked = player.ask('a', 'long', {});
  others('meanwhile');
  const up = player.frame({ jsonrpc: '2.0', id: 1, method: 'sampling/createMessage', params: {} }, { leg: 'upstream', direction: 'toClient', server: 'a', cause: asked.request });
  player.frame({ jsonrpc: '2.0', id: 1, method: 'sampling/createMessage', params: {} }, { direction: 'toClient', forwards: up });
  player.frame({ jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1 } }, { leg: 'upstream', direction: 'toClient', server: 'a', cause: asked.request });
  others('later');
  const answer = player.frame({ jsonrpc: '2.0', id: 1, result: {} }, {});
  player.frame({ jsonrpc: '2.0', id: 1, result: {} }, { leg: 'upstream', server: 'a', forwards: answer });
  others('still');
  player.answer('a', asked, { result: { content: [] } });
  others('after');
}

async function recorded(rotateBytes: number): Promise<{ view: StoreView; dir: string }> {
  const dir = tempFolder();
  const engine = await SqlEngine.start(wasmFile, dir);
  let mono = 0;
  const clock: Clock = { wallMs: () => now - 10_000_000 + mono * 10, monotonicUs: () => (mono += 10), timer: () => toDisposable(() => undefined) };
  const journal = new JournalWriter({ dir, writer: 'w', clock, logger: nullLogger, pid: deadPid, host: hostname(), socket: '', rotateBytes });
  play(new Player({ journal }, 's', clock));
  journal.close();
  const warn = (message: string): never => expect.fail(message);
  await new Sealer({ dir, engine, me: 'me', now: () => now, warn, mergeFrom: 500 }).recover();
  const view = new StoreView({ dir, engine, now: () => now, breathe, warn });
  await view.refresh();
  return { view, dir };
}

describe('calls whose messages lie in many files', () => {
  it('are told with all that belongs to them, as from one file', async () => {
    const whole = await recorded(Infinity);
    const parts = await recorded(4000);
    const segments = (dir: string): number => readdirSync(dir).filter((name) => name.endsWith('.sqlite')).length;
    expect(segments(whole.dir)).toBe(1);
    expect(segments(parts.dir)).toBeGreaterThan(10);
    const { rows } = await whole.view.page({ position: { kind: 'newest' }, limit: 1000 }, () => 0);
    const details: CallDetail[] = [];
    for (const { id } of rows) {
      const detail = await parts.view.call(id);
      expect(detail).toEqual(await whole.view.call(id));
      details.push(detail!);
    }
    const long = details.find(({ row }) => row.name === 'long');
    expect(long).toMatchObject({ nested: [{ method: 'sampling/createMessage' }], outputSchema: '{"type":"object"}' });
    expect(long?.related.length).toBeGreaterThan(2);
    expect(long?.output?.map(({ text }) => text)).toEqual(['meanwhile', 'later', 'still'].flatMap((word) => [0, 5, 10].map((call) => `${word} ${call}`)));
    whole.view.close();
    parts.view.close();
  });

  it('cost no question to files that can say nothing of them', async () => {
    const { view, dir } = await recorded(4000);
    const { rows } = await view.page({ filter: 'tool:after', position: { kind: 'newest' }, limit: 2 }, () => 0);
    const memory = (await SqlEngine.start(wasmFile, dir)).createMemory();
    memory.close();
    const id = rows[1]!.id;
    // What files reach is found out once.
    const first = await view.call(id);
    const asked = vi.spyOn(Object.getPrototypeOf(memory) as typeof memory, 'prepare');
    expect(await view.call(id)).toEqual(first);
    expect(asked.mock.calls.length).toBeLessThan(30);
    view.close();
  });
});
