// @vitest-environment node
/** The Traffic service's actions over the real store: real files, a real worker, calls recorded as the gateway records them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/extension/capture/redactor';
import type { Application } from '../../../src/extension/application';
import type { TrafficSettings } from '../../../src/extension/contract/trafficApi';
import { CallActions, type CallActionsPort } from '../../../src/extension/services/callActions';
import { TrafficService, type TitledPayload, type TrafficEditorPort } from '../../../src/extension/services/trafficService';
import type { TrafficStore } from '../../../src/extension/store/types';
import { relatedOf } from '../../../src/webview/traffic/model/related';
import { cleanFolders, openTestStore, Player, tempFolder } from '../../support/store/storeHarness';

const CALLS = 1_203;
let store: TrafficStore;
let service: TrafficService;
let player: Player;
let copied = '';
let compared: readonly TitledPayload[] = [];
let exported: Promise<number> | undefined;
let settings: TrafficSettings | undefined;
const folder = mkdtempSync(path.join(tmpdir(), 'export-'));
const file = path.join(folder, 'calls');
let abort = new AbortController();
const editor: Partial<TrafficEditorPort> = {
  copy: async (text) => void (copied = text),
  comparePayloads: async (left, right) => void (compared = [left, right]),
  settings: () => settings,
  saveSettings: async (next) => void (settings = next),
  export: async (format, run) => {
    exported = run({ file, format, signal: abort.signal, onProgress: () => undefined });
  },
};

beforeAll(async () => {
  store = await openTestStore(tempFolder());
  player = new Player(store);
  player.initialize();
  for (let i = 0; i < CALLS; i += 1) player.call(i % 3 === 0 ? 'github' : 'files', `tool_${i}`, { i, big: '12345678901234567890' });
  await store.settled();
  const actions = new CallActions({ findings: () => [], versions: () => [], redactor: createRedactor(), store: async () => store, checkSchema: async () => ({ kind: 'fits' }), editor: editor as unknown as CallActionsPort, playground: () => undefined });
  service = new TrafficService({ store: async () => store } as unknown as Application, editor as TrafficEditorPort, actions);
}, 60_000);
afterAll(async () => {
  await store.close();
  cleanFolders();
  rmSync(folder, { recursive: true });
});

async function exportOf(filter: string, format: 'jsonl' | 'json' | 'csv'): Promise<string> {
  await service.exportCalls({ filter }, format);
  await exported;
  return readFileSync(file, 'utf8');
}

describe('exporting', () => {
  it('writes every call of the filter once, oldest first, with both messages', async () => {
    const lines = (await exportOf('tool:*', 'jsonl')).trimEnd().split('\n').map((line) => JSON.parse(line));
    expect(lines.map(({ name }) => name)).toEqual(Array.from({ length: CALLS }, (_, i) => `tool_${i}`));
    expect(lines[7]).toMatchObject({ server: 'files', request: { method: 'tools/call', params: { name: 'files__tool_7' } }, upstreamRequest: { params: { name: 'tool_7' } }, response: { result: {} } });
  });

  it('goes by the filter, in every format', async () => {
    expect((await exportOf('server:github', 'csv')).split('\r\n')).toHaveLength(CALLS / 3 + 2);
    expect(JSON.parse(await exportOf('server:github tool:tool_3', 'json'))).toHaveLength(1);
    expect(JSON.parse(await exportOf('server:nowhere', 'json'))).toEqual([]);
  });

  it('keeps the order asked for', async () => {
    exported = undefined;
    await service.exportCalls({ filter: 'server:github', sort: { by: 'name', isDescending: true } }, 'csv');
    await exported;
    const names = readFileSync(file, 'utf8').split('\r\n').slice(1, -1).map((line) => line.split(',')[4]!);
    expect(names).toHaveLength(CALLS / 3);
    expect(names).toEqual(names.toSorted().toReversed());
    await expect(service.exportCalls({ filter: '', sort: { by: 'colour' } as never }, 'csv')).rejects.toMatchObject({ code: 'query.invalid' });
  });

  it('refuses a filter that does not parse and a format there is not, before anything is asked', async () => {
    exported = undefined;
    await expect(service.exportCalls({ filter: '(a' }, 'csv')).rejects.toMatchObject({ code: 'query.invalid' });
    await expect(service.exportCalls({ filter: '' }, 'exe' as 'csv')).rejects.toMatchObject({ code: 'query.invalid' });
    expect(exported).toBeUndefined();
  });

  it('keeps the file that was there when cancelled', async () => {
    const before = await exportOf('server:github', 'csv');
    abort = new AbortController();
    abort.abort();
    await service.exportCalls({ filter: '' }, 'jsonl');
    await expect(exported).rejects.toMatchObject({ code: 'cancelled' });
    abort = new AbortController();
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

it('names everything recorded, with how often, for completion', async () => {
  const names = await service.names();
  expect(names).toContainEqual(expect.objectContaining({ server: 'files', method: 'tools/call', name: 'tool_1', calls: 1 }));
  expect(names.find(({ server, method, name }) => server === 'github' && method === 'tools/call' && name === undefined)?.calls).toBe(CALLS / 3);
  expect(names.filter(({ name }) => name !== undefined)).toHaveLength(CALLS);
});

describe('acting on a call', () => {
  const idOf = async (filter: string): Promise<string> => (await store.page({ filter, position: { kind: 'newest' }, limit: 1 })).rows[0]!.id;

  it('copies it in every form', async () => {
    const id = await idOf('tool:tool_5');
    await service.copyCall(id, 'jsonrpc');
    expect(JSON.parse(copied)).toMatchObject({ method: 'tools/call', params: { name: 'files__tool_5' } });
    for (const form of ['curl', 'typescript', 'markdown'] as const) {
      await service.copyCall(id, form);
      expect(copied).toContain('tool_5');
    }
    await expect(service.copyCall(id, 'x' as 'curl')).rejects.toMatchObject({ code: 'query.invalid' });
  });

  it('copies a message as it was recorded, however long', async () => {
    player.call('files', 'write_much', { text: 'x'.repeat(1_300_000), end: 'here' });
    await store.settled();
    await service.copyCall(await idOf('tool:write_much'), 'jsonrpc');
    expect(copied.length).toBeGreaterThan(1_300_000);
    expect(JSON.parse(copied)).toMatchObject({ params: { arguments: { end: 'here' } } });
  });

  it('exports a message whole, however long', async () => {
    const [call] = JSON.parse(await exportOf('tool:write_much', 'json')) as { request: string; upstreamRequest: string }[];
    expect(JSON.parse(call!.request)).toMatchObject({ params: { name: 'files__write_much', arguments: { end: 'here' } } });
    expect(JSON.parse(call!.upstreamRequest)).toMatchObject({ params: { name: 'write_much', arguments: { end: 'here' } } });
  });

  it('compares what client and server saw', async () => {
    const id = await idOf('tool:tool_5');
    await service.comparePayloads({ id, part: 'request' }, { id, part: 'upstreamRequest' });
    expect(compared.map(({ title }) => title)).toEqual(['tool_5 request', 'tool_5 request (server)']);
    await expect(service.comparePayloads({ id, part: 'request' }, undefined as never)).rejects.toMatchObject({ code: 'query.invalid' });
  });

  it('goes to a nested call by an id the store knows', async () => {
    const asked = player.ask('github', 'thinks', {});
    const sampling = { jsonrpc: '2.0', id: 9, method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } };
    const upstream = player.frame(sampling, { leg: 'upstream', direction: 'toClient', server: 'github', cause: asked.upstreamRequest });
    player.frame({ ...sampling, id: 77 }, { direction: 'toClient', forwards: upstream, cause: asked.request });
    player.answer('github', asked, { result: { content: [] } });
    await store.settled();
    const detail = await service.call(await idOf('tool:thinks'), new AbortController().signal);
    const nested = relatedOf(detail!).filter(({ callId }) => callId !== undefined);
    expect(nested).toHaveLength(1);
    expect((await store.call(nested[0]!.callId!))?.row).toMatchObject({ method: 'sampling/createMessage', origin: 'server' });
  });

  it('keeps settings, checked', async () => {
    await service.saveSettings({ savedFilters: [{ name: 'a', filter: 'b' }, 7], timeMode: 'x' } as never);
    expect(await service.settings()).toEqual({ savedFilters: [{ name: 'a', filter: 'b' }], columns: [], timeMode: 'local', layout: 'list', scope: 'all' });
  });
});
