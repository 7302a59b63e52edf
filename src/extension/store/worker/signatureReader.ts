/**
 * Owns asking the signatures that lie beside a segment (signature.ts says what they are). Of those the rows are read that the
 * question is about, and no more: a bucket for each piece of the text. In files of the second version ("MCPSSIG2": panel by
 * panel) each row is by itself; files of the first ("MCPSSIG1": body by body) are read whole.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { readAtOf } from '../journalReader';
import { buckets, headBytes, kinds, magic, magicOfVersion2, mostBytes, panelHeadBytes, place, turned, type Pieces } from './signature';
import { Version1 } from './signatureVersion1';

export interface Signature {
  readonly key: number;
  /** Holds until the next one is asked for. */
  readonly bits: Uint8Array;
}

export interface Signatures {
  /** Keys of bodies that may hold one of the spellings, in no order. */
  candidates(spellings: readonly Pieces[]): number[];
  /** Where the previews lie that may hold the text: frames from, and up to but without; `undefined` where nobody knows. */
  previews(pieces: Pieces): (readonly [number, number])[] | undefined;
  /** Every body's signature, for putting files together. */
  all(): Iterable<Signature>;
}

/** What a file begins with, for who asks it again and again. */
export interface KnownLayout {
  size?: number;
  layout?: Layout;
}

/** Asks a signature file; `undefined` where there is none or it is damaged. What `ask` gives must not read on later. */
export function askSignatures<T>(path: string, ask: (signatures: Signatures) => T, known: KnownLayout = {}): T | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const { size } = fstatSync(fd);
    if (known.size !== size) {
      known.layout = layoutIn(fd, size);
      known.size = size;
    }
    if (known.layout) return ask(new Panels(fd, known.layout));
    const whole = version1In(fd, size);
    return whole && ask(whole);
  } catch (error) {
    if (error instanceof CutOff) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** The file has become shorter than it was. */
class CutOff extends Error {}

function version1In(fd: number, size: number): Version1 | undefined {
  if (size < headBytes) return undefined;
  const head = bytesAt(fd, 0, headBytes);
  return Version1.isOne(head.toString('latin1', 0, 8), head.readUInt32LE(8), size) ? new Version1(bytesAt(fd, 0, size)) : undefined;
}

interface Panel {
  readonly keysAt: number;
  readonly count: number;
  /** Of one signature. */
  readonly bytes: number;
  readonly bits: number;
  readonly kind: number;
  readonly rowBytes: number;
  /** Where its rows begin: in the file, or in each bucket. */
  readonly rowsAt: number;
}

interface Layout {
  readonly panels: readonly Panel[];
  /** Absent: the rows of a panel lie together, bit by bit. */
  readonly buckets?: { readonly at: number; readonly bytes: number };
}

/** `undefined`: of another version, or damaged. */
function layoutIn(fd: number, size: number): Layout | undefined {
  if (size < headBytes) return undefined;
  const head = bytesAt(fd, 0, headBytes);
  const name = head.toString('latin1', 0, 8);
  const count = head.readUInt32LE(8);
  if ((name !== magic && name !== magicOfVersion2) || size < headBytes + count * panelHeadBytes) return undefined;
  const heads = bytesAt(fd, headBytes, count * panelHeadBytes);
  const isBucketed = name === magic;
  const panels: Panel[] = [];
  let keysEnd = headBytes + heads.length;
  let bucketBytes = 0;
  for (let at = 0; at < heads.length; at += panelHeadBytes) {
    const panel = panelOf(heads.subarray(at), isBucketed ? bucketBytes : undefined);
    if (!isWithin(panel, size, isBucketed)) return undefined;
    panels.push(panel);
    keysEnd = Math.max(keysEnd, panel.keysAt + panel.count * 8);
    bucketBytes += rowsInBucket(panel) * panel.rowBytes;
  }
  if (!isBucketed) return { panels };
  return keysEnd + buckets * bucketBytes <= size ? { panels, buckets: { at: keysEnd, bytes: bucketBytes } } : undefined;
}

function panelOf(head: Buffer, rowsAt: number | undefined): Panel {
  const keysAt = head.readDoubleLE(0);
  const count = head.readUInt32LE(8);
  const bytes = head.readUInt32LE(12);
  return { keysAt, count, bytes, bits: bytes * 8, kind: head.readUInt32LE(16), rowBytes: Math.ceil(count / 8), rowsAt: rowsAt ?? keysAt + count * 8 };
}

function isWithin({ keysAt, count, bytes, bits, rowBytes }: Panel, size: number, isBucketed: boolean): boolean {
  return keysAt >= headBytes && bytes > 0 && bytes <= mostBytes && (bytes & (bytes - 1)) === 0 && keysAt + count * 8 + (isBucketed ? 0 : bits * rowBytes) <= size;
}

/** Of one panel. */
const rowsInBucket = ({ bits }: Panel): number => Math.max(1, bits / buckets);

function bytesAt(fd: number, at: number, length: number, into = Buffer.allocUnsafe(length)): Buffer<ArrayBuffer> {
  if (readAtOf(fd)(into, 0, length, at) < length) throw new CutOff();
  return into;
}

/** So few keys are read one by one. */
const fewKeys = 16;
/** A bucket up to this size is read at once: a read costs more than what it reads. */
const readBytes = 128 * 1024;
/** Buckets that are kept while a file is asked; texts hardly have more pieces. */
const keptBuckets = 16;
/** To put files together, buckets up to this size are all read at once; of bigger ones what belongs to a panel. */
const wholeBucketBytes = readBytes;
/** Taken again by each file that is asked: one at a time. */
const room: Buffer<ArrayBuffer>[] = [];

class Panels implements Signatures {
  /** By number, the one read first comes first; each has its place in `room`. */
  readonly #kept = new Map<number, Buffer<ArrayBuffer>>();

  constructor(
    private readonly fd: number,
    private readonly layout: Layout,
  ) {}

  candidates(spellings: readonly Pieces[]): number[] {
    const found: number[] = [];
    this.#passing(kinds.body, spellings).forEach((passing, panel) => {
      const places = placesIn(passing, panel.count);
      if (places.length <= fewKeys) for (const index of places) found.push(bytesAt(this.fd, panel.keysAt + index * 8, 8).readDoubleLE(0));
      else {
        const keys = this.#keys(panel);
        for (const index of places) found.push(keys.readDoubleLE(index * 8));
      }
    });
    return found;
  }

  previews(pieces: Pieces): (readonly [number, number])[] | undefined {
    const found: [number, number][] = [];
    let isKnown = false;
    let open: [number, number] | undefined;
    const all = this.#passing(kinds.preview, [pieces]);
    for (const panel of this.layout.panels) {
      if (panel.kind !== kinds.preview) continue;
      isKnown = true;
      const passing = all.get(panel);
      if (!passing && !open) continue;
      const keys = this.#keys(panel);
      for (let index = 0; index < panel.count; index++) {
        const from = keys.readDoubleLE(index * 8);
        if (open) open[1] = from;
        open = undefined;
        if (passing && (passing[index >> 3]! & (1 << (index & 7))) !== 0) found.push((open = [from, Infinity]));
      }
    }
    return isKnown ? found : undefined;
  }

  *all(): Iterable<Signature> {
    const { panels } = this.layout;
    const whole = this.layout.buckets && this.layout.buckets.bytes <= wholeBucketBytes ? bytesAt(this.fd, this.layout.buckets.at, buckets * this.layout.buckets.bytes) : undefined;
    for (const panel of panels) {
      if (panel.kind !== kinds.body) continue;
      const { count, bytes, bits, rowBytes } = panel;
      const keys = this.#keys(panel);
      const table = turned(this.#rows(panel, whole), bits, rowBytes);
      for (let index = 0; index < count; index++) yield { key: keys.readDoubleLE(index * 8), bits: table.subarray(index * bytes, (index + 1) * bytes) };
    }
  }

  #keys({ keysAt, count }: Panel): Buffer {
    return bytesAt(this.fd, keysAt, count * 8);
  }

  /** All rows of a panel, bit by bit. `whole`: all buckets, where they have been read. */
  #rows(panel: Panel, whole: Buffer | undefined): Uint8Array {
    const { rowsAt, bits, rowBytes } = panel;
    if (!this.layout.buckets) return bytesAt(this.fd, rowsAt, bits * rowBytes);
    const rows = Buffer.allocUnsafe(bits * rowBytes);
    const { at, bytes } = this.layout.buckets;
    const length = rowsInBucket(panel) * rowBytes;
    for (let bucket = 0; bucket < Math.min(bits, buckets); bucket++) {
      const from = bucket * bytes + rowsAt;
      const part = whole ? whole.subarray(from, from + length) : bytesAt(this.fd, at + from, length);
      for (let row = 0; row * rowBytes < length; row++) part.copy(rows, (row * buckets + bucket) * rowBytes, row * rowBytes, (row + 1) * rowBytes);
    }
    return rows;
  }

  /** Of each panel that has any: which signatures have all pieces of one of the spellings. */
  #passing(kind: number, spellings: readonly Pieces[]): Map<Panel, Uint8Array> {
    const passing = new Map<Panel, Uint8Array>();
    for (const pieces of spellings) {
      for (const [panel, having] of this.#having(kind, pieces)) {
        const before = passing.get(panel);
        if (!before) passing.set(panel, having);
        else for (let i = 0; i < before.length; i++) before[i]! |= having[i]!;
      }
    }
    return passing;
  }

  /** Piece by piece, so that a bucket serves all panels; those drop out of which none is left. */
  #having(kind: number, pieces: Pieces): Map<Panel, Uint8Array> {
    const having = new Map<Panel, Uint8Array>();
    let left = this.layout.panels.filter((panel) => panel.kind === kind && panel.count > 0);
    for (const piece of pieces) {
      left = left.filter((panel) => {
        const row = this.#row(panel, piece);
        const before = having.get(panel);
        if (!before) having.set(panel, new Uint8Array(row));
        if (!before || keepCommon(before, row)) return true;
        having.delete(panel);
        return false;
      });
      if (left.length === 0) break;
    }
    return having;
  }

  /** Holds until the next one is asked for. */
  #row({ rowsAt, bits, rowBytes }: Panel, piece: number): Uint8Array {
    const bit = place(piece, bits);
    if (!this.layout.buckets) return bytesAt(this.fd, rowsAt + bit * rowBytes, rowBytes);
    const { at, bytes } = this.layout.buckets;
    const bucket = place(piece, buckets);
    const from = rowsAt + Math.floor(bit / buckets) * rowBytes;
    if (bytes > readBytes) return bytesAt(this.fd, at + bucket * bytes + from, rowBytes);
    return this.#bucket(bucket, at, bytes).subarray(from, from + rowBytes);
  }

  #bucket(bucket: number, at: number, bytes: number): Buffer {
    const known = this.#kept.get(bucket);
    if (known) return known;
    const buffer = bytesAt(this.fd, at + bucket * bytes, bytes, this.#takeRoom());
    this.#kept.set(bucket, buffer);
    return buffer;
  }

  #takeRoom(): Buffer<ArrayBuffer> {
    if (this.#kept.size < keptBuckets) return (room[this.#kept.size] ??= Buffer.allocUnsafe(readBytes));
    const [oldest, buffer] = this.#kept.entries().next().value!;
    this.#kept.delete(oldest);
    return buffer;
  }
}

/** Of the first those bits that the second has, too; whether there are any. */
function keepCommon(bits: Uint8Array, others: Uint8Array): boolean {
  let any = 0;
  for (let i = 0; i < bits.length; i++) any |= bits[i]! &= others[i]!;
  return any !== 0;
}

function placesIn(bits: Uint8Array, count: number): number[] {
  const places: number[] = [];
  for (let i = 0; i < bits.length; i++) {
    const byte = bits[i]!;
    if (byte === 0) continue;
    for (let j = 0; j < 8; j++) if ((byte & (1 << j)) !== 0 && i * 8 + j < count) places.push(i * 8 + j);
  }
  return places;
}
