// Signatures may point at a body too many, never at one too few.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { piecesOf, signatureOf, turned, type Pieces } from '../../../src/extension/store/worker/signature';
import { SignatureBuilder } from '../../../src/extension/store/worker/signatureBuilder';
import { askSignatures } from '../../../src/extension/store/worker/signatureReader';
import { cleanFolders, tempFolder } from '../../support/store/storeHarness';

afterEach(cleanFolders);

/** Keys of bodies that may hold all of these. */
function candidates(builder: SignatureBuilder, pieces: Pieces): readonly number[] {
  const path = join(tempFolder(), 'x.sig');
  writeFileSync(path, Buffer.concat([...builder.finish()]));
  return askSignatures(path, (signatures) => signatures.candidates([pieces])) ?? expect.fail('the file cannot be read');
}

const previewOf = (text: string): Uint8Array => signatureOf(Buffer.from(text), 256).slice();

/** A file as the first version wrote it: of bodies, and of previews from a frame on. */
function version1(bodies: readonly (readonly [number, Uint8Array])[], previews: readonly (readonly [number, Uint8Array])[]): Buffer {
  const all = [...bodies, ...previews.map(([from, bits]) => [-1 - from, bits] as const)];
  const head = Buffer.alloc(16 + all.length * 16);
  head.write('MCPSSIG1', 0, 'latin1');
  head.writeUInt32LE(all.length, 8);
  let at = head.length;
  all.forEach(([key, bits], index) => {
    head.writeDoubleLE(key, 16 + index * 16);
    head.writeUInt32LE(at, 24 + index * 16);
    head.writeUInt32LE(bits.length, 28 + index * 16);
    at += bits.length;
  });
  return Buffer.concat([head, ...all.map(([, bits]) => bits)]);
}

type Signed = readonly (readonly [number, Uint8Array])[];

/** Panels as the second and third version had them: one for each size, and one of previews; `order` of their rows. */
function panelsOf(bodies: Signed, previews: Signed, order: 'bits' | 'buckets'): { kind: number; bytes: number; count: number; keys: Buffer; rows: Uint8Array }[] {
  const sizes = [...new Set(bodies.map(([, bits]) => bits.length))];
  return [...sizes.map((size) => ({ kind: 0, all: bodies.filter(([, bits]) => bits.length === size) })), ...(previews.length > 0 ? [{ kind: 1, all: previews }] : [])].map(({ kind, all }) => {
    const bytes = all[0]![1].length;
    const table = Buffer.alloc(Math.ceil(all.length / 8) * 8 * bytes);
    all.forEach(([, bits], index) => table.set(bits, index * bytes));
    const keys = Buffer.from(Float64Array.from(all.map(([key]) => key)).buffer);
    return { kind, bytes, count: all.length, keys, rows: turned(table, Math.ceil(all.length / 8) * 8, bytes, order) };
  });
}

/** `between`: bytes from one panel's keys to the next one's. */
function headOf(name: string, panels: ReturnType<typeof panelsOf>, between: (panel: ReturnType<typeof panelsOf>[number]) => number): Buffer {
  const head = Buffer.alloc(16 + panels.length * 24);
  head.write(name, 0, 'latin1');
  head.writeUInt32LE(panels.length, 8);
  let at = head.length;
  panels.forEach((panel, index) => {
    head.writeDoubleLE(at, 16 + index * 24);
    head.writeUInt32LE(panel.count, 24 + index * 24);
    head.writeUInt32LE(panel.bytes, 28 + index * 24);
    head.writeUInt32LE(panel.kind, 32 + index * 24);
    at += between(panel);
  });
  return head;
}

/** A file as the second version wrote it: the rows of a panel behind its keys. */
function version2(bodies: Signed, previews: Signed): Buffer {
  const panels = panelsOf(bodies, previews, 'bits');
  const head = headOf('MCPSSIG2', panels, ({ keys, rows }) => keys.length + rows.length);
  return Buffer.concat([head, ...panels.flatMap(({ keys, rows }) => [keys, rows])]);
}

/** A file as the third version wrote it: buckets, and no checksums. */
function version3(bodies: Signed, previews: Signed): Buffer {
  const panels = panelsOf(bodies, previews, 'buckets');
  const head = headOf('MCPSSIG3', panels, ({ keys }) => keys.length);
  const all = Array.from({ length: 256 }, (_, bucket) =>
    panels.map(({ bytes, rows }) => {
      const length = (rows.length / (bytes * 8)) * Math.max(1, (bytes * 8) / 256);
      const from = (bucket % Math.min(bytes * 8, 256)) * length;
      return rows.subarray(from, from + length);
    }),
  );
  return Buffer.concat([head, ...panels.map(({ keys }) => keys), ...all.flat()]);
}

describe('signatures', () => {
  it('find every body that holds a text, in whatever case', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 5, maxLength: 400, unit: 'grapheme' }), { minLength: 1, maxLength: 10 }), fc.nat(), fc.nat(), (texts, which, where) => {
        const builder = new SignatureBuilder();
        texts.forEach((text, index) => builder.add(index + 1, Buffer.from(text)));
        const from = texts[which % texts.length] ?? '';
        const wanted = [...from].slice(where % 3, (where % 3) + 8).join('');
        const pieces = piecesOf([wanted.replace(/[a-z]/g, (letter) => letter.toUpperCase())]);
        if (!pieces) return;
        const found = candidates(builder, pieces);
        texts.forEach((text, index) => {
          if (text.includes(wanted)) expect(found).toContain(index + 1);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('are the same whatever size they have: one of half the size is the two halves of the whole, one over the other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (text) => {
        const own = signatureOf(text).slice();
        const whole = signatureOf(text, 16 * 1024);
        const folded = new Uint8Array(own.length);
        whole.forEach((byte, index) => (folded[index % own.length]! |= byte));
        expect(own).toEqual(folded);
      }),
      { numRuns: 100 },
    );
  });

  it('come back as they were put in, however many there are', () => {
    const builder = new SignatureBuilder();
    const all = new Map<number, Uint8Array>();
    let seed = 3;
    const random = (below: number): number => (seed = (seed * 16807) % 2147483647) % below;
    // More of 16 bytes than one panel holds, and a few of every other size.
    for (let key = 1; key < 35_000; key++) {
      const bits = Uint8Array.from({ length: key % 1000 === 0 ? 16 << random(11) : 16 }, () => random(256));
      all.set(key, bits);
      builder.addBits(key, bits);
    }
    const path = join(tempFolder(), 'x.sig');
    writeFileSync(path, Buffer.concat([...builder.finish()]));
    const back = askSignatures(path, (signatures) => new Map([...signatures.all()].map(({ key, bits }) => [key, bits.slice()])));
    expect(back?.size).toBe(all.size);
    expect([...all].filter(([key, bits]) => Buffer.compare(bits, back?.get(key) ?? Buffer.of()) !== 0)).toEqual([]);
  });

  it('of the first version are read like those of today', () => {
    const texts = Array.from({ length: 500 }, (_, index) => `{"jsonrpc":"2.0","id":${index},"text":"${'quick brown fox '.repeat(1 + (index % 40))}no. ${index * 7919}"}`);
    const path = join(tempFolder(), 'x.sig');
    writeFileSync(path, version1(texts.map((text, index) => [index + 1, signatureOf(Buffer.from(text), index % 2 ? 64 : 1024).slice()]), [[1, previewOf('a zebrafinch')], [40, previewOf('nothing')], [90, previewOf('ZEBRAFINCHES')]]));
    askSignatures(path, (signatures) => {
      const found = signatures.candidates([piecesOf([`no. ${123 * 7919}`])!]);
      expect(found).toContain(124);
      expect(found.length).toBeLessThan(60);
      expect(signatures.previews(piecesOf(['zebrafinch'])!)).toEqual([[1, 40], [90, Infinity]]);
      expect([...signatures.all()]).toHaveLength(500);
    });
    expect.assertions(4);
  });

  it.each([
    ['second', version2],
    ['third', version3],
  ])('of the %s version are read like those of today, and taken over as they are', (_name, version) => {
    const texts = Array.from({ length: 500 }, (_, index) => `{"id":${index},"text":"${'quick brown fox '.repeat(index % 40)}no. ${index * 7919}"}`);
    // Tables with fewer bits than there are buckets, as many, and more.
    const bodies = texts.map((text, index) => [index + 1, signatureOf(Buffer.from(text), 16 << (index % 7)).slice()] as const);
    const builder = new SignatureBuilder();
    for (const [key, bits] of bodies) builder.addBits(key, bits);
    const paths = [join(tempFolder(), 'old.sig'), join(tempFolder(), 'new.sig')] as const;
    writeFileSync(paths[0], version(bodies, [[1, previewOf('a zebrafinch')], [40, previewOf('nothing')], [90, previewOf('ZEBRAFINCHES')]]));
    writeFileSync(paths[1], Buffer.concat([...builder.finish()]));
    const ascending = (keys: readonly number[]): number[] => [...keys].sort((a, b) => a - b);
    const [before, today] = paths.map((path) => {
      const asked = askSignatures(path, (signatures) => ({
        found: texts.map((_, index) => ascending(signatures.candidates([piecesOf([`no. ${index * 7919}`])!]))),
        either: ascending(signatures.candidates([piecesOf(['no. 7919'])!, piecesOf(['zebrafinch'])!, piecesOf(['no. 15838'])!])),
        taken: [...signatures.all()].map(({ key, bits }) => [key, Buffer.from(bits).toString('hex')] as const).sort(([a], [b]) => a - b),
        previews: signatures.previews(piecesOf(['zebrafinch'])!),
      }));
      return asked ?? expect.fail('the file cannot be read');
    });
    expect(before!.previews).toEqual([[1, 40], [90, Infinity]]);
    expect(today!.previews).toBeUndefined();
    before!.found.forEach((keys, index) => expect(keys).toContain(index + 1));
    expect(before!.found).toEqual(today!.found);
    expect(before!.either).toEqual(today!.either);
    expect(before!.taken).toEqual(today!.taken);
    expect(today!.taken).toEqual(bodies.map(([key, bits]) => [key, Buffer.from(bits).toString('hex')]));
  });

  it('are found in files of any size, with few reads and with many', () => {
    const builder = new SignatureBuilder();
    const wanted = signatureOf(Buffer.from('a zebrafinch'), 16 * 1024).slice();
    const other = signatureOf(Buffer.from('a bird of another kind'), 16 * 1024).slice();
    // A bucket of these is more than is read at once.
    for (let key = 0; key < 2300; key++) builder.addBits(key, key % 500 === 7 ? wanted : other);
    expect([...candidates(builder, piecesOf(['zebrafinch'])!)].sort((a, b) => a - b)).toEqual([7, 507, 1007, 1507, 2007]);
  });

  it('rule out nearly all bodies that do not', () => {
    const builder = new SignatureBuilder();
    for (let i = 0; i < 1000; i++) builder.add(i, Buffer.from(`{"jsonrpc":"2.0","id":${i},"result":{"content":[{"type":"text","text":"${'the quick brown fox '.repeat(20)}${i}"}]}}`));
    builder.add(1000, Buffer.from('{"text":"a zebrafinch"}'));
    const pieces = piecesOf(['zebrafinch']) ?? [];
    expect(candidates(builder, pieces).length).toBeLessThan(20);
  });

  it.each([
    ['texts of less than three bytes', ['ab']],
    ['texts that stand for bytes that are no UTF-8', ['abc\ufffd']],
    ['half a character', ['abc\ud83d']],
  ])('say nothing about %s', (_name, texts) => {
    expect(piecesOf(texts)).toBeUndefined();
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['something else', 'SQLite format 3'],
    ['cut off', 'MCPSSIG4\xff\xff\xff\x00\x00\x00\x00\x00'],
    ['of the third version and cut off', 'MCPSSIG3\xff\xff\xff\x00\x00\x00\x00\x00'],
    ['of the third version and cut off behind the keys', `MCPSSIG3\x01${'\0'.repeat(7)}${'\0'.repeat(6)}\x45\x40\x09\0\0\0\x20${'\0'.repeat(11)}${'x'.repeat(80)}`],
    ['of another version than there is', 'MCPSSIG9\x00\x00\x00\x00\x00\x00\x00\x00'],
    ['of the second version and cut off', 'MCPSSIG2\xff\xff\xff\x00\x00\x00\x00\x00'],
    ['of the first version and cut off', 'MCPSSIG1\xff\xff\xff\x00\x00\x00\x00\x00'],
    ['shorter than it says', `MCPSSIG2\x01${'\0'.repeat(7)}${'\0'.repeat(6)}\x45\x40\x09\0\0\0\x20${'\0'.repeat(11)}${'x'.repeat(80)}`],
  ])('are done without when the file is %s', (_name, content) => {
    const path = join(tempFolder(), 'x.sig');
    if (content !== undefined) writeFileSync(path, content, 'latin1');
    expect(askSignatures(path, (signatures) => signatures.candidates([[1]]))).toBeUndefined();
  });
});
