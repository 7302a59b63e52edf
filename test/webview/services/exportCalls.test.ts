/** Exporting: every call once and in order while more come in, whole files or none, nothing a spreadsheet would run. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BodyPart, CallDetail, CallPage, CallQuery, CallRow, CallSort } from '../../../src/extension/contract/traffic';
import type { ExportFormat, PayloadPart, PayloadRef } from '../../../src/extension/contract/trafficApi';
import { exportCalls, type ExportSource } from '../../../src/extension/services/exportCalls';
import { detailOf } from '../../support/webview/generateCalls';
import { rowOf } from '../../support/webview/scriptedHost';
import { sortCalls } from '../../support/webview/stubViews';

/** A store of so many calls, in memory; `grow`: as many more come in with every page. */
class Store implements ExportSource {
  readonly rows: CallRow[];
  pages = 0;
  constructor(count: number, private readonly grow = 0, more: Partial<CallRow> = {}) {
    this.rows = Array.from({ length: count }, (_, i) => rowOf(i + 1, more));
  }
  readonly #bodies = new Map<string, string>();
  /** Longer texts than fit into a detail. */
  lengthen(id: string, part: PayloadPart, text: string): void {
    this.#bodies.set(`${id} ${part}`, text);
  }
  async body({ id, part }: PayloadRef, fromByte: number, limit: number): Promise<BodyPart> {
    const bytes = Buffer.from(this.#bodies.get(`${id} ${part}`)!);
    const begin = (at: number): number => (((bytes[at] ?? 0) & 0xc0) === 0x80 ? begin(at - 1) : at);
    const [from, to] = [begin(fromByte), begin(Math.min(fromByte + Math.min(limit, this.mostBytes), bytes.length))];
    return { text: bytes.toString('utf8', from, to), fromByte: from, toByte: to, totalBytes: bytes.length };
  }
  /** Of a part. */
  mostBytes = 1_000;
  async page({ position, limit, sort }: CallQuery): Promise<CallPage> {
    this.pages += 1;
    for (let i = 0; i < this.grow; i += 1) this.rows.push(rowOf(this.rows.length + 1));
    const newest = sort ? sortCalls(this.rows, sort) : this.rows.toReversed();
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
    if (!row) return undefined;
    const detail = detailOf(row);
    for (const part of ['request', 'response', 'upstreamRequest', 'upstreamResponse'] as const) {
      const text = this.#bodies.get(`${id} ${part}`);
      if (text !== undefined) Object.assign(detail, { [part]: { ...detail.request, text: text.slice(0, 50), truncated: true, bytes: text.length } });
    }
    return detail;
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

  it.each(['json', 'jsonl'] as const)('%s: holds messages of any length whole, as they were recorded', async (format) => {
    const store = new Store(20);
    const long = `{"text":"${'é"\\n\u2028😀'.repeat(3_000)}"}`;
    store.lengthen('w1/3', 'request', long);
    store.lengthen('w1/3', 'response', long);
    store.lengthen('w1/20', 'upstreamResponse', `${long} `);
    expect(await run(store, format)).toBe(20);
    const text = await out();
    const calls = (format === 'json' ? JSON.parse(text) : text.trimEnd().split('\n').map((line) => JSON.parse(line))) as Record<string, unknown>[];
    expect(calls.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, i) => `tool_${i + 1}`));
    expect([calls[2]!['request'], calls[2]!['response'], calls[19]!['upstreamResponse']]).toEqual([long, long, `${long} `]);
    expect(text).not.toContain('truncated');
  });

  it.each(['json', 'jsonl', 'txt'] as const)('%s: holds headers, the stack of an error, and what the server wrote', async (format) => {
    const store = new Store(1);
    store.call = async () => {
      const detail = detailOf(store.rows[0]!);
      return {
        ...detail,
        request: { ...detail.request, headers: { 'user-agent': 'client/1' } },
        errorMessage: 'broken',
        errorStack: 'Error: broken\n    at run',
        output: [{ timeMs: 1_700_000_000_000, sinceRequestUs: 5, stream: 'stderr', text: 'warn: slow\u001b[31m' }],
      };
    };
    await run(store, format);
    const text = await out();
    if (format === 'txt') {
      expect(text).toContain('Request, headers:\n    user-agent: client/1\nRequest (');
      expect(text).toContain('Stack:\n    Error: broken\n        at run\n');
      expect(text).toContain('Server output meanwhile:\n    2023-11-14T22:13:20.000Z stderr warn: slow\\u001b[31m');
    } else {
      const [call] = format === 'json' ? JSON.parse(text) : [JSON.parse(text)];
      expect(call).toMatchObject({ headers: { request: { 'user-agent': 'client/1' } }, errorStack: 'Error: broken\n    at run', output: [{ time: '2023-11-14T22:13:20.000Z', stream: 'stderr', text: 'warn: slow\u001b[31m' }] });
    }
  });

  it.each<[CallSort, number[]]>([
    [{ by: 'time', isDescending: true }, [7, 6, 5, 4, 3, 2, 1]],
    [{ by: 'time', isDescending: false }, [1, 2, 3, 4, 5, 6, 7]],
    [{ by: 'duration', isDescending: true }, [2, 4, 6, 7, 5, 3, 1]],
  ])('stand in the order of the list: %j', async (sort, expected) => {
    const store = new Store(7);
    store.rows.forEach((row, i) => (store.rows[i] = { ...row, durationUs: i % 2 === 1 ? 100 - i : 10 + i }));
    await exportCalls(store, { filter: '', sort, format: 'csv', file: path.join(folder, 'out'), signal: new AbortController().signal, onProgress: () => undefined });
    expect((await out()).split('\r\n').slice(1, -1).map((line) => Number(line.split('/').at(-1)))).toEqual(expected);
  });

  it('in another order than time are written once each, also over many pages, without what comes in meanwhile', async () => {
    const store = new Store(1_200);
    const page = store.page.bind(store);
    let pages = 0;
    store.page = async (query) => {
      const answer = await page(query);
      pages += 1;
      store.rows.push(rowOf(1_200 + pages, { timeMs: 1_800_000_000_000 + pages }));
      return answer;
    };
    await exportCalls(store, { filter: '', sort: { by: 'duration', isDescending: true }, format: 'csv', file: path.join(folder, 'out'), signal: new AbortController().signal, onProgress: () => undefined });
    expect((await out()).split('\r\n').slice(1, -1).map((line) => Number(line.split('/').at(-1)))).toEqual(Array.from({ length: 1_200 }, (_, i) => 1_200 - i));
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
