// The file that holds what segments say of themselves changes no answer, whatever it says, and however it was written.
import { copyFileSync, existsSync, mkdirSync, promises, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CallPage } from '../../../src/extension/contract/traffic';
import { parseFileName, segmentIndexName } from '../../../src/extension/store/fileNames';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import { indexVersion, readSegmentIndex, writeSegmentIndex, type IndexedSegment } from '../../../src/extension/store/worker/segmentIndex';
import { noExtent } from '../../../src/extension/store/worker/source';
import { answersOf, copyOf, headed, indexedFolder, indexIn, kept, newest, now, said, segmentsIn, startEngine, viewOf, windows, withParticulars, written } from '../../support/store/indexedFolder';
import { cleanFolders, openTestStore, Player, sealWindows, tempFolder } from '../../support/store/storeHarness';

/** A folder with an index, as a window leaves it. */
let template: string;

beforeAll(async () => {
  template = await indexedFolder();
});
afterEach(() => vi.restoreAllMocks());
afterAll(cleanFolders);

async function newestOf(dir: string): Promise<CallPage> {
  const { view } = await viewOf(dir);
  const page = await newest(view, 3);
  view.close();
  return page;
}

describe('the index', () => {
  const other = tempFolder();
  beforeAll(async () => {
    await sealWindows(other, await startEngine(), windows, now, (player, window) => void player.call('other', `else${window}`, {}));
    await kept(other);
  });

  // What it says of a file that it knows by its size and time of change.
  const lies: [string, (dir: string) => Promise<void>][] = [
    ['says of all segments that they hold more', said((all) => all.map((each) => withParticulars(each, { extent: { ...each.particulars.extent, calls: 999 } })))],
    ['says of all segments that they are older', said((all) => all.map((each) => withParticulars(each, { extent: { calls: 1, minMs: 1, maxMs: 2 } })))],
    ['says of all segments that they hold nothing', said((all) => all.map((each) => withParticulars(each, { extent: noExtent })))],
    ['names other writers', said((all) => all.map((each) => withParticulars(each, { writers: ['nobody'] })))],
    ['names no writers', said((all) => all.map((each) => withParticulars(each, { writers: [] })))],
    ['says that they are of other versions', said((all) => all.map((each) => withParticulars(each, { version: each.particulars.version === 3 ? 1 : 3 })))],
    ['says that each takes the place of the next one', said((all) => all.map((each, at) => withParticulars(each, { replaces: [all[(at + 1) % all.length]!.name] })))],
    ['says that one takes the place of what is not there', said((all) => all.map((each, at) => (at === 2 ? withParticulars(each, { replaces: ['gone-1.sqlite'] }) : each)))],
    ['mixes up what is said of whom', said((all) => all.map((each, at) => ({ ...each, particulars: all[(at + 5) % all.length]!.particulars })))],
  ];
  const useless: [string, (dir: string) => unknown][] = [
    ['is missing', (dir) => rmSync(indexIn(dir))],
    ['is empty', written(() => Buffer.alloc(0))],
    ['is cut off', written((bytes) => bytes.subarray(0, bytes.length / 2))],
    ['has one bit turned over', written((bytes) => (bytes.writeUInt8(bytes[500]! ^ 1, 500), bytes))],
    ['is something else', written(() => Buffer.from('hello\n'.repeat(100)))],
    ['is of a newer version', written((bytes) => headed(bytes.toString('utf8').split('\n').slice(1).join('\n'), indexVersion + 1))],
    ['is of an older version', written((bytes) => headed(bytes.toString('utf8').split('\n').slice(1).join('\n'), 0))],
    ['is not what it says, well written', written(() => headed(['{', '[]', 'null', '{"name":1}', '{"name":"w1-1.sqlite"}', '\u0000'].join('\n')))],
    ['is a folder', (dir) => (rmSync(indexIn(dir)), mkdirSync(indexIn(dir)))],
    ['is another folder’s', (dir) => copyFileSync(indexIn(other), indexIn(dir))],
    ['knows them by other times', said((all) => all.map((each) => ({ ...each, changedMs: each.changedMs + 1 })))],
    ['knows them by other sizes', said((all) => all.map((each) => ({ ...each, bytes: each.bytes + 4096 })))],
    ['knows only segments of a version to come', said((all) => all.map((each) => withParticulars(each, { version: 99 })))],
    ['knows files that are gone', said((all) => [...all, { ...all[0]!, name: 'gone-1.sqlite' }])],
    ['knows some of them', said((all) => all.filter((_, at) => at % 3 === 0))],
  ];

  it.each([...useless, ...lies])('changes no answer where it %s', async (what, change) => {
    const truth = await viewOf(template);
    const dir = copyOf(template);
    await change(dir);
    const { view, warnings } = await viewOf(dir);
    await view.openAhead();
    expect(await answersOf(view)).toEqual(await answersOf(truth.view));
    if (useless.some(([each]) => each === what)) expect(warnings).toEqual([]);
    view.close();
    truth.view.close();
  });

  it('hides nothing that is there, before anybody has read what it speaks of', async () => {
    const dir = copyOf(template);
    const { total } = await newestOf(dir);
    await said((all) => all.map((each, at) => withParticulars(each, { replaces: [all[(at + 1) % all.length]!.name] })))(dir);
    expect(await newestOf(dir)).toMatchObject({ total, rows: { length: 3 } });
  });

  it.each(lies)('is found out by the question that reads a file, where it %s, and is right at the next start', async (_what, change) => {
    const truth = await viewOf(template);
    const dir = copyOf(template);
    await change(dir);
    const { view, warnings } = await viewOf(dir);
    // Reads every file that is not said to be out of question.
    const { rows } = await newest(view);
    expect(rows).toEqual((await newest(truth.view)).rows);
    expect(warnings.every((message) => message.includes(segmentIndexName))).toBe(true);
    await view.openAhead();
    await view.writeIndex('me');
    view.close();
    expect(readSegmentIndex(dir)).toEqual(readSegmentIndex(template));
    truth.view.close();
  });

  it('says nothing but what was written, whatever bytes of it are changed', () => {
    const whole = readFileSync(indexIn(template));
    const segments = readSegmentIndex(template);
    const dir = tempFolder();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 5 }), fc.option(fc.nat(whole.length)), (changes, cut) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        const changed = bytes.subarray(0, cut ?? bytes.length);
        writeFileSync(indexIn(dir), changed);
        expect(readSegmentIndex(dir)).toEqual(changed.equals(whole) ? segments : new Map());
      }),
      { numRuns: 200 },
    );
  });

  it('gives back what was put in, whatever the names', async () => {
    const dir = tempFolder();
    const time = fc.double({ noNaN: true, noDefaultInfinity: true });
    const extent = fc.oneof(fc.constant(noExtent), fc.record({ calls: fc.integer({ min: 1 }), minMs: time, maxMs: time }));
    const particulars = fc.record({ version: fc.integer({ min: 1, max: 3 }), writers: fc.array(fc.string()), extent, replaces: fc.array(fc.string()) });
    const segment = fc.record({ name: fc.string({ unit: 'binary' }), bytes: fc.nat(), changedMs: time, particulars });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(segment, { selector: ({ name }) => name, maxLength: 8 }), async (segments) => {
        // JSON knows no negative zero.
        const known = JSON.parse(JSON.stringify(segments), (_, value: unknown) => (value === null ? undefined : value)) as IndexedSegment[];
        const wanted = known.map((each) => (each.particulars.extent.calls === 0 ? withParticulars(each, { extent: noExtent }) : each));
        await writeSegmentIndex(dir, 'me', segments);
        expect(readSegmentIndex(dir)).toEqual(new Map(wanted.map((each) => [each.name, each])));
      }),
      { numRuns: 50 },
    );
  });
});

describe('writing the index', () => {
  it('waits until a few segments are worth it', async () => {
    const dir = tempFolder();
    const known: number[] = [];
    for (const name of segmentsIn(template).slice(0, 9)) {
      copyFileSync(join(template, name), join(dir, name));
      await kept(dir);
      known.push(readSegmentIndex(dir).size);
    }
    expect(known).toEqual([0, 0, 0, 4, 4, 4, 4, 8, 8]);
  });

  it('makes a file as private as the others, and leaves nothing else', async () => {
    const dir = copyOf(template);
    rmSync(indexIn(dir));
    const before = readdirSync(dir);
    await kept(dir);
    expect(readdirSync(dir).filter((name) => !before.includes(name))).toEqual([segmentIndexName]);
    if (process.platform !== 'win32') expect(statSync(indexIn(dir)).mode & 0o777).toBe(0o600);
  });

  it('is not done again where all is in it', async () => {
    const dir = copyOf(template);
    const before = statSync(indexIn(dir), { bigint: true });
    await kept(dir);
    expect(statSync(indexIn(dir), { bigint: true })).toMatchObject({ ino: before.ino, mtimeNs: before.mtimeNs });
  });

  it('leaves a newer version’s as it is', async () => {
    const dir = copyOf(template);
    writeFileSync(indexIn(dir), headed('to come\n', indexVersion + 1));
    const before = readFileSync(indexIn(dir));
    await kept(dir);
    expect(readFileSync(indexIn(dir)).equals(before)).toBe(true);
  });

  it.each([
    ['in a folder that may not be written to', 'writeFile', 'EROFS'],
    ['on a full disk', 'writeFile', 'ENOSPC'],
    ['where somebody reads the old one', 'rename', 'EPERM'],
  ] as const)('fails in silence %s, and is tried again', async (_where, operation, code) => {
    const dir = copyOf(template);
    rmSync(indexIn(dir));
    const names = readdirSync(dir);
    const failing = vi.spyOn(promises, operation).mockRejectedValue(Object.assign(new Error(code), { code }));
    await kept(dir);
    expect(failing).toHaveBeenCalledOnce();
    expect(readdirSync(dir)).toEqual(names);
    failing.mockRestore();
    await kept(dir);
    expect(readSegmentIndex(dir)).toEqual(readSegmentIndex(template));
  });

  it('by several at once, with different views, never leaves one that is not whole', async () => {
    const dir = copyOf(template);
    const all = [...readSegmentIndex(dir).values()];
    const views = [all, all.slice(0, 5), all.slice(3), []];
    const isOneOf = new Set(views.map((view) => JSON.stringify(view.map(({ name }) => name).sort())));
    const seen: string[] = [];
    await Promise.all(
      views.map(async (view, index) => {
        for (let round = 0; round < 25; round++) {
          await writeSegmentIndex(dir, `w${index}`, view);
          seen.push(JSON.stringify([...readSegmentIndex(dir).keys()].sort()));
        }
      }),
    );
    expect(seen.filter((names) => !isOneOf.has(names))).toEqual([]);
    expect(new Set(seen).size).toBeGreaterThan(1);
    expect(readdirSync(dir).filter((name) => name.includes('.building-'))).toEqual([]);
  });

  it('is done by windows after their start, and both show the same', async () => {
    const dir = copyOf(template);
    rmSync(indexIn(dir));
    // What is put together meanwhile would have to be read again.
    const stores = await Promise.all([openTestStore(dir), openTestStore(dir)]);
    stores.forEach((store, index) => new Player(store, `own${index}`).call('a', `own${index}`, {}));
    await expect.poll(() => existsSync(indexIn(dir)), { timeout: 10_000 }).toBe(true);
    const shown = await Promise.all(
      stores.map(async (store) => {
        await expect.poll(async () => (await store.page({ position: { kind: 'newest' }, limit: 1000 })).rows.filter(({ name }) => name?.startsWith('own')).length).toBe(2);
        return (await store.page({ position: { kind: 'newest' }, limit: 1000 })).rows.map(({ id }) => id).sort();
      }),
    );
    expect(shown[0]).toEqual(shown[1]);
    expect(new Set(shown[0]).size).toBe(shown[0]?.length);
    for (const store of stores) await store.close();
    expect(readSegmentIndex(dir).size).toBeGreaterThan(0);
  });
});

describe('for all else that goes on in the folder, the index', () => {
  it('is no file of the history', () => {
    expect(parseFileName(segmentIndexName)).toBeUndefined();
  });

  it('does not count when old traffic goes because there is too much', async () => {
    const dir = copyOf(template);
    const bytes = readdirSync(dir).filter((name) => name !== segmentIndexName).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
    const sealer = new Sealer({ dir, engine: await startEngine(), me: 'me', now: () => now, warn: (message) => expect.fail(message) });
    expect(await sealer.retain({ maxAgeMs: 0, maxBytes: bytes })).toMatchObject({ segments: 0 });
    expect(await sealer.retain({ maxAgeMs: 0, maxBytes: bytes - 1 })).toMatchObject({ segments: 1 });
    expect(existsSync(indexIn(dir))).toBe(true);
  });

  it('is cleared away half made when its maker is dead', async () => {
    const dir = copyOf(template);
    writeFileSync(join(dir, `${segmentIndexName}.building-dead`), 'half');
    await new Sealer({ dir, engine: await startEngine(), me: 'me', now: () => now, warn: (message) => expect.fail(message), mergeFrom: 99 }).recover();
    expect(readdirSync(dir).filter((name) => name.startsWith(segmentIndexName))).toEqual([segmentIndexName]);
  });
});
