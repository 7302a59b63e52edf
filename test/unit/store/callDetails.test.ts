// Everything that is known of one call, and its texts by parts.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BodyPart } from '../../../src/extension/contract/traffic';
import { openStoreReader, type StoreReader } from '../../../src/extension/store/reader';
import type { TrafficStore } from '../../../src/extension/store/types';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { copyVersion1 } from '../../support/store/recordedCorpus';
import { cleanFolders, openTestStore, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

const long = `${'é漢🙂a'.repeat(1_200_000)}`;
/** What the server gets of this is kept as what differs from what the client sent. */
const large = 'lärge '.repeat(2000);
const schema = { type: 'object', properties: { answer: { type: 'number' } } };

let dir: string;
let store: TrafficStore;
const ids: Record<string, string> = {};

/** One of everything, recorded as the gateway does it. */
function play(player: Player): void {
  player.recorder.event({ type: 'session.opened', session: player.session, data: { playground: true } });
  player.initialize();
  const list = player.frame({ jsonrpc: '2.0', id: 900, method: 'tools/list' }, { leg: 'upstream', server: 'a', ownMessage: true });
  player.frame({ jsonrpc: '2.0', id: 900, result: { tools: [{ name: 'solve', outputSchema: schema }, { name: 'plain' }] } }, { leg: 'upstream', direction: 'toClient', server: 'a', cause: list });
  player.recorder.event({ type: 'server.stderr', session: player.session, server: 'a', data: { lines: ['before'] } });
  const asked = player.ask('a', 'solve', { x: 1 }, { 'vscode.conversationId': 'chat', 'vscode.requestId': 'turn' });
  player.recorder.event({ type: 'server.stderr', session: player.session, server: 'a', data: { lines: ['thinking', 'hard'] } });
  player.recorder.event({ type: 'server.stderr', session: player.session, server: 'b', data: { lines: ['another server'] } });
  const up = player.frame({ jsonrpc: '2.0', id: 1, method: 'sampling/createMessage', params: {} }, { leg: 'upstream', direction: 'toClient', server: 'a', cause: asked.request });
  const down = player.frame({ jsonrpc: '2.0', id: 1, method: 'sampling/createMessage', params: {} }, { direction: 'toClient', forwards: up });
  const answer = player.frame({ jsonrpc: '2.0', id: 1, result: {} }, { headers: { 'content-type': 'application/json' } });
  player.frame({ jsonrpc: '2.0', id: 1, result: {} }, { leg: 'upstream', server: 'a', forwards: answer });
  void down;
  player.answer('a', asked, { error: { code: -32603, message: 'no', data: { stack: 'Error: no\n    at solve (server.js:1:1)' } } });
  player.recorder.event({ type: 'server.stderr', session: player.session, server: 'a', data: { lines: ['after'] } });
  player.call('a', 'large', { text: large });
  player.call('a', 'plain', {}, { content: [{ type: 'text', text: long }] });
}

beforeAll(async () => {
  dir = tempFolder();
  store = await openTestStore(dir);
  play(new Player(store));
  await store.settled();
  const { rows } = await store.page({ position: { kind: 'newest' }, limit: 10 });
  for (const row of rows) ids[row.name ?? row.method] = row.id;
}, 30_000);

afterAll(async () => {
  await store.close();
  cleanFolders();
});

describe.each(['a journal', 'a segment'])('a call in %s', (where) => {
  let reader: Pick<StoreReader, 'call' | 'body' | 'page'>;
  let close: () => Promise<void> = () => Promise.resolve();

  beforeAll(async () => {
    if (where === 'a journal') {
      reader = { call: (id) => store.call(id), body: (...args) => store.body(...args), page: (query) => store.page(query) };
      return;
    }
    await store.close();
    const opened = await openStoreReader({ dir, wasmFile, clock: systemClock, logger: nullLogger });
    reader = opened;
    close = () => opened.close();
  });
  afterAll(() => close());

  it('is told with what it was asked in, what came in its course, and what its server wrote meanwhile', async () => {
    const detail = await reader.call(ids['solve'] ?? '');
    expect(detail?.row).toMatchObject({ conversation: 'chat', prompt: 'turn', isPlayground: true });
    expect(detail?.nested).toMatchObject([{ method: 'sampling/createMessage', origin: 'server', parent: ids['solve'], conversation: 'chat', prompt: 'turn' }]);
    expect(detail?.output?.map(({ stream, text }) => `${stream} ${text}`)).toEqual(['stderr thinking', 'stderr hard']);
    expect(detail?.output?.every(({ sinceRequestUs }) => sinceRequestUs >= 0)).toBe(true);
    expect(detail?.errorStack).toBe('Error: no\n    at solve (server.js:1:1)');
    expect(detail?.request.rpcId).toBe('2');
    expect(detail?.related.find(({ headers }) => headers)?.headers).toEqual({ 'content-type': 'application/json' });
    expect(JSON.parse(detail?.outputSchema ?? '')).toEqual(schema);
    expect((await reader.call(ids['plain'] ?? ''))?.outputSchema).toBeUndefined();
  });

  it('gives what its server got, whole or in part, also where only what differs was written down', async () => {
    const id = ids['large'] ?? '';
    const sent = (of: object): Buffer => Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...of }));
    const request = sent({ id: 3, method: 'tools/call', params: { name: 'a__large', arguments: { text: large } } });
    const upstream = sent({ id: 1003, method: 'tools/call', params: { name: 'large', arguments: { text: large } } });
    expect(await reader.body({ id, part: 'request' }, 0, 1e6)).toMatchObject({ text: request.toString(), totalBytes: request.length });
    expect(await reader.body({ id, part: 'upstreamRequest' }, 0, 1e6)).toMatchObject({ text: upstream.toString(), totalBytes: upstream.length });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: upstream.length - 1 }), fc.integer({ min: 1, max: 500 }), async (fromByte, limit) => {
        const part = await reader.body({ id, part: 'upstreamRequest' }, fromByte, limit);
        expect(part.text).toBe(upstream.toString('utf8', part.fromByte, part.toByte));
      }),
      { numRuns: 30 },
    );
    expect((await reader.page({ filter: 'lärge', position: { kind: 'newest' }, limit: 10 })).rows.map((row) => row.id)).toEqual([id]);
  });

  it('gives any part of its texts, cut between characters', async () => {
    const ref = { id: ids['plain'] ?? '', part: 'response' as const };
    const whole = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 4, result: { content: [{ type: 'text', text: long }] } }));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length + 10 }), fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5_000_000 })), async (fromByte, limit) => {
        const part = await reader.body(ref, fromByte, limit);
        expect(part.totalBytes).toBe(whole.length);
        expect(part.text).toBe(whole.toString('utf8', part.fromByte, part.toByte));
        expect(part.text).not.toContain('�');
        expect(part.fromByte).toBeLessThanOrEqual(fromByte);
        expect(fromByte - part.fromByte).toBeLessThan(fromByte > whole.length ? 11 : 4);
        if (fromByte < whole.length) expect(part.toByte).toBeGreaterThan(part.fromByte);
      }),
      { numRuns: 40 },
    );
  });

  it('is read from end to end by parts', async () => {
    const parts: BodyPart[] = [];
    for (let at = 0, more = true; more; ) {
      const part = await reader.body({ id: ids['plain'] ?? '', part: 'response' }, at, 1_000_000);
      parts.push(part);
      at = part.toByte;
      more = at < part.totalBytes;
    }
    expect(JSON.parse(parts.map(({ text }) => text).join(''))).toMatchObject({ result: { content: [{ text: long }] } });
  });

  it('says where there is no such text', async () => {
    await expect(reader.body({ id: 'x/1', part: 'request' }, 0, 10)).rejects.toMatchObject({ code: 'notFound' });
    await expect(reader.body({ id: ids['initialize'] ?? '', part: 'upstreamRequest' }, 0, 10)).rejects.toMatchObject({ code: 'notFound' });
  });
});

describe('files of the first version of the schema', () => {
  it('are read beside those of today', async () => {
    const old = tempFolder();
    copyVersion1(old);
    const reader = await openStoreReader({ dir: old, wasmFile, clock: systemClock, logger: nullLogger });
    const { rows, total } = await reader.page({ position: { kind: 'newest' }, limit: 100 });
    expect(total).toBe(44);
    expect(rows.find(({ name, conversation }) => name === 'search' && conversation === 'chat')).toMatchObject({ prompt: 'turn4', status: 'ok', definition: undefined, isPlayground: undefined });
    const nested = rows.find(({ method }) => method === 'sampling/createMessage');
    expect((await reader.call(nested?.parent ?? ''))?.nested).toEqual([expect.objectContaining({ id: nested?.id })]);
    expect((await reader.statistics({ by: 'all' })).rows[0]).toMatchObject({ calls: 44, errors: 8 });
    await reader.close();
  });

  it('are as they were when they have been read', () => {
    const old = tempFolder();
    copyVersion1(old);
    for (const name of readdirSync(old)) {
      expect(execFileSync('sqlite3', [join(old, name), 'PRAGMA integrity_check; PRAGMA user_version'], { encoding: 'utf8' })).toBe('ok\n1\n');
    }
  });
});
