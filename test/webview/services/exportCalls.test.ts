/** Exporting: every call once and in order while more come in, whole files or none, nothing a spreadsheet would run. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallDetail, CallPage, CallQuery, CallRow } from '../../../src/extension/contract/traffic';
import type { ExportFormat } from '../../../src/extension/contract/trafficApi';
import { exportCalls, type ExportSource } from '../../../src/extension/services/exportCalls';
import { detailOf } from '../../support/webview/generateCalls';
import { rowOf } from '../../support/webview/scriptedHost';

/** A store of so many calls, in memory; `grow`: as many more come in with every page. */
class Store implements ExportSource {
  readonly rows: CallRow[];
  pages = 0;
  constructor(count: number, private readonly grow = 0, more: Partial<CallRow> = {}) {
    this.rows = Array.from({ length: count }, (_, i) => rowOf(i + 1, more));
  }
  async page({ position, limit }: CallQuery): Promise<CallPage> {
    this.pages += 1;
    for (let i = 0; i < this.grow; i += 1) this.rows.push(rowOf(this.rows.length + 1));
    const newest = this.rows.toReversed();
    const at = 'cursor' in position ? newest.findIndex((row) => row.id === position.cursor) : position.kind === 'offset' ? position.offset : 0;
    const from = position.kind === 'olderThan' ? at + 1 : position.kind === 'newerThan' ? Math.max(0, at - limit) : at;
    const rows = newest.slice(from, position.kind === 'newerThan' ? at : from + limit);
    const [first, last] = [rows[0], rows.at(-1)];
    return {
      rows, total: newest.length, offset: from, through: newest.length,
      ...(last && last !== newest.at(-1) ? { olderCursor: last.id } : {}),
      ...(first && first !== newest[0] ? { newerCursor: first.id } : {}),
    };
  }
  async call(id: string): Promise<CallDetail | undefined> {
    const row = this.rows.find((one) => one.id === id);
    return row && detailOf(row);
  }
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'export-'));
});
afterEach(() => rm(folder, { recursive: true }));
const run = (source: ExportSource, format: ExportFormat, signal = new AbortController().signal, onProgress = (): void => undefined): Promise<number> =>
  exportCalls(source, { filter: '', format, file: path.join(folder, 'out'), signal, onProgress });
const out = (): Promise<string> => readFile(path.join(folder, 'out'), 'utf8');

describe.each([0, 1, 499, 500, 501, 1_700])('%i calls', (count) => {
  it.each([0, 3])('are written once each, oldest first, while %i more come in per page', async (grow) => {
    const written = await run(new Store(count, count === 0 ? 0 : grow), 'csv');
    const ids = (await out()).split('\r\n').slice(1, -1).map((line) => Number(line.split('/').at(-1)));
    // What came in before the first answer was there when asked.
    const expected = count === 0 ? 0 : count + grow;
    expect(ids).toEqual(Array.from({ length: expected }, (_, i) => i + 1));
    expect(written).toBe(expected);
  });
});

describe('the formats', () => {
  it('text: each call as something to read, notes included, nothing a terminal would act on', async () => {
    const store = new Store(2, 0, { note: { isPinned: true, color: 'red', comment: 'look at\nthis' }, name: 'evil\u001b[31m\u202e' });
    expect(await run(store, 'txt')).toBe(2);
    const text = await out();
    expect(text).toMatch(/^MCP Shark: calls\n\n-{80}\n2023-11-14T22:13:20\.001Z {2}ok {2}github {2}tools\/call evil/);
    expect(text).toContain('Note:     pinned, red\nComment:\n    look at\n    this\n');
    expect(text).toMatch(/Request \(\d+ bytes\):\n {4}\{\n {4} {2}"jsonrpc": "2\.0",/);
    expect(text.split('Response (')).toHaveLength(3);
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it('JSON Lines: one call with its messages per line', async () => {
    await run(new Store(3), 'jsonl');
    const lines = (await out()).trimEnd().split('\n').map((line) => JSON.parse(line));
    expect(lines.map(({ name }) => name)).toEqual(['tool_1', 'tool_2', 'tool_3']);
    expect(lines[0]).toMatchObject({ status: 'ok', request: { jsonrpc: '2.0', method: 'tools/call' }, response: { jsonrpc: '2.0' } });
  });

  it.each([0, 1, 600])('JSON: one array, also of %i', async (count) => {
    await run(new Store(count), 'json');
    expect(JSON.parse(await out())).toHaveLength(count);
  });

  it('keeps a message that is no JSON, or whose digits JSON would lose, as its text', async () => {
    const source = new Store(1);
    source.call = async () => {
      const detail = detailOf(source.rows[0]!);
      return { ...detail, request: { ...detail.request, text: '{"id":12345678901234567890}' }, response: { ...detail.request, text: 'not json' } };
    };
    await run(source, 'jsonl');
    expect(JSON.parse(await out())).toMatchObject({ request: '{"id":12345678901234567890}', response: 'not json' });
  });

  it.each(['=1+1', '+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1', ' =1', '|calc', '%x'])('CSV: %j is text, never a formula', async (name) => {
    await run(new Store(1, 0, { name, detail: 'a "quoted", b\nsecond line' }), 'csv');
    const text = await out();
    expect(text).toMatch(/,"?'/);
    expect(text).toContain('"a ""quoted"", b\nsecond line"');
  });

  it('keeps a message that is nested too deeply to be written as its text', async () => {
    const store = new Store(2);
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const call = store.call.bind(store);
    store.call = async (id) => {
      const detail = await call(id);
      return detail && { ...detail, request: { ...detail.request, text: deep } };
    };
    expect(await run(store, 'json')).toBe(2);
    expect((JSON.parse(await out()) as { request: unknown }[]).map(({ request }) => request)).toEqual([deep, deep]);
  });

  it('CSV: numbers stay numbers', async () => {
    await run(new Store(1, 0, { errorCode: -32_603, status: 'error' }), 'csv');
    expect(await out()).toContain(',-32603,');
  });
});

describe('an export that does not come to its end', () => {
  it('leaves nothing when cancelled, and what stood there before stays', async () => {
    await writeFile(path.join(folder, 'out'), 'before');
    const abort = new AbortController();
    const done = run(new Store(2_000), 'jsonl', abort.signal, () => abort.abort());
    await expect(done).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(folder)).toEqual(['out']);
    expect(await out()).toBe('before');
  });

  it('leaves nothing when the store fails', async () => {
    const source = new Store(1_200);
    source.call = () => Promise.reject(new Error('gone'));
    await expect(run(source, 'json')).rejects.toThrow('gone');
    expect(await readdir(folder)).toEqual([]);
  });
});
