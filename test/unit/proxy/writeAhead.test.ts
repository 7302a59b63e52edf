// Write-ahead: when a frame is sent, it and every frame recorded so far are in the journal's file, and none of its bytes
// leave before that.
import * as nodeFs from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRecorder } from '../../../src/extension/capture/recorder';
import type { CapturedFrame } from '../../../src/extension/capture/types';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { httpServer, scriptedServer, startGateway, type GatewayFixture } from '../../support/gateway/gatewayFixture';
import { startHttpEverything, type RunningServer } from '../../support/gateway/httpEverything';
import { RawClient } from '../../support/gateway/rawClient';
import { cleanFolders, tempFolder } from '../../support/store/storeHarness';

const dir = tempFolder();
let writes = 0;
const counted = <A extends unknown[]>(write: (...args: A) => number) => (...args: A): number => {
  writes++;
  return write(...args);
};
const fs = { ...nodeFs, writeSync: counted(nodeFs.writeSync as (...args: unknown[]) => number), writevSync: counted(nodeFs.writevSync) };
const writer = new JournalWriter({ fs, dir, writer: 'w', clock: systemClock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none' });
const inner = createRecorder({ clock: systemClock, journal: writer });
const mark = /mark-\d+/g;
/** Marks that may leave on a leg: their frame's turn to be sent has come. */
const released = new Set<string>();
const wrong: string[] = [];
let sends = 0;
let markedWrites = 0;
let together = 0;

const onDisk = (): boolean => writer.stagedCount === 0 && nodeFs.statSync(join(dir, 'w-1.jnl')).size === writer.position.length;

const recorder = {
  flush: () => inner.flush(),
  event: (event: Parameters<typeof inner.event>[0]) => inner.event(event),
  frame(frame: CapturedFrame, send?: () => void): number {
    if (writer.stagedCount > 0) together++;
    return inner.frame(
      frame,
      send &&
        (() => {
          sends++;
          if (!onDisk()) wrong.push(`${frame.leg} ${frame.direction}, sent before what was recorded is on disk`);
          for (const [found] of Buffer.from(frame.bytes).toString('latin1').matchAll(mark)) released.add(`${frame.leg} ${found}`);
          send();
        }),
    );
  },
};

type Write = (this: Socket, ...args: unknown[]) => unknown;
const prototype = Socket.prototype as unknown as Record<'_writeGeneric', Write>;
const original = prototype._writeGeneric;

function textOf(data: unknown): string {
  if (Array.isArray(data)) return data.map((part: unknown) => textOf((part as { chunk?: unknown }).chunk ?? part)).join('');
  return Buffer.isBuffer(data) ? data.toString('latin1') : String(data);
}

let far: RunningServer;
let fixture: GatewayFixture;

beforeAll(async () => {
  far = await startHttpEverything();
  fixture = await startGateway(
    [scriptedServer('one', { tools: ['echo'] }), httpServer('two', far.url)],
    { recorder },
  );
  const port = Number(new URL(fixture.url).port);
  // Everything that leaves over a socket or a pipe passes here.
  prototype._writeGeneric = function (...args) {
    // Not yet: it comes by again once there is a connection. And not the client's own requests.
    if (!this.connecting && this.remotePort !== port) {
      const leg = this.localPort === port ? 'downstream' : 'upstream';
      for (const [found] of textOf(args[1]).matchAll(mark)) {
        markedWrites++;
        if (!released.has(`${leg} ${found}`)) wrong.push(`${leg} ${found} left before its turn`);
      }
    }
    return original.apply(this, args);
  };
});

afterAll(async () => {
  prototype._writeGeneric = original;
  await fixture.close();
  await far.stop();
  writer.close();
  cleanFolders();
});

let marks = 0;

describe('before anything is sent', () => {
  it.each(['/mcp', '/mcp/one', '/mcp/two'])('everything recorded is on disk, on %s', async (endpoint) => {
    const client = new RawClient(`${fixture.url}${endpoint}`, fixture.headers);
    await client.open();
    const before = { sends, markedWrites, together };
    const name = endpoint === '/mcp' ? 'one__echo' : 'echo';
    const call = (id: number, text: string): string => JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { message: text, text } } });
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    await Promise.all(Array.from({ length: 40 }, (_, k) => client.post(call(k + 10, `mark-${++marks} ${'x'.repeat(k % 3 === 0 ? 100_000 : 50)}`))));
    await client.post('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}');
    await client.post('{"jsonrpc":"2.0","id":70,"method":"nothing/known"}');
    await client.post(`[${call(71, `mark-${++marks}`)},{"jsonrpc":"2.0","method":"notifications/x"}]`);
    await client.post('{"jsonrpc":"2.0","id":');
    await client.post(call(80, `mark-${++marks}`), { accept: 'text/event-stream' });
    client.close();
    expect(wrong).toEqual([]);
    expect(sends - before.sends).toBeGreaterThan(80);
    expect(markedWrites - before.markedWrites).toBeGreaterThan(80);
    // What passes at once is written at once.
    expect(together - before.together).toBeGreaterThan(40);
  });

  it.each(['/mcp', '/mcp/one', '/mcp/two'])('a request is written with its way on, and its answer, too: two writes a call, on %s', async (endpoint) => {
    const client = new RawClient(`${fixture.url}${endpoint}`, fixture.headers);
    await client.open();
    await client.post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
    const name = endpoint === '/mcp' ? 'one__echo' : 'echo';
    const before = { writes, entries: writer.position.last };
    for (let id = 10; id < 20; id++) {
      await client.post(JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { message: 'x', text: 'x' } } }));
    }
    const after = { writes, entries: writer.position.last };
    client.close();
    expect(after.entries - before.entries).toBe(40);
    expect(after.writes - before.writes).toBe(20);
  });
});
