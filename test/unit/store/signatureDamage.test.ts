// Signature files with flipped bits, cut short, or put together wrongly: a search finds everything all the same, and somebody says so.
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { compileFilter, searchBodies } from '../../../src/extension/store/worker/filterSql';
import { count } from '../../../src/extension/store/worker/pages';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { Segment } from '../../../src/extension/store/worker/segment';
import { piecesOf, signatureOf, type Pieces } from '../../../src/extension/store/worker/signature';
import { SignatureBuilder } from '../../../src/extension/store/worker/signatureBuilder';
import { askSignatures, type KnownFile } from '../../../src/extension/store/worker/signatureReader';
import { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { StoreView } from '../../../src/extension/store/worker/storeView';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, Player, tempFolder, wasmFile } from '../../support/store/storeHarness';

const disk = vi.hoisted(() => ({
  /** Bytes of each read. */
  reads: [] as number[],
  isBroken: false,
}));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const readSync = (...args: [number, Buffer, number, number, number]): number => {
    if (disk.isBroken) throw Object.assign(new Error('EIO: injected, read'), { code: 'EIO' });
    disk.reads.push(args[3]);
    return fs.readSync(...args);
  };
  return { ...fs, readSync, default: { ...fs, readSync } };
});

let engine: SqlEngine;
beforeAll(async () => {
  engine = await SqlEngine.start(wasmFile, tempFolder());
});
afterAll(cleanFolders);

const pieces = (text: string): Pieces => piecesOf([text]) ?? expect.fail(`${text} has no pieces`);
const birds = ['zebrafinch', 'kingfisher', 'cormorant', 'woodpecker', 'nightjar', 'goldcrest', 'dunnock', 'fieldfare'];
const textOf = (index: number): string => `${birds[index % birds.length]} no. ${index * 7919} ${'quick brown fox '.repeat(index % 5)}`;

/** A file of one body for each of these texts, by number from 1. */
function fileOf(texts: readonly string[]): Buffer {
  const builder = new SignatureBuilder();
  texts.forEach((text, index) => builder.add(index + 1, Buffer.from(text)));
  return Buffer.concat([...builder.finish()]);
}

/** What is found when the file is asked; `undefined` where it is not used. */
function ask(path: string, text: string, known?: KnownFile): number[] | undefined {
  return askSignatures(path, (signatures) => signatures.candidates([pieces(text)]), known);
}

/** Changes to make: where, beginning anew at the end of a file, and which bits. */
const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 });

function flipped(bytes: Buffer, changes: readonly (readonly [number, number])[]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [where, bits] of changes) copy[where % copy.length]! ^= bits;
  return copy;
}

describe('a signature file', () => {
  it('with changed bytes never hides a body, wherever they are', () => {
    const texts = Array.from({ length: 40 }, (_, index) => textOf(index));
    const sound = fileOf(texts);
    const path = join(tempFolder(), 'x.sig');
    fc.assert(
      fc.property(flips, (changes) => {
        writeFileSync(path, flipped(sound, changes));
        texts.forEach((text, index) => {
          const found = ask(path, text);
          if (found) expect(found).toContain(index + 1);
        });
        const all = askSignatures(path, (signatures) => [...signatures.all()].map(({ key }) => key).sort((a, b) => a - b));
        if (all) expect(all).toEqual(texts.map((_, index) => index + 1));
      }),
      { numRuns: 200 },
    );
  });

  it('that is cut short anywhere is not used', () => {
    const sound = fileOf([textOf(1), textOf(2)]);
    const path = join(tempFolder(), 'x.sig');
    fc.assert(
      fc.property(fc.nat(sound.length - 1), (length) => {
        writeFileSync(path, sound.subarray(0, length));
        expect(ask(path, 'kingfisher')).toBeUndefined();
      }),
    );
  });

  it('in which two buckets or two blocks of keys have changed places is not used', () => {
    const builder = new SignatureBuilder();
    const bits = signatureOf(Buffer.from(textOf(1))).slice();
    for (let key = 1; key <= 1024; key++) builder.addBits(key, bits);
    const sound = Buffer.concat([...builder.finish()]);
    const path = join(tempFolder(), 'x.sig');
    const exchanged = (from: number, length: number): Buffer => Buffer.concat([sound.subarray(0, from), sound.subarray(from + length, from + 2 * length), sound.subarray(from, from + length), sound.subarray(from + 2 * length)]);
    writeFileSync(path, sound);
    expect(ask(path, textOf(1))).toHaveLength(1024);
    const head = 16 + 24;
    const keys = 512 * 8 + 4;
    writeFileSync(path, exchanged(head, keys));
    expect(ask(path, textOf(1))).toBeUndefined();
    const bucket = (sound.length - head - 2 * keys) / 256;
    expect(bucket).toBe(Math.floor(bucket));
    for (let at = 0; at < 256; at += 2) sound.set(exchanged(head + 2 * keys + at * bucket, bucket));
    writeFileSync(path, sound);
    expect(ask(path, textOf(1))).toBeUndefined();
  });

  it.each(['1', '2', '3'])('of today of which only the version is damaged is not taken for one of version %s', (version) => {
    const bytes = fileOf([textOf(1)]);
    bytes.write(version, 7, 'latin1');
    const path = join(tempFolder(), 'x.sig');
    writeFileSync(path, bytes);
    const told: string[] = [];
    expect(ask(path, 'kingfisher', { onDamage: (reason) => told.push(reason) })).toBeUndefined();
    expect(told).toHaveLength(1);
  });

  it('of a newer version is not used, and not called damaged', () => {
    const path = join(tempFolder(), 'x.sig');
    writeFileSync(path, `MCPSSIG5${'x'.repeat(100)}`);
    expect(ask(path, 'kingfisher', { onDamage: (reason) => expect.fail(reason) })).toBeUndefined();
  });

  it('that is damaged is told of once, not read again, and used again when it is another one', () => {
    const sound = fileOf([textOf(1)]);
    const path = join(tempFolder(), 'x.sig');
    const told: string[] = [];
    const known: KnownFile = { onDamage: (reason) => told.push(reason) };
    writeFileSync(path, sound.subarray(0, -1));
    expect(ask(path, 'kingfisher', known)).toBeUndefined();
    const before = disk.reads.length;
    for (const bird of birds) expect(ask(path, bird, known)).toBeUndefined();
    expect(disk.reads).toHaveLength(before);
    expect(told).toEqual(['it is cut short']);
    writeFileSync(path, sound);
    expect(ask(path, 'kingfisher', known)).toEqual([1]);
  });

  it('that the disk does not give is done without', () => {
    const path = join(tempFolder(), 'x.sig');
    writeFileSync(path, fileOf([textOf(1)]));
    const told: string[] = [];
    disk.isBroken = true;
    try {
      expect(ask(path, 'kingfisher', { onDamage: (reason) => told.push(reason) })).toBeUndefined();
    } finally {
      disk.isBroken = false;
    }
    expect(told).toEqual([expect.stringContaining('EIO')]);
  });

  it('is read once for each piece of a text, and once for the keys of what has them all', () => {
    const path = join(tempFolder(), 'x.sig');
    const builder = new SignatureBuilder();
    for (let key = 0; key < 5000; key++) builder.addBits(key, signatureOf(Buffer.from(textOf(key)), key % 3 === 0 ? 512 : 1024));
    writeFileSync(path, Buffer.concat([...builder.finish()]));
    const known: KnownFile = {};
    ask(path, 'kingfisher', known);
    const readFor = (text: string): number => {
      disk.reads.length = 0;
      ask(path, text, known);
      return disk.reads.length;
    };
    // What the first piece rules out needs no more.
    expect(readFor('@@@')).toBe(1);
    expect(readFor('@@@@####')).toBe(1);
    const { panels } = known.layout ?? expect.fail('the file cannot be read');
    expect(panels.length).toBe(2);
    expect(readFor('zebrafinch')).toBeLessThanOrEqual(pieces('zebrafinch').length + panels.length);
  });

  it('comes back as it was put in when its buckets are read in parts', () => {
    const builder = new SignatureBuilder();
    const all = new Map<number, Uint8Array>();
    const kinds = birds.map((bird) => [signatureOf(Buffer.from(bird), 8192).slice(), signatureOf(Buffer.from(bird), 4096).slice()] as const);
    for (let key = 0; key < 7000; key++) {
      const bits = kinds[key % birds.length]![key % 3 === 0 ? 0 : 1];
      all.set(key, bits);
      builder.addBits(key, bits);
    }
    const path = join(tempFolder(), 'x.sig');
    writeFileSync(path, Buffer.concat([...builder.finish()]));
    const known: KnownFile = {};
    const back = askSignatures(path, (signatures) => new Map([...signatures.all()].map(({ key, bits }) => [key, bits.slice()])), known);
    expect(known.layout?.buckets?.units.length).toBeGreaterThan(1);
    expect(back?.size).toBe(all.size);
    expect([...all].filter(([key, bits]) => Buffer.compare(bits, back?.get(key) ?? Buffer.of()) !== 0)).toEqual([]);
    birds.forEach((bird, index) => expect(ask(path, bird, known)?.sort((a, b) => a - b)).toEqual([...all.keys()].filter((key) => key % birds.length === index)));
  });
});

/** A window that is gone, sealed, with its signatures; each answer has a text of its own, which the preview of its call does not show. */
async function sealed(dir: string, writer: string, calls: number): Promise<void> {
  const journal = new JournalWriter({ dir, writer, clock: systemClock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '/none' });
  const player = new Player({ journal }, writer);
  for (let i = 0; i < calls; i++) player.call('a', `tool${i}`, {}, { content: [{ type: 'text', text: `${' '.repeat(400)}${textOf(i)}` }] });
  journal.close();
  await sealer(dir, 50).recover();
}

const sealer = (dir: string, mergeFrom: number): Sealer =>
  new Sealer({ dir, engine, me: 'me', now: Date.now, warn: (message) => expect.fail(message), signFrom: 0, mergeFrom });

async function found(segment: Segment, text: string): Promise<number> {
  const filter = compileFilter(text, Date.now());
  await searchBodies(filter, segment, () => Promise.resolve());
  return count(segment, filter);
}

describe('a search', () => {
  it('misses nothing and does not fail, whatever bytes of a signature file are changed or missing', async () => {
    const dir = tempFolder();
    await sealed(dir, 'one', 24);
    const path = join(dir, 'one-1.sig');
    const sound = readFileSync(path);
    const expected = (text: string): number => Array.from({ length: 24 }, (_, index) => textOf(index)).filter((each) => each.includes(text)).length;
    const texts = ['zebrafinch', 'nightjar', 'quick brown', textOf(7).trim()];
    let unused = 0;
    await fc.assert(
      fc.asyncProperty(flips, fc.option(fc.nat(sound.length), { freq: 5 }), async (changes, length) => {
        writeFileSync(path, flipped(sound, changes));
        if (length !== null) truncateSync(path, length);
        const told: string[] = [];
        const segment = new Segment(engine, join(dir, 'one-1.sqlite'), undefined, (message) => told.push(message));
        try {
          for (const text of texts) expect(await found(segment, `"${text}"`)).toBe(expected(text));
        } finally {
          segment.close();
        }
        expect(told.length).toBeLessThanOrEqual(1);
        unused += told.length;
      }),
      { numRuns: 200 },
    );
    // The question was one in many of them.
    expect(unused).toBeGreaterThan(50);
  });

  it('says of a damaged signature file that it goes without, once, and leaves it where it is', async () => {
    const dir = tempFolder();
    await sealed(dir, 'one', 24);
    await sealed(dir, 'two', 24);
    const path = join(dir, 'one-1.sig');
    const damaged = readFileSync(path);
    damaged[20]! ^= 0x10;
    writeFileSync(path, damaged);
    const warnings: string[] = [];
    const view = new StoreView({ dir, engine, now: Date.now, breathe: () => Promise.resolve(), warn: (message) => warnings.push(message), searchBudgetMs: Infinity });
    await view.refresh();
    for (const bird of birds) expect((await view.summary({ filter: bird })).calls).toBe(6);
    expect(warnings).toEqual([expect.stringMatching(/^one-1\.sig is damaged \(.+\) and not used: .+ one-1\.sqlite /)]);
    expect(view.unreadable).toEqual([]);
    view.close();
    expect(readFileSync(path).equals(damaged)).toBe(true);
  });

  it('finds everything where segments with a damaged signature file are put together, which makes it anew', async () => {
    const dir = tempFolder();
    for (const writer of ['one', 'two', 'three']) await sealed(dir, writer, 24);
    const path = join(dir, 'two-1.sig');
    const damaged = readFileSync(path);
    writeFileSync(path, damaged.fill(0, damaged.length >> 1));
    await sealer(dir, 3).recover();
    const merged = readdirSync(dir).find((name) => name.endsWith('.sqlite')) ?? expect.fail('nothing was merged');
    expect(merged).toMatch(/^merged-/);
    expect(readdirSync(dir).filter((name) => name.endsWith('.sig'))).toEqual([merged.replace('.sqlite', '.sig')]);
    const segment = new Segment(engine, join(dir, merged), undefined, (message) => expect.fail(message));
    expect(segment.candidates([pieces('zebrafinch')], undefined)?.bodies).toBeDefined();
    for (const bird of birds) expect(await found(segment, bird)).toBe(9);
    segment.close();
  });
});
