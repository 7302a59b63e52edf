// A text that is damaged on disk is shown as damaged wherever it is shown, as is what stands for its body by pointing at it; and a
// call whose answer nobody can read is not said to have gone well.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallDetail, FrameText } from '../../../src/extension/contract/traffic';
import { JournalWriter, type JournalPosition } from '../../../src/extension/store/journalWriter';
import { RecentTraffic } from '../../../src/extension/store/recentTraffic';
import type { FrameMeta } from '../../../src/extension/store/types';
import { RecentView } from '../../../src/extension/store/worker/recentView';
import { Sealer, type SealerOptions } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { systemClock, type Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, Player, recordedIn, tempFolder, wasmFile } from '../../support/store/storeHarness';

const parts = ['request', 'response', 'upstreamRequest', 'upstreamResponse'] as const;
type Part = (typeof parts)[number];

let engine: SqlEngine;
beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});
afterAll(cleanFolders);

const fail = (message: string): never => expect.fail(message);
const viewOf = (dir: string): StoreView => new StoreView({ dir, engine, now: Date.now, breathe: () => Promise.resolve(), warn: fail });
const sealer = (dir: string, more: Partial<SealerOptions> = {}): Sealer => new Sealer({ dir, engine, me: 'me', now: Date.now, warn: fail, ...more });

function steadyClock(): Clock {
  let tick = 0;
  return { wallMs: () => 1_790_000_000_000 + tick++, monotonicUs: () => tick * 1000, timer: () => toDisposable(() => undefined) };
}

/** Numbers of frames, by call and part. */
type Frames = Readonly<Record<string, Partial<Record<Part, number>>>>;

interface Recording {
  readonly journals: readonly Buffer[];
  readonly frames: Frames;
  readonly end: JournalPosition;
}

const message = (id: number, rest: object): string => JSON.stringify({ jsonrpc: '2.0', id, ...rest });

/**
 * A window with a call whose messages are passed on unchanged, a failed one of that kind, one whose large request is kept as what
 * differs, and whose answer as it is on either leg. `isRotated`: they go on in another journal before they are answered.
 */
function record(isRotated: boolean): Recording {
  const dir = tempFolder();
  const clock = steadyClock();
  const journal = new JournalWriter({ dir, writer: 'w', clock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '/none' });
  const player = new Player({ journal }, 's', clock);
  player.initialize();
  const frames: Record<string, Partial<Record<Part, number>>> = {};
  const unchanged = [['fine', { content: [{ type: 'text', text: 'fine answer' }] }], ['failed', { isError: true, content: [{ type: 'text', text: 'failed answer' }] }]] as const;
  unchanged.forEach(([tool], index) => {
    const ask = message(70 + index, { method: 'tools/call', params: { name: tool, arguments: { text: `${tool} question` } } });
    const request = player.frame(ask, {});
    frames[tool] = { request, upstreamRequest: player.frame(ask, { leg: 'upstream', server: 'x', forwards: request, unchanged: true }) };
  });
  const asked = player.ask('srv', 'large', { text: 'large question '.repeat(400) });
  frames['large'] = { request: asked.request, upstreamRequest: asked.upstreamRequest };
  if (isRotated) journal.rotate();
  unchanged.forEach(([tool, result], index) => {
    const answer = message(70 + index, { result });
    const upstreamResponse = player.frame(answer, { leg: 'upstream', direction: 'toClient', server: 'x' });
    Object.assign(frames[tool]!, { upstreamResponse, response: player.frame(answer, { direction: 'toClient', forwards: upstreamResponse, unchanged: true }) });
  });
  Object.assign(frames['large']!, player.answer('srv', asked, { result: { isError: true, content: [{ type: 'text', text: 'large answer' }] } }));
  player.call('srv', 'last', {});
  const end = journal.position;
  journal.close();
  const journals = Array.from({ length: isRotated ? 2 : 1 }, (_, index) => readFileSync(join(dir, `w-${index + 1}.jnl`)));
  return { journals, frames, end };
}

function flipped(bytes: Buffer, text: string): Buffer {
  const at = bytes.indexOf(text);
  if (at < 0) return bytes;
  const changed = Buffer.from(bytes);
  changed[at + 3]! ^= 1;
  return changed;
}

interface Damage {
  readonly what: string;
  readonly in: 'body' | 'head';
  /** The part whose text, or head, is changed. */
  readonly of: readonly [call: string, part: Part];
  /** What has no text by that. */
  readonly lost: readonly Part[];
  readonly status: string;
  /** Only where the request and its copy are in one journal with the answer. */
  readonly isSplit?: false;
}

const damages: readonly Damage[] = [
  { what: 'a request that is passed on unchanged', in: 'body', of: ['fine', 'request'], lost: ['request', 'upstreamRequest'], status: 'ok' },
  { what: 'an answer that is passed on unchanged', in: 'body', of: ['fine', 'upstreamResponse'], lost: ['response', 'upstreamResponse'], status: 'unrecorded' },
  { what: 'an answer with an error that is passed on unchanged', in: 'body', of: ['failed', 'upstreamResponse'], lost: ['response', 'upstreamResponse'], status: 'unrecorded' },
  { what: 'an answer whose head is damaged and that is passed on unchanged', in: 'head', of: ['failed', 'upstreamResponse'], lost: ['response'], status: 'unrecorded' },
  { what: 'a large request that goes on with another name', in: 'body', of: ['large', 'request'], lost: ['request', 'upstreamRequest'], status: 'toolError' },
  { what: 'what differs from a large request', in: 'body', of: ['large', 'upstreamRequest'], lost: ['upstreamRequest'], status: 'toolError' },
  { what: 'an answer with an error that is passed on with another id', in: 'body', of: ['large', 'response'], lost: ['response'], status: 'toolError' },
  { what: 'the answer of a server that is passed on with another id', in: 'body', of: ['large', 'upstreamResponse'], lost: ['upstreamResponse'], status: 'toolError' },
];

/** Bytes of the entry of this frame to be changed: in its head, or in its text. */
function damaged(bytes: Buffer, n: number, where: 'body' | 'head'): Buffer {
  const head = bytes.indexOf(`{"n":${n},`);
  if (head < 0) return bytes;
  const changed = Buffer.from(bytes);
  changed[where === 'head' ? head + 3 : bytes.indexOf('\n', head) + 2]! ^= 1;
  return changed;
}

interface Shown {
  readonly details: ReadonlyMap<string, CallDetail>;
  /** What the SQLite file says, where there is one: damaged frames, and the calls' statuses. */
  readonly file?: { readonly damaged: readonly number[]; readonly textless: readonly number[]; readonly statuses: ReadonlyMap<string, string>; readonly damagedEntries: number };
}

async function detailsIn(view: StoreView): Promise<Map<string, CallDetail>> {
  await view.refresh();
  const { rows } = await view.page({ position: { kind: 'newest' }, limit: 100 }, () => 0);
  const details = await Promise.all(rows.map(({ id }) => view.call(id)));
  return new Map(details.map((detail) => [detail!.row.id, detail!]));
}

function fileFacts(paths: readonly string[]): Shown['file'] {
  const damaged = new Set<number>();
  const textless = new Set<number>();
  const statuses = new Map<string, string>();
  let damagedEntries = 0;
  for (const path of paths) {
    const db = new DatabaseSync(path, { readOnly: true });
    for (const { frame } of db.prepare("SELECT frame FROM frames WHERE damaged = 1 AND writer = 'w'").all() as { frame: number }[]) damaged.add(frame);
    for (const { frame } of db.prepare("SELECT frame FROM frames WHERE ifnull(body, '') = '' AND bytes > 0 AND writer = 'w'").all() as { frame: number }[]) textless.add(frame);
    for (const { id, status } of db.prepare('SELECT id, status FROM calls').all() as { id: string; status: string }[]) statuses.set(id, status);
    damagedEntries += Number((db.prepare("SELECT value FROM info WHERE key = 'damagedEntries'").get() as { value: string } | undefined)?.value ?? 0);
    db.close();
  }
  return { damaged: [...damaged].sort((a, b) => a - b), textless: [...textless].sort((a, b) => a - b), statuses, damagedEntries };
}

const pathsOf = (dir: string, journals: readonly Buffer[], suffix: string): string[] => journals.map((_, index) => join(dir, `w-${index + 1}${suffix}`));

function folderOf(journals: readonly Buffer[]): string {
  const dir = tempFolder();
  pathsOf(dir, journals, '.jnl').forEach((path, index) => writeFileSync(path, journals[index]!));
  return dir;
}

async function closing<T>(view: StoreView, use: (view: StoreView) => Promise<T>): Promise<T> {
  try {
    return await use(view);
  } finally {
    view.close();
  }
}

/** Everywhere that a message is shown. */
const places: Readonly<Record<string, (recording: Recording) => Promise<Shown>>> = {
  'in a journal': async ({ journals }) => ({ details: await closing(viewOf(folderOf(journals)), detailsIn) }),
  'in a journal that is followed': async ({ journals }) => {
    const dir = tempFolder();
    return closing(viewOf(dir), async (view) => {
      for (const [index, bytes] of journals.entries()) {
        for (let to = 1000; to < bytes.length + 1000; to += 1000) {
          writeFileSync(join(dir, `w-${index + 1}.jnl`), bytes.subarray(0, to));
          await view.refresh();
        }
      }
      return { details: await detailsIn(view) };
    });
  },
  'in a segment': (recording) => sealedAs(recording, { compressFrom: Infinity }),
  'in a segment with compressed texts': async (recording) => ({ details: (await sealedAs(recording, { compressFrom: 0 })).details }),
  'in segments that were put together': async ({ journals }) => {
    const dir = folderOf(journals);
    // Its writer comes first, so that the keys of the others change.
    const journal = new JournalWriter({ dir, writer: 'a', clock: steadyClock(), logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '/none' });
    journal.append({ k: 'event', type: 'server.started', data: {} }, 1, 1, undefined);
    journal.close();
    await sealer(dir, { mergeFrom: 2 }).recover();
    return { details: await closing(viewOf(dir), detailsIn), file: { ...fileFacts([join(dir, 'merged-me-1.sqlite')])!, damagedEntries: NaN } };
  },
  'in a snapshot': async ({ journals }) => {
    const dir = folderOf(journals);
    // What a window makes of its own journals.
    const own = sealer(dir, { me: 'w' });
    for (let k = 1; k < journals.length; k++) own.seal(k, 'handOver');
    const path = own.snapshot(journals.length);
    const before = pathsOf(dir, journals.slice(0, -1), '.sqlite');
    const file = fileFacts([...before, path]);
    rmSync(join(dir, `w-${journals.length}.jnl`));
    renameSync(path, join(dir, `w-${journals.length}.sqlite`));
    return { details: await closing(viewOf(dir), detailsIn), file };
  },
};

async function sealedAs({ journals }: Recording, options: Partial<SealerOptions>): Promise<Shown> {
  const dir = folderOf(journals);
  const { damagedEntries } = await sealer(dir, options).recover();
  const file = fileFacts(pathsOf(dir, journals, '.sqlite'))!;
  expect(file.damagedEntries).toBe(damagedEntries);
  return { details: await closing(viewOf(dir), detailsIn), file };
}

const ofCall = (shown: ReadonlyMap<string, CallDetail>, request: number): CallDetail => shown.get(`w/${request}`)!;

describe.each([['in one journal', false], ['that went on in another journal', true]])('of calls %s', (_name, isRotated) => {
  let recording: Recording;
  let truth: ReadonlyMap<string, CallDetail>;
  beforeAll(async () => {
    recording = record(isRotated);
    truth = (await places['in a journal']!(recording)).details;
    expect([...truth.values()].flatMap((detail) => parts.map((part) => detail[part]?.damaged)).filter(Boolean)).toEqual([]);
    const statuses = Object.fromEntries(Object.entries(recording.frames).map(([name, { request }]) => [name, ofCall(truth, request!).row.status]));
    expect(statuses).toEqual({ fine: 'ok', failed: 'toolError', large: 'toolError' });
  });

  describe.each(damages)('$what', ({ in: where, of: [call, part], lost, status }) => {
    it.each(Object.keys(places))('is shown as damaged %s, and nothing else is', async (place) => {
      const frames = recording.frames[call]!;
      const journals = recording.journals.map((bytes) => damaged(bytes, frames[part]!, where));
      expect(journals.filter((bytes, index) => !bytes.equals(recording.journals[index]!))).toHaveLength(1);
      const { details, file } = await places[place]!({ ...recording, journals });
      for (const [id, was] of truth) {
        const is = details.get(id);
        if (id !== `w/${frames.request}`) {
          expect(is).toEqual(was);
          continue;
        }
        expect(is?.row.status).toBe(status);
        for (const each of parts) {
          const recorded = was[each];
          const isGone = where === 'head' && each === part;
          const expected: FrameText | undefined = isGone ? undefined : lost.includes(each) ? { ...recorded!, text: '', damaged: true } : recorded;
          expect({ part: each, ...is?.[each] }).toEqual({ part: each, ...expected });
        }
        if (status === 'unrecorded') expect(is?.errorMessage).toMatch(/cannot be read/);
      }
      if (!file) return;
      const numbers = lost.map((each) => frames[each]!).sort((a, b) => a - b);
      expect([file.damaged, file.textless, file.statuses.get(`w/${frames.request}`)]).toEqual([numbers, numbers, status]);
      if (!Number.isNaN(file.damagedEntries)) expect(file.damagedEntries).toBe(1);
    });
  });
});

describe('a recorded call', () => {
  it('says which of its texts are damaged', async () => {
    const { journals, frames } = record(false);
    const dir = folderOf(journals.map((bytes) => damaged(bytes, frames['fine']!.upstreamResponse!, 'body')));
    for (const seal of [false, true]) {
      if (seal) await sealer(dir).recover();
      const calls = await recordedIn(dir);
      expect(calls.map(({ name, status, request, response, damaged: marks }) => [name, status, request !== undefined, response, marks]).filter(([, , , response]) => response === undefined)).toEqual([
        ['fine', 'unrecorded', true, undefined, ['response']],
      ]);
      expect(calls.filter((call) => 'damaged' in call)).toHaveLength(1);
    }
  });

  it('cannot be asked for a part of a text that is damaged, and the reason is told', async () => {
    const { journals, frames } = record(false);
    const dir = folderOf(journals.map((bytes) => damaged(bytes, frames['fine']!.upstreamResponse!, 'body')));
    await closing(viewOf(dir), async (view) => {
      await view.refresh();
      await expect(view.body({ id: `w/${frames['fine']!.request}`, part: 'response' }, 0, 10)).rejects.toThrow('The response of this call cannot be read: it was damaged on disk.');
    });
  });

  it('ends as its answer says where the message is lost that went on to the server: the answer is there', async () => {
    const { journals, frames } = record(false);
    const { request, upstreamRequest } = frames['failed']!;
    const dir = folderOf(journals.map((bytes) => damaged(bytes, upstreamRequest!, 'head')));
    for (const seal of [false, true]) {
      if (seal) await sealer(dir).recover();
      const detail = (await closing(viewOf(dir), detailsIn)).get(`w/${request}`);
      expect([detail?.row.status, detail?.errorMessage]).toEqual(['toolError', 'failed answer']);
      expect([detail?.response?.text.includes('failed answer'), detail?.response?.damaged]).toEqual([true, undefined]);
    }
  });

  it('keeps its messages, with their marks, also where a page of the segment is lost that they are listed on', async () => {
    const { journals, frames } = record(false);
    const { request, upstreamResponse } = frames['fine']!;
    const dir = folderOf(journals.map((bytes) => damaged(bytes, upstreamResponse!, 'body')));
    await sealer(dir).recover();
    const before = (await closing(viewOf(dir), detailsIn)).get(`w/${request}`)!;
    const path = join(dir, 'w-1.sqlite');
    const db = new DatabaseSync(path, { readOnly: true });
    const pages = db.prepare("SELECT pageno FROM dbstat WHERE name = 'frame'").all() as { pageno: number }[];
    db.close();
    const bytes = readFileSync(path);
    for (const { pageno } of pages) bytes.fill(0x5a, (pageno - 1) * 4096, pageno * 4096);
    writeFileSync(path, bytes);
    const view = new StoreView({ dir, engine, now: Date.now, breathe: () => Promise.resolve(), warn: () => undefined });
    const after = (await closing(view, detailsIn)).get(`w/${request}`)!;
    expect(after.row).toEqual(before.row);
    expect([after.request.kind, after.request.text]).toEqual(['request', before.request.text]);
    expect(after.response).toMatchObject({ frame: before.response!.frame, text: '', damaged: true });
  });

  it('stays failed where the text of an error is lost: that it was one is said elsewhere', async () => {
    const dir = tempFolder();
    const journal = new JournalWriter({ dir, writer: 'w', clock: steadyClock(), logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '/none' });
    const player = new Player({ journal }, 's', steadyClock());
    const asked = player.frame(message(1, { method: 'tools/call', params: { name: 'a' } }), {});
    player.frame(message(1, { error: { code: -32000, message: 'lost words' } }), { direction: 'toClient', cause: asked, ownMessage: true });
    journal.close();
    const path = join(dir, 'w-1.jnl');
    writeFileSync(path, flipped(readFileSync(path), 'lost words'));
    const detail = (await closing(viewOf(dir), detailsIn)).get(`w/${asked}`);
    expect([detail?.row.status, detail?.row.errorCode, detail?.response?.damaged]).toEqual(['error', undefined, true]);
    expect(detail?.errorMessage).toMatch(/cannot be read/);
  });

  it('is marked as well where bytes passed and no text was kept at all', async () => {
    const dir = tempFolder();
    const journal = new JournalWriter({ dir, writer: 'w', clock: steadyClock(), logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '/none' });
    const meta: FrameMeta = { k: 'frame', leg: 'downstream', dir: 'toServer', kind: 'request', s: 's', id: '1', method: 'ping', size: 9 };
    journal.append(meta, 1, 1, undefined);
    journal.append({ ...meta, dir: 'toClient', kind: 'result', method: undefined }, 2, 2, undefined);
    journal.close();
    for (const seal of [false, true]) {
      if (seal) await sealer(dir).recover();
      const [detail] = (await closing(viewOf(dir), detailsIn)).values();
      expect([detail?.row.status, detail?.request.damaged, detail?.response?.damaged]).toEqual(['unrecorded', true, true]);
    }
    expect(fileFacts([join(dir, 'w-1.sqlite')])?.damaged).toEqual([1, 2]);
  });
});

describe('from memory, while the worker that answers is lost', () => {
  const recent = (): RecentView => new RecentView({ dir: tempFolder(), engine, now: Date.now, breathe: () => Promise.resolve(), warn: fail }, 'w');

  it.each(damages)('$what is shown as damaged, and nothing else is', async ({ in: where, of: [call, part], lost, status }) => {
    const recording = record(false);
    const frames = recording.frames[call]!;
    const dir = folderOf(recording.journals.map((bytes) => damaged(bytes, frames[part]!, where)));
    const traffic = new RecentTraffic({ dir, wasmFile, writer: 'w', clock: systemClock, logger: nullLogger, onAdvanced: () => undefined });
    await traffic.begin(recording.end);
    for (const [name, each] of Object.entries(recording.frames)) {
      const detail = await traffic.ask<CallDetail>('call', [`w/${each.request}`]);
      const marked = parts.filter((one) => detail[one]?.damaged);
      expect([name, marked, parts.filter((one) => detail[one]?.text === '')]).toEqual([name, name === call ? lost : [], name === call ? lost : []]);
      expect(parts.filter((one) => detail[one]?.isOutOfReach)).toEqual([]);
      if (name === call) expect(detail.row.status).toBe(status);
    }
    traffic.dispose();
  });

  const meta = { k: 'frame', leg: 'downstream', dir: 'toServer', kind: 'request', s: 's', method: 'tools/call', size: 5000 } as const;
  const add = (view: RecentView, n: number, more: Partial<FrameMeta>, body: Buffer = Buffer.alloc(0)): void =>
    view.add({ n, timeMs: n, us: n, meta: { ...meta, id: String(n), ...more }, body, offset: 0, bodyOffset: 0, damaged: false });

  it.each<[string, Partial<FrameMeta>, Buffer]>([
    ['is that of an earlier one', { same: true }, Buffer.alloc(0)],
    ['differs from that of an earlier one', { cut: [3, 4] }, Buffer.from('"abc"')],
  ])('a message whose text %s than is in memory is not called damaged, but out of reach', async (_what, kind, body) => {
    const view = recent();
    add(view, 9, { fwd: 3, ...kind }, body);
    const of = async (): Promise<CallDetail | undefined> => (await view.refresh(), view.call('w/9'));
    expect((await of())?.request).toMatchObject({ text: '', isOutOfReach: true, damaged: undefined });
    // It still is when it was carried on, open as it is.
    for (let n = 10; n < 8300; n++) add(view, n, { kind: 'notification', id: undefined, method: 'notifications/progress', size: 2 }, Buffer.from('{}'));
    expect((await of())?.request).toMatchObject({ text: '', isOutOfReach: true, damaged: undefined });
    view.close();
  });

  it('an answer that is out of reach does not say that all went well', async () => {
    const view = recent();
    add(view, 5, { size: 2 }, Buffer.from('{}'));
    add(view, 6, { dir: 'toClient', kind: 'result', id: '5', method: undefined, fwd: 2, same: true });
    await view.refresh();
    const detail = await view.call('w/5');
    expect([detail?.row.status, detail?.response?.isOutOfReach, detail?.response?.damaged]).toEqual(['unrecorded', true, undefined]);
    view.close();
  });

  it('a message that repeats one of the table before has its text, also when that table is gone', async () => {
    const view = recent();
    const fill = (from: number, to: number): void => {
      for (let n = from; n <= to; n++) add(view, n, { kind: 'notification', id: undefined, method: 'notifications/progress', size: 2 }, Buffer.from('{}'));
    };
    // The last of the first table, and the first of the next.
    fill(1, 8191);
    add(view, 8192, { kind: 'notification', id: undefined, method: 'notifications/message' }, Buffer.alloc(5000, 'x'));
    add(view, 8193, { leg: 'upstream', fwd: 8192, same: true });
    await view.refresh();
    expect((await view.call('w/8193'))?.request).toMatchObject({ text: 'x'.repeat(5000), damaged: undefined, isOutOfReach: undefined });
    fill(8194, 16_400);
    await view.refresh();
    expect((await view.call('w/8193'))?.request).toMatchObject({ text: 'x'.repeat(5000), damaged: undefined, isOutOfReach: undefined });
    view.close();
  });
});
