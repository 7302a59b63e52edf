// The journal's bytes: what is written is read back. Damage anywhere in it: journalDamage.test.ts.
import { appendFileSync, closeSync, existsSync, fdatasync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as nodeFs from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeHeader, journalVersion } from '../../../src/extension/store/journalFormat';
import { JournalReader, readAtOf } from '../../../src/extension/store/journalReader';
import { JournalWriter, type JournalFs, type JournalWriterOptions } from '../../../src/extension/store/journalWriter';
import type { EntryMeta } from '../../../src/extension/store/types';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { ManualClock } from '../../support/store/manualClock';
import { cleanFolders, readJournal, tempFolder } from '../../support/store/storeHarness';

let dir: string;
beforeEach(() => {
  dir = tempFolder();
});
const writers: JournalWriter[] = [];
afterEach(() => {
  for (const writer of writers.splice(0)) writer.close();
  cleanFolders();
});

function write(options: Partial<JournalWriterOptions> = {}): JournalWriter {
  const writer = new JournalWriter({ dir, writer: 'w', clock: systemClock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none', ...options });
  writers.push(writer);
  return writer;
}

const meta: EntryMeta = { k: 'frame', leg: 'downstream', dir: 'toServer', kind: 'request', s: 's', id: '1', method: 'tools/call', size: 3 };

const path = (): string => join(dir, 'w-1.jnl');

/** A clock that stands still until it is moved. */
describe('a journal', () => {
  it('gives back entries exactly as they were appended', () => {
    const writer = write();
    const metas: [EntryMeta, Buffer][] = [
      [meta, Buffer.from('{"a":"ü\\n"}')],
      [{ ...meta, id: '"q\\"uote"', srv: 'server "x"\n', method: 'odd\u2028method', fwd: 1, cause: 1, own: true, headers: { a: 'b"c' }, red: 2 }, Buffer.from([0, 10, 35, 255])],
      [{ ...meta, kind: 'result', same: true, fwd: 1 }, Buffer.alloc(0)],
      [{ k: 'event', type: 'server.stderr', srv: 'a', s: 's', data: { text: 'line\n#1 2 3' } }, Buffer.alloc(0)],
      [meta, Buffer.alloc(3_000_000, '\n#')],
    ];
    metas.forEach(([each, body], index) => expect(writer.append(each, 1_700_000_000_000 + index, index * 7, body)).toBe(index + 1));
    const { entries, reader } = readJournal(path());
    expect(entries.map(({ n, timeMs, us }) => [n, timeMs, us])).toEqual(metas.map((_, index) => [index + 1, 1_700_000_000_000 + index, index * 7]));
    entries.forEach((entry, index) => {
      const [expected, body] = metas[index]!;
      if (expected.k === 'frame') {
        expect(entry.meta).toEqual(JSON.parse(JSON.stringify(expected)));
        expect(entry.body.equals(body)).toBe(true);
      } else {
        const { data, ...rest } = expected;
        expect(entry.meta).toEqual(rest);
        expect(JSON.parse(entry.body.toString())).toEqual(data);
      }
    });
    expect([reader.damagedBytes, reader.damagedEntries, reader.tornBytes]).toEqual([0, 0, 0]);
    expect(reader.header).toMatchObject({ version: journalVersion, writer: 'w', k: 1, pid: process.pid });
  });

  it('gives back whole what was kept as what differs from another entry, whatever stands between them', () => {
    const edit = fc.record({ place: fc.nat(), length: fc.nat(), text: fc.uint8Array({ minLength: 1, maxLength: 40 }), between: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(fc.integer({ min: 4096, max: 700_000 }), fc.array(edit, { minLength: 1, maxLength: 5 }), (size, edits) => {
        rmSync(path(), { force: true });
        const writer = write();
        const from = Buffer.from(Array.from({ length: size }, (_, k) => (k * 31 + (k >> 8)) & 255));
        const first = writer.append({ ...meta, size }, 1, 1, from);
        const wanted = new Map([[first, from]]);
        for (const { place, length, text, between } of edits) {
          const at = place % size;
          const gone = length % (size - at);
          for (let k = 0; k < between; k++) writer.append(meta, 1, 1, Buffer.alloc(300_000, 'x'));
          const whole = Buffer.concat([from.subarray(0, at), text, from.subarray(at + gone)]);
          wanted.set(writer.append({ ...meta, fwd: first, cut: [at, gone], size: whole.length }, 1, 1, text), whole);
        }
        writer.close();
        const { entries, reader } = readJournal(path());
        for (const [n, whole] of wanted) {
          const entry = entries.find((each) => each.n === n);
          expect(entry?.body.equals(whole)).toBe(true);
          expect([entry?.damaged, entry?.meta.k === 'frame' && entry.meta.cut, entry?.meta.k === 'frame' && entry.meta.size]).toEqual([false, undefined, whole.length]);
        }
        expect(reader.damagedEntries).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('of the version before is read', () => {
    const writer = write();
    writer.append(meta, 1, 1, Buffer.from('abc'));
    writer.close();
    const facts = { writer: 'w', k: 1, pid: process.pid, host: 'h', socket: '/none', startedMs: 0 };
    const body = readFileSync(path());
    writeFileSync(path(), Buffer.concat([encodeHeader({ version: 1, ...facts }), body.subarray(body.indexOf(10) + 1)]));
    const { entries, reader } = readJournal(path());
    expect([reader.header?.version, entries.map((entry) => entry.body.toString())]).toEqual([1, ['abc']]);
  });

  it('is on disk, private to the user, before append returns', () => {
    const writer = write();
    writer.append(meta, 1, 1, Buffer.from('abc'));
    expect(readFileSync(path(), 'latin1')).toContain('\nabc\n');
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    const made = join(dir, 'new');
    write({ dir: made });
    expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  it('is synced at most 50 ms after the first byte that is not, one sync at a time', async () => {
    const clock = new ManualClock();
    const syncs: number[] = [];
    let finish: (() => void) | undefined;
    const fs = { ...nodeFs, fdatasync: (_fd: number, done: (error: null) => void) => ((finish = () => done(null)), void syncs.push(clock.us / 1000)) } as unknown as JournalFs;
    const writer = write({ clock, fs });
    writer.append(meta, 1, 1, undefined);
    clock.advance(30);
    writer.append(meta, 1, 1, undefined);
    clock.advance(20);
    expect(syncs).toEqual([50]);
    writer.append(meta, 1, 1, undefined);
    clock.advance(200);
    expect(syncs).toEqual([50]);
    finish?.();
    clock.advance(50);
    expect(syncs).toEqual([50, 300]);
    finish?.();
    clock.advance(500);
    expect(syncs).toEqual([50, 300]);
  });

  it('is synced at once where much is not, while more is written, one sync at a time', () => {
    const clock = new ManualClock();
    let syncs = 0;
    let finish: (() => void) | undefined;
    const fs = { ...nodeFs, fdatasync: (_fd: number, done: (error: null) => void) => ((finish = () => done(null)), void syncs++) } as unknown as JournalFs;
    const writer = write({ clock, fs });
    const megabyte = Buffer.alloc(2 ** 20, 'x');
    const append = (count: number): void => {
      for (let k = 0; k < count; k++) writer.append(meta, 1, 1, megabyte);
    };
    append(3);
    expect(syncs).toBe(0);
    append(1);
    expect(syncs).toBe(1);
    append(6);
    expect(syncs).toBe(1);
    // Six more are there by now.
    finish?.();
    expect(syncs).toBe(2);
    finish?.();
    append(1);
    expect(syncs).toBe(2);
    clock.advance(50);
    expect(syncs).toBe(3);
  });

  it('goes on in a new file when it is full or old, and numbers entries on', () => {
    const clock = new ManualClock();
    const writer = write({ clock, rotateBytes: 2000, rotateAfterMs: 1000 });
    const rotated: number[] = [];
    writer.onDidRotate((k) => rotated.push(k));
    const first = writer.append(meta, 1, 1, Buffer.alloc(10));
    expect(writer.canReferTo(first)).toBe(true);
    writer.append(meta, 1, 1, Buffer.alloc(3000));
    expect(rotated).toEqual([1]);
    expect(writer.canReferTo(first)).toBe(false);
    writer.append(meta, 1, 1, undefined);
    clock.advance(1001);
    writer.append(meta, 1, 1, undefined);
    expect(rotated).toEqual([1, 2]);
    expect(writer.append(meta, 1, 1, undefined)).toBe(5);
    expect(readJournal(path()).entries.map(({ n }) => n)).toEqual([1, 2]);
  });

  it('of a newer version is refused with a message that says so', () => {
    writeFileSync(path(), encodeHeader({ version: journalVersion + 1, writer: 'w', k: 1, pid: 1, host: 'h', socket: '', startedMs: 0 }));
    expect(() => readJournal(path())).toThrow(/newer MCP Shark/);
  });
});

function journalOf(contents: readonly Buffer[]): { bytes: Buffer; ends: number[]; starts: number[] } {
  rmSync(path(), { force: true });
  const writer = write();
  const starts: number[] = [];
  const ends = contents.map((body) => {
    starts.push(writer.position.length);
    // A body that quotes the journal itself, up to here.
    writer.append(meta, 1, 1, body);
    return writer.position.length;
  });
  writer.close();
  return { bytes: readFileSync(path()), ends, starts };
}

describe('a damaged journal', () => {
  it.each<[string, (bytes: Buffer, starts: readonly number[]) => void]>([
    ['in its text', (bytes, starts) => bytes.fill(0x78, starts[1]! - 1000, starts[1]! - 900)],
    ['in its head', (bytes, starts) => bytes.fill(0x78, starts[0]! + 3, starts[0]! + 30)],
  ])('gives no half of an entry that was kept as what differs from one damaged %s', (_, damage) => {
    const writer = write();
    const starts = [writer.position.length];
    const from = Buffer.alloc(5000, 'a');
    writer.append({ ...meta, size: 5000 }, 1, 1, from);
    starts.push(writer.position.length);
    writer.append({ ...meta, fwd: 1, cut: [10, 3], size: 4999 }, 1, 1, Buffer.from('bb'));
    writer.append(meta, 1, 1, Buffer.from('c'));
    writer.close();
    const bytes = readFileSync(path());
    damage(bytes, starts);
    writeFileSync(path(), bytes);
    const { entries, reader } = readJournal(path());
    const found = entries.find(({ n }) => n === 2);
    expect([found?.damaged, found?.body.length, found?.meta]).toEqual([true, 0, JSON.parse(JSON.stringify({ ...meta, fwd: 1, size: 4999 }))]);
    expect(entries.at(-1)?.body.toString()).toBe('c');
    // What points at it was not touched itself.
    expect(reader.damagedEntries).toBe(1);
  });

  it('whose tail is zeros gives everything before them', () => {
    const { ends } = journalOf([Buffer.from('a'), Buffer.from('b')]);
    appendFileSync(path(), Buffer.alloc(10_000));
    expect(ends).toHaveLength(2);
    expect(readJournal(path()).entries).toHaveLength(2);
  });

  it('with a broken first line is known by its name', () => {
    const { bytes } = journalOf([Buffer.from('a'), Buffer.from('b')]);
    bytes.fill(0x78, 0, 30);
    writeFileSync(path(), bytes);
    expect(readJournal(path()).entries.map(({ body }) => body.toString())).toEqual(['a', 'b']);
  });

  it('never takes a body for entries, not even one that holds another journal', () => {
    const inner = journalOf([Buffer.from('x'), Buffer.from('y'), Buffer.from('z')]).bytes;
    const { bytes, starts } = journalOf([Buffer.from('a'), inner, Buffer.from('b')]);
    // Damage the head of the entry with the journal in it.
    bytes[(starts[1] ?? 0) + 1] = 0x39;
    writeFileSync(path(), bytes);
    // Numbers must rise: of the copy, only what could be new is even considered, and of that nothing is before entry 3.
    const { entries } = readJournal(path());
    expect(entries.find(({ n }) => n === 1)?.body.toString()).toBe('a');
    expect(entries.filter(({ body }) => body.toString() === 'b')).toHaveLength(entries.some(({ n, body }) => n === 3 && body.toString() === 'z') ? 0 : 1);
  });

  it('is waited for where an entry is still being written', () => {
    const { bytes, ends } = journalOf([Buffer.from('a'), Buffer.alloc(5000, 'b')]);
    const cut = (ends[0] ?? 0) + 2000;
    writeFileSync(path(), bytes.subarray(0, cut));
    const fd = openSync(path(), 'r');
    const numbers: number[] = [];
    const reader = new JournalReader(readAtOf(fd), 'w', 1);
    expect(reader.read(cut, false, ({ n }) => void numbers.push(n))).toBe(false);
    writeFileSync(path(), bytes);
    expect(reader.read(bytes.length, false, ({ n }) => void numbers.push(n))).toBe(true);
    closeSync(fd);
    expect(numbers).toEqual([1, 2]);
    expect(reader.damagedEntries).toBe(0);
  });
});

/** File operations of which one fails, as long as `failing` says so. */
function faulty(operation: keyof JournalFs, code: string, state: { failing: boolean }): JournalFs {
  const broken = (...args: unknown[]): unknown => {
    if (!state.failing) return (nodeFs[operation] as (...all: unknown[]) => unknown)(...args);
    throw Object.assign(new Error(`${code}: injected`), { code });
  };
  return { ...nodeFs, [operation]: broken } as JournalFs;
}

describe('a journal that cannot be written', () => {
  it.each([
    ['the disk is full', 'writeSync', 'ENOSPC'],
    ['the disk fails', 'writeSync', 'EIO'],
    ['the folder cannot be made', 'mkdirSync', 'EROFS'],
    ['the file cannot be opened', 'openSync', 'EACCES'],
  ] as const)('when %s counts what is missing, resumes by itself and says what is missing', (_name, operation, code) => {
    const clock = new ManualClock();
    const state = { failing: operation !== 'writeSync' };
    const writer = write({ clock, fs: faulty(operation, code, state) });
    if (operation === 'writeSync') expect(writer.append(meta, 5, 5, Buffer.from('kept'))).toBe(1);
    state.failing = true;
    const lost = [writer.append(meta, 10, 10, Buffer.from('x')), writer.append(meta, 20, 20, Buffer.from('y'))];
    expect(writer.trouble).toMatchObject({ missing: 2 });
    expect(lost.every((n) => !writer.canReferTo(n))).toBe(true);
    clock.advance(100);
    expect(writer.trouble).toBeDefined();
    state.failing = false;
    clock.advance(5000);
    expect(writer.trouble).toBeUndefined();
    writer.append(meta, 30, 30, Buffer.from('after'));
    const { entries, reader } = readJournal(path());
    const gap = entries.find((entry) => entry.meta.k === 'event' && entry.meta.type === 'store.gap');
    expect(JSON.parse(gap?.body.toString() ?? '')).toMatchObject({ count: 2, fromMs: 10, toMs: 20, firstNumber: lost[0], lastNumber: lost[1] });
    expect(entries.at(-1)?.body.toString()).toBe('after');
    expect(reader.damagedEntries).toBe(0);
  });

  it('resumes with the next entry when a pause has passed', () => {
    const clock = new ManualClock();
    const state = { failing: false };
    const writer = write({ clock, fs: faulty('writeSync', 'ENOSPC', state) });
    state.failing = true;
    writer.append(meta, 1, 1, undefined);
    state.failing = false;
    writer.append(meta, 1, 1, undefined);
    expect(writer.trouble?.missing).toBe(2);
    clock.us += 100_000;
    writer.append(meta, 1, 1, Buffer.from('back'));
    expect(writer.trouble).toBeUndefined();
    expect(readJournal(path()).entries.map(({ n }) => n)).toEqual([3, 4]);
  });

  it('keeps entries whole when a write stops in the middle', () => {
    const clock = new ManualClock();
    let torn = false;
    const fs = {
      ...nodeFs,
      writeSync: (fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
        if (!torn) return nodeFs.writeSync(fd, bytes, offset, length, position);
        if (length < 20) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        return nodeFs.writeSync(fd, bytes, offset, 15, position);
      },
    } as unknown as JournalFs;
    const writer = write({ clock, fs });
    writer.append(meta, 1, 1, Buffer.from('first'));
    torn = true;
    writer.append(meta, 1, 1, Buffer.alloc(1000, 'x'));
    expect(readJournal(path()).reader.tornBytes).toBe(0);
    torn = false;
    clock.advance(200);
    writer.append(meta, 1, 1, Buffer.from('last'));
    const { entries, reader } = readJournal(path());
    expect(entries.map(({ body, meta: { k } }) => (k === 'event' ? 'gap' : body.toString()))).toEqual(['first', 'gap', 'last']);
    expect(reader.damagedEntries).toBe(0);
  });

  it('goes on elsewhere and says what is missing when its file was deleted', async () => {
    const clock = new ManualClock();
    let synced: (() => void) | undefined;
    const fs = { ...nodeFs, fdatasync: (fd: number, done: (error: Error | null) => void) => fdatasync(fd, (error) => (done(error), synced?.())) } as unknown as JournalFs;
    const writer = write({ clock, fs });
    writer.append(meta, 1, 1, Buffer.from('gone'));
    rmSync(path());
    const checked = new Promise<void>((resolve) => (synced = resolve));
    clock.us += 3_000_000;
    clock.advance(50);
    await checked;
    expect(existsSync(join(dir, 'w-2.jnl'))).toBe(true);
    const types = readJournal(join(dir, 'w-2.jnl'), 2).entries.map((entry) => (entry.meta.k === 'event' ? entry.meta.type : ''));
    expect(types).toEqual(['store.gap']);
  });

  it('goes on elsewhere when another window took its file, which loses nothing', async () => {
    const clock = new ManualClock();
    let synced: (() => void) | undefined;
    const fs = { ...nodeFs, fdatasync: (fd: number, done: (error: Error | null) => void) => fdatasync(fd, (error) => (done(error), synced?.())) } as unknown as JournalFs;
    const writer = write({ clock, fs });
    writer.append(meta, 1, 1, Buffer.from('kept'));
    renameSync(path(), join(dir, 'w-1.jnl.by-other'));
    const checked = new Promise<void>((resolve) => (synced = resolve));
    clock.us += 3_000_000;
    clock.advance(50);
    await checked;
    expect(writer.position.k).toBe(2);
    expect(readJournal(join(dir, 'w-1.jnl.by-other')).entries).toHaveLength(1);
  });

  it('never throws at its caller after it was closed', () => {
    const writer = write();
    writer.close();
    expect(writer.append(meta, 1, 1, Buffer.from('x'))).toBe(1);
    mkdirSync(join(dir, 'unused'));
    expect(readdirSync(dir).sort()).toEqual(['unused', 'w-1.jnl']);
  });

  it('touches no file after it was closed: its number may be that of another by then', () => {
    const touched: string[] = [];
    const watched = new Proxy(nodeFs, {
      get: (fs, name) => {
        const real: unknown = Reflect.get(fs, name);
        return typeof real === 'function' ? (...args: unknown[]) => (touched.push(String(name)), (real as (...args: unknown[]) => unknown)(...args)) : real;
      },
    });
    const writer = write({ fs: watched as unknown as JournalFs });
    writer.close();
    touched.length = 0;
    writer.append(meta, 1, 1, Buffer.from('x'));
    writer.append(meta, 1, 1, Buffer.from('y'), true);
    expect(touched).toEqual([]);
  });
});

