// Damage anywhere in a journal: what was touched is lost, and what stands for its body by pointing at that, and both are marked;
// everything else is as it was written. Journals of all three kinds of entries: with their own bodies, with another's (`same`), and
// with what differs from another's (`cut`).
import { closeSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leastCutBytes, type JournalEntry } from '../../../src/extension/store/journalFormat';
import { JournalReader, readAtOf } from '../../../src/extension/store/journalReader';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import type { FrameMeta } from '../../../src/extension/store/types';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { cleanFolders, readJournal, tempFolder } from '../../support/store/storeHarness';

let dir: string;
beforeEach(() => {
  dir = tempFolder();
});
afterEach(cleanFolders);

const path = (): string => join(dir, 'w-1.jnl');

interface Wanted {
  readonly kind: 'plain' | 'same' | 'cut';
  readonly body: Buffer;
  /** Which of the entries before it refers to, and what of that one is replaced. */
  readonly of: number;
  readonly place: number;
  readonly length: number;
}

interface Written {
  readonly n: number;
  readonly start: number;
  readonly end: number;
  /** What its body is. */
  readonly whole: Buffer;
  readonly kind: Wanted['kind'];
  /** Number of the entry that it points at. */
  readonly base: number | undefined;
}

/** Entries of every kind, with bodies of every kind, also ones that look like journals. */
const entries = fc.array(
  fc.record<Wanted>({
    kind: fc.constantFrom('plain', 'plain', 'same', 'cut'),
    body: fc.oneof(
      fc.string({ maxLength: 300 }).map((text) => Buffer.from(text)),
      fc.constant(Buffer.from('\n#5 00000000 00000000 {"n":99,"t":1,"u":1,"k":"frame"}\nabcde\n')),
      fc.integer({ min: 0, max: 5000 }).map((size) => Buffer.alloc(size, '\n#')),
      fc.integer({ min: leastCutBytes, max: 6000 }).map((size) => Buffer.alloc(size, 'abcdefg')),
    ),
    of: fc.nat(),
    place: fc.nat(),
    length: fc.nat({ max: 100 }),
  }),
  { minLength: 1, maxLength: 20 },
);

function journalOf(wanted: readonly Wanted[]): { readonly bytes: Buffer; readonly written: readonly Written[] } {
  rmSync(path(), { force: true });
  const writer = new JournalWriter({ dir, writer: 'w', clock: systemClock, logger: nullLogger, pid: process.pid, host: 'h', socket: '/none' });
  const written: Written[] = [];
  for (const { kind: asked, body, of, place, length } of wanted) {
    const bases = written.filter((each) => (asked === 'same' ? each.kind !== 'same' : each.kind === 'plain' && each.whole.length >= leastCutBytes));
    const base = asked === 'plain' ? undefined : bases[of % Math.max(1, bases.length)];
    const kind = base ? asked : 'plain';
    const at = base ? place % base.whole.length || 0 : 0;
    const whole = !base ? body : kind === 'same' ? base.whole : Buffer.concat([base.whole.subarray(0, at), body, base.whole.subarray(at + length)]);
    const cut = kind === 'cut' ? ([at, Math.min(length, base!.whole.length - at)] as const) : undefined;
    const meta: FrameMeta = { k: 'frame', leg: 'downstream', dir: 'toServer', kind: 'request', s: 's', id: '1', method: 'tools/call', fwd: base?.n, same: kind === 'same' ? true : undefined, cut, size: whole.length };
    const start = writer.position.length;
    const n = writer.append(meta, 1, 1, kind === 'same' ? undefined : body);
    written.push({ n, start, end: writer.position.length, whole, kind, base: base?.n });
  }
  writer.close();
  return { bytes: readFileSync(path()), written };
}

/** As somebody reads it who follows the file while it grows. */
function followed(length: number, steps: readonly number[]): JournalEntry[] {
  const fd = openSync(path(), 'r');
  try {
    const found: JournalEntry[] = [];
    const take = (entry: JournalEntry): void => void found.push({ ...entry, body: Buffer.from(entry.body) });
    const reader = new JournalReader(readAtOf(fd), 'w', 1);
    for (const to of steps) reader.read(to, false, take);
    reader.read(length, true, take);
    return found;
  } finally {
    closeSync(fd);
  }
}

const isSame = (a: Buffer, b: Buffer, { start, end }: Written): boolean => a.subarray(start, end - 1).equals(b.subarray(start, end - 1));

describe('a damaged journal', () => {
  it('that was cut off anywhere gives exactly the entries before the cut, whole', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (wanted, where) => {
        const { bytes, written } = journalOf(wanted);
        const cut = where % (bytes.length + 1);
        truncateSync(path(), cut);
        const { entries: found, reader } = readJournal(path());
        const kept = written.filter(({ end }) => end <= cut);
        expect(found.map(({ n }) => n)).toEqual(kept.map(({ n }) => n));
        found.forEach((entry, index) => {
          expect([entry.damaged, entry.isAbsent]).toEqual([false, undefined]);
          const { kind, whole, base } = kept[index]!;
          if (kind !== 'same') expect(entry.body.equals(whole)).toBe(true);
          else expect([entry.body.length, entry.meta]).toMatchObject([0, { same: true, fwd: base }]);
        });
        if (cut > (written[0]?.end ?? 0)) expect([reader.damagedBytes, reader.damagedEntries]).toEqual([0, 0]);
      }),
      { numRuns: 200 },
    );
  });

  it('loses the entries that were touched and those that point at them, marked, and no others, whatever was written over them', () => {
    const noise = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 3000 }), fc.uint8Array({ minLength: 1, maxLength: 1 }));
    fc.assert(
      fc.property(entries, fc.nat(), noise, fc.boolean(), fc.array(fc.nat(), { maxLength: 3 }), (wanted, where, written0, quoteItself, stops) => {
        const { bytes, written } = journalOf(wanted);
        const before = Buffer.from(bytes);
        const from = where % bytes.length;
        const to = Math.min(bytes.length, from + written0.length);
        // The worst noise: a stretch of the journal itself, moved.
        Buffer.from(quoteItself ? bytes.subarray(0, to - from) : written0).copy(bytes, from, 0, to - from);
        writeFileSync(path(), bytes);
        const { entries: found, reader } = readJournal(path());
        const byNumber = new Map(found.map((entry) => [entry.n, entry]));
        expect(byNumber.size).toBe(found.length);
        const lost = new Set<number>();
        let touched = 0;
        for (const each of written) {
          const entry = byNumber.get(each.n);
          const isTouched = !isSame(before, bytes, each);
          if (isTouched) touched++;
          // Moved, it may be found elsewhere, as it was.
          const isLost = isTouched ? !entry || entry.damaged || !quoteItself : each.base !== undefined && lost.has(each.base);
          if (isLost) lost.add(each.n);
          if (!isTouched || !isLost) expect(entry).toBeDefined();
          if (!entry) continue;
          expect([each.n, entry.damaged]).toEqual([each.n, isLost]);
          const { same, cut } = entry.meta as FrameMeta;
          if (isLost) expect([entry.body.length, same, cut]).toEqual([0, undefined, undefined]);
          else if (each.kind === 'same') expect([entry.body.length, same]).toEqual([0, true]);
          else expect(entry.body.equals(each.whole)).toBe(true);
        }
        // What is counted is what was touched, in as many stretches at most.
        const isHeaderTouched = !before.subarray(0, written[0]!.start).equals(bytes.subarray(0, written[0]!.start));
        if (!quoteItself) {
          expect(reader.damagedEntries).toBeLessThanOrEqual(touched + Number(isHeaderTouched));
          if (touched > 0) expect(reader.damagedEntries + reader.tornBytes).toBeGreaterThan(0);
        }
        expect(followed(bytes.length, stops.map((stop) => stop % bytes.length).sort((a, b) => a - b))).toEqual(found);
      }),
      { numRuns: 200 },
    );
  });

  it('gives what points at an entry before the place that reading goes on at as it stands', () => {
    const body = Buffer.alloc(5000, 'x');
    const plain = { kind: 'plain', body, of: 0, place: 0, length: 0 } as const;
    const { bytes, written } = journalOf([plain, plain, { ...plain, kind: 'same', of: 0 }, { ...plain, kind: 'cut', of: 0, length: 3, body: Buffer.from('yy') }, { ...plain, kind: 'same', of: 1 }]);
    const fd = openSync(path(), 'r');
    const reader = new JournalReader(readAtOf(fd), 'w', 1);
    const found: JournalEntry[] = [];
    reader.read(bytes.length, true, () => false);
    reader.skipTo(written[1]!.start);
    reader.read(bytes.length, true, (entry) => void found.push({ ...entry, body: Buffer.from(entry.body) }));
    closeSync(fd);
    expect(found.map(({ n, damaged, body: { length }, meta }) => [n, damaged, length, (meta as FrameMeta).fwd, (meta as FrameMeta).same, (meta as FrameMeta).cut])).toEqual([
      [2, false, 5000, undefined, undefined, undefined],
      [3, false, 0, 1, true, undefined],
      [4, false, 2, 1, undefined, [0, 3]],
      [5, false, 0, 2, true, undefined],
    ]);
  });
});
