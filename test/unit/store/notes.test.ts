// What users put on calls: kept whatever happens, the same in all windows, and never lost to retention.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NOTE_COLORS, type CallNote } from '../../../src/extension/contract/traffic';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { openStoreReader } from '../../../src/extension/store/reader';
import type { TrafficStore } from '../../../src/extension/store/types';
import { appendNotes, mergeNotes, NoteReader } from '../../../src/extension/store/worker/noteFiles';
import { decodeNote, encodeNote, noteBook, recordOf, type NoteRecord } from '../../../src/extension/store/worker/notes';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { systemClock, type Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, openTestStore, Player, recordedIn, tempFolder, wasmFile } from '../../support/store/storeHarness';

const now = 1_800_000_000_000;
const day = 86_400_000;
let engine: SqlEngine;
let stores: TrafficStore[] = [];

beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});

afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  stores = [];
  cleanFolders();
});

async function open(dir: string): Promise<TrafficStore> {
  const store = await openTestStore(dir, { pollMs: 60_000 });
  stores.push(store);
  return store;
}

const records: fc.Arbitrary<NoteRecord> = fc
  .record({
    t: fc.integer({ min: 1, max: 5 }),
    w: fc.constantFrom('a', 'b', 'c'),
    id: fc.constantFrom('w/1', 'w/2', 'w/2.1'),
    change: fc.record(
      { isPinned: fc.boolean(), color: fc.constantFrom(...NOTE_COLORS, null), comment: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })) },
      { requiredKeys: [] },
    ),
  })
  .map(({ t, w, id, change }) => recordOf(id, change, t, w));

/** A writer never gives two changes of a call the same time. */
const consistent = (all: NoteRecord[]): NoteRecord[] => [...new Map(all.map((record) => [`${record.t} ${record.w} ${record.id}`, record])).values()];

describe('notes', () => {
  it('are the same whatever order they come in, and however often', () => {
    fc.assert(
      fc.property(
        fc.array(records, { maxLength: 12 }).map(consistent).chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.subarray(all))),
        ([all, shuffled, twice]) => {
          const [one, other] = [noteBook(), noteBook()];
          for (const record of all) one.take(record);
          for (const record of [...shuffled, ...twice]) other.take(record);
          expect(other.of('w').sort((a, b) => a.n - b.n || a.part - b.part)).toEqual(one.of('w').sort((a, b) => a.n - b.n || a.part - b.part));
          const copy = noteBook();
          for (const record of one.records()) copy.take(record);
          for (const id of ['w/1', 'w/2', 'w/2.1']) expect(copy.note('w', id)).toEqual(one.note('w', id));
        },
      ),
    );
  });

  it('are read back as they were written, and a damaged line is none', () => {
    fc.assert(
      fc.property(records, fc.nat({ max: 400 }), fc.integer({ min: 1, max: 255 }), (record, at, flip) => {
        const line = encodeNote(record).trim();
        expect(decodeNote(line)).toEqual(record);
        const bytes = Buffer.from(line);
        bytes[at % bytes.length]! ^= flip;
        expect(decodeNote(bytes.toString('utf8'))).toBeUndefined();
      }),
    );
  });

  it('lose nothing but the line that a kill cut short', () => {
    const dir = tempFolder();
    appendNotes(dir, 'w', [recordOf('w/1', { isPinned: true }, 1, 'w'), recordOf('w/2', { comment: 'two' }, 2, 'w')]);
    const path = join(dir, 'notes', 'w.notes');
    truncateSync(path, readFileSync(path).length - 5);
    const reader = new NoteReader(dir, (message) => expect.fail(message));
    reader.read();
    appendNotes(dir, 'w', [recordOf('w/3', { color: 'red' }, 3, 'w')]);
    reader.read();
    expect([reader.book.note('w', 'w/1'), reader.book.note('w', 'w/2'), reader.book.note('w', 'w/3')]).toEqual([{ isPinned: true }, undefined, { color: 'red' }]);
  });

  it('of a newer version are left alone, and said to be', () => {
    const dir = tempFolder();
    mkdirSync(join(dir, 'notes'));
    writeFileSync(join(dir, 'notes', 'new.notes'), '#mcp-shark-notes 2\nwhat this means nobody knows\n');
    const warnings: string[] = [];
    const reader = new NoteReader(dir, (message) => warnings.push(message));
    reader.read();
    reader.read();
    expect(warnings).toEqual([expect.stringContaining('newer MCP Shark')]);
  });

  it('of windows that are gone are put together, and those of others left alone', async () => {
    const dir = tempFolder();
    for (let i = 0; i < 5; i++) appendNotes(dir, `dead${i}`, [recordOf(`w/${i}`, { isPinned: true }, i + 1, `dead${i}`)]);
    appendNotes(dir, 'alive', [recordOf('w/1', { isPinned: false }, 9, 'alive')]);
    appendFileSync(join(dir, 'notes', 'dead1.notes'), 'what a kill left');
    await mergeNotes(dir, 'me', 5, (writer) => Promise.resolve(writer.startsWith('dead')), (message) => expect.fail(message));
    expect(readdirSync(join(dir, 'notes')).sort()).toEqual(['alive.notes', 'merged-me-1.notes']);
    const reader = new NoteReader(dir, (message) => expect.fail(message));
    reader.read();
    expect(reader.book.of('w').map(({ n }) => n).sort()).toEqual([0, 2, 3, 4]);
  });
});

describe('a store', () => {
  it('keeps what is put on calls, shows it, finds it, and takes it away again', async () => {
    const dir = tempFolder();
    const store = await open(dir);
    const player = new Player(store);
    const ids = ['one', 'two', 'three'].map((tool) => `${tool} ${player.call('a', tool, {}).request}`);
    await store.settled();
    const rows = (await store.page({ position: { kind: 'newest' }, limit: 10 })).rows;
    const idOf = (tool: string): string => rows.find(({ name }) => name === tool)?.id ?? '';
    await store.annotate([idOf('one'), idOf('two')], { isPinned: true });
    await store.annotate([idOf('two'), 'nobody/7'], { color: 'red', comment: 'why?' });
    const named = async (filter: string): Promise<(string | undefined)[]> => (await store.page({ filter, position: { kind: 'newest' }, limit: 10 })).rows.map(({ name }) => name);
    expect(await named('is:pinned')).toEqual(['two', 'one']);
    expect(await named('color:red comment:WHY')).toEqual(['two']);
    expect((await store.call(idOf('two')))?.row.note).toEqual({ isPinned: true, color: 'red', comment: 'why?' } satisfies CallNote);
    await store.annotate([idOf('two')], { isPinned: false, color: null, comment: '' });
    expect((await store.call(idOf('two')))?.row.note).toBeUndefined();
    expect(await named('is:pinned')).toEqual(['one']);
    expect(ids).toHaveLength(3);
    await expect(store.annotate(['nobody/7'], { isPinned: true })).rejects.toMatchObject({ code: 'notFound' });
  });

  it('has them on disk when it says so, and shows them in every window at once', async () => {
    const dir = tempFolder();
    const [left, right] = [await open(dir), await open(dir)];
    new Player(left).call('a', 'tool', {});
    await left.settled();
    await right.settled();
    const { rows } = await right.page({ position: { kind: 'newest' }, limit: 1 });
    let told = 0;
    left.onDidAdvance(() => told++);
    await right.annotate([rows[0]?.id ?? ''], { comment: 'from the other window' });
    // A third process reads what would be there after a kill.
    expect((await recordedIn(dir)).map(({ note }) => note)).toEqual([{ comment: 'from the other window' }]);
    await expect.poll(() => told, { timeout: 5000 }).toBeGreaterThan(0);
    const { total } = await left.page({ filter: 'is:commented', position: { kind: 'newest' }, limit: 1 });
    expect(total).toBe(1);
  });

  it('is noticed by the others as soon as it opens', async () => {
    const dir = tempFolder();
    const first = await open(dir);
    await first.settled();
    const second = await open(dir);
    new Player(second, 's2').call('a', 'new', {});
    // Nobody looks by itself for a minute here, so it must have been told.
    await expect.poll(async () => (await first.page({ filter: 'session:s2', position: { kind: 'newest' }, limit: 1 })).total, { timeout: 5000, interval: 20 }).toBe(1);
  });
});

describe('retention', () => {
  function journalOf(dir: string, writer: string, ageMs: number): void {
    let mono = 0;
    const clock: Clock = { wallMs: () => now - ageMs, monotonicUs: () => (mono += 10), timer: () => toDisposable(() => undefined) };
    const journal = new JournalWriter({ dir, writer, clock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '' });
    const player = new Player({ journal }, `s-${writer}`, clock);
    player.initialize();
    for (let i = 0; i < 5; i++) {
      const asked = player.ask('a', `${writer}${i}`, { text: `asked ${writer}${i}` });
      if (i === 1) {
        const up = player.frame({ jsonrpc: '2.0', id: 70, method: 'elicitation/create', params: {} }, { leg: 'upstream', direction: 'toClient', server: 'a', cause: asked.request });
        player.frame({ jsonrpc: '2.0', id: 70, result: { action: 'accept' } }, { leg: 'upstream', server: 'a', forwards: up });
        player.recorder.event({ type: 'server.stderr', session: `s-${writer}`, server: 'a', data: { lines: [`said ${writer}`] } });
      }
      player.answer('a', asked, { result: { content: [{ type: 'text', text: `answer ${writer}${i}` }] } });
    }
    journal.close();
  }

  const sealerOf = (dir: string): Sealer => new Sealer({ dir, engine, me: 'me', now: () => now, warn: (message) => expect.fail(message), mergeFrom: 50 });

  it('leaves calls with notes, whole, and what is nested in them; and when the notes go, so do they', async () => {
    const dir = tempFolder();
    for (const writer of ['x', 'y', 'z']) journalOf(dir, writer, 100 * day);
    const sealer = sealerOf(dir);
    await sealer.recover();
    const before = await recordedIn(dir);
    const pinned = before.filter(({ name }) => name === 'x1' || name === 'y3').map(({ id }) => id);
    appendNotes(dir, 'w', pinned.map((id) => recordOf(id, { isPinned: true }, 1, 'w')));

    const report = await sealer.retain({ maxBytes: 0, maxAgeMs: 90 * day });
    expect(report).toMatchObject({ segments: 3, kept: 3, calls: before.length - 3, tooOld: 3 });
    expect(readdirSync(dir).sort()).toEqual(['kept-me-1.sig', 'kept-me-1.sqlite', 'notes']);
    const after = await recordedIn(dir);
    expect(after).toEqual(before.filter(({ name, method }) => name === 'x1' || name === 'y3' || method === 'elicitation/create').filter(({ id, parent }) => pinned.includes(id) || pinned.includes(parent ?? '')).map((call) => (pinned.includes(call.id) ? { ...call, note: { isPinned: true } } : call)));
    const reader = await openStoreReader({ dir, wasmFile, clock: systemClock, logger: nullLogger });
    const detail = await reader.call(pinned[0] ?? '');
    expect(detail).toMatchObject({ request: { text: expect.stringContaining('asked x1') }, response: { text: expect.stringContaining('answer x1') }, upstreamRequest: { text: expect.stringContaining('x1') }, session: { clientName: 'Visual Studio Code' } });
    expect(detail?.nested).toHaveLength(1);
    expect(detail?.output?.map(({ text }) => text)).toEqual(['said x']);
    expect((await reader.page({ filter: '"answer y3"', position: { kind: 'newest' }, limit: 5 })).total).toBe(1);
    await reader.close();

    // All that is left stays, however often it is looked at.
    expect(await sealer.retain({ maxBytes: 1, maxAgeMs: 90 * day })).toMatchObject({ segments: 0, calls: 0 });
    appendNotes(dir, 'w', [recordOf(pinned[0] ?? '', { isPinned: false }, 2, 'w')]);
    expect(await sealer.retain({ maxBytes: 0, maxAgeMs: 90 * day })).toMatchObject({ segments: 1, calls: 2, kept: 1 });
    expect((await recordedIn(dir)).map(({ name }) => name)).toEqual(['y3']);
    appendNotes(dir, 'w', [recordOf(pinned[1] ?? '', { isPinned: false }, 2, 'w')]);
    expect(await sealer.retain({ maxBytes: 0, maxAgeMs: 90 * day })).toMatchObject({ segments: 1, calls: 1, kept: 0 });
    expect(readdirSync(dir)).toEqual(['notes']);
  });

  it('cut short between copying and removing shows no call twice, and is finished later', async () => {
    const dir = tempFolder();
    journalOf(dir, 'x', 100 * day);
    const sealer = sealerOf(dir);
    await sealer.recover();
    const saved = readdirSync(dir).find((name) => name.endsWith('.sqlite'));
    const bytes = readFileSync(join(dir, saved ?? ''));
    const call = (await recordedIn(dir)).find(({ name }) => name === 'x2');
    appendNotes(dir, 'w', [recordOf(call?.id ?? '', { color: 'green' }, 1, 'w')]);
    await sealer.retain({ maxBytes: 0, maxAgeMs: 90 * day });
    writeFileSync(join(dir, saved ?? ''), bytes);
    expect((await recordedIn(dir)).map(({ name }) => name)).toEqual(['x2']);
    await sealer.recover();
    expect(readdirSync(dir).sort()).toEqual(['kept-me-1.sig', 'kept-me-1.sqlite', 'notes']);
  });
});
