/**
 * Owns asking the signatures that lie beside a segment (signature.ts says what they are). Of those the rows are read that the
 * question is about, and no more: a bucket for each piece of the text. In files of the second version ("MCPSSIG2": panel by
 * panel) each row is by itself; files of the first ("MCPSSIG1": body by body) are read whole. Whatever is read has its checksum
 * looked at, in files that have them (signatureLayout.ts); a file with damage is not used any more, since it would hide what is there.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { messageOf } from '../../util/errors';
import { readAtOf } from '../journalReader';
import { buckets, headBytes, kinds, panelHeadBytes, place, turned, type Pieces } from './signature';
import { checkBytes, checked, isNewer, keyBytes, keysInBlock, keysLength, layoutOf, panelsIn, rowsInBucket, SignatureFault, unitBytes, type Layout, type Panel } from './signatureLayout';
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

/** What is known of a file, for who asks it again and again. */
export interface KnownFile {
  /** Size and time of change: another file when they are others. */
  state?: string;
  layout?: Layout;
  isDamaged?: boolean;
  /** Told once of a file that is damaged: why. */
  readonly onDamage?: (reason: string) => void;
}

/**
 * Asks a signature file; `undefined` where there is none, a newer version wrote it or it is damaged, which can turn out in the middle
 * of asking. What `ask` gives must not read on later. Throws what `ask` throws.
 */
export function askSignatures<T>(path: string, ask: (signatures: Signatures) => T, known: KnownFile = {}): T | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const { size, mtimeMs } = fstatSync(fd);
    const state = `${size} ${mtimeMs}`;
    if (known.state !== state) {
      known.layout = undefined;
      known.isDamaged = false;
      known.state = state;
    }
    if (known.isDamaged) return undefined;
    const signatures = known.layout ? new Panels(fd, known.layout) : signaturesIn(fd, size, known);
    return signatures && ask(signatures);
  } catch (error) {
    if (!(error instanceof SignatureFault)) throw error;
    known.isDamaged = true;
    known.onDamage?.(error.message);
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** Throws `SignatureFault`. */
function signaturesIn(fd: number, size: number, known: KnownFile): Signatures | undefined {
  if (size < headBytes) throw new SignatureFault('it is cut short');
  const start = bytesAt(fd, 0, headBytes);
  if (Version1.isOne(start, size)) return new Version1(bytesAt(fd, 0, size));
  if (isNewer(start)) return undefined;
  const count = panelsIn(start);
  if (count === undefined) throw new SignatureFault('it does not begin as one');
  if (size < headBytes + count * panelHeadBytes) throw new SignatureFault('it is cut short');
  known.layout = layoutOf(Buffer.concat([start, bytesAt(fd, headBytes, count * panelHeadBytes)]), size);
  return new Panels(fd, known.layout);
}

/** Throws `SignatureFault`, also where the disk does not give them. */
function bytesAt(fd: number, at: number, length: number, into = Buffer.allocUnsafe(length)): Buffer<ArrayBuffer> {
  let read: number;
  try {
    read = readAtOf(fd)(into, 0, length, at);
  } catch (error) {
    throw new SignatureFault(messageOf(error));
  }
  if (read < length) throw new SignatureFault('it is cut short');
  return into;
}

/** Buckets, or parts of big ones, that are kept while a file is asked; texts hardly have more pieces. */
const keptUnits = 16;
/** Taken again by each file that is asked: one at a time. */
const room: Buffer<ArrayBuffer>[] = [];

class Panels implements Signatures {
  /** By number of bucket and unit, the one read first comes first; each has its place in `room`. */
  readonly #kept = new Map<number, Buffer<ArrayBuffer>>();

  constructor(
    private readonly fd: number,
    private readonly layout: Layout,
  ) {}

  candidates(spellings: readonly Pieces[]): number[] {
    const found: number[] = [];
    this.#passing(kinds.body, spellings).forEach((passing, panel) => {
      const places = placesIn(passing, panel.count);
      if (places.length === 0) return;
      const first = places[0]! - (places[0]! % keysInBlock);
      const keyOf = this.#keys(panel, first, places.at(-1)! + 1);
      for (const index of places) found.push(keyOf(index));
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
      const keyOf = this.#keys(panel);
      for (let index = 0; index < panel.count; index++) {
        const from = keyOf(index);
        if (open) open[1] = from;
        open = undefined;
        if (passing && (passing[index >> 3]! & (1 << (index & 7))) !== 0) found.push((open = [from, Infinity]));
      }
    }
    return isKnown ? found : undefined;
  }

  *all(): Iterable<Signature> {
    const { panels, buckets: table } = this.layout;
    let unit = -1;
    let parts: Buffer[] = [];
    for (const panel of panels) {
      if (panel.kind !== kinds.body) continue;
      const { count, bytes, bits, rowBytes, rowsAt } = panel;
      if (table && panel.unit !== unit) parts = this.#everyBucket((unit = panel.unit));
      const rows = table ? rowsOf(panel, parts) : bytesAt(this.fd, rowsAt, bits * rowBytes);
      const keyOf = this.#keys(panel);
      const signatures = turned(rows, bits, rowBytes);
      for (let index = 0; index < count; index++) yield { key: keyOf(index), bits: signatures.subarray(index * bytes, (index + 1) * bytes) };
    }
  }

  /** Of a panel, from number `from` on, which begins a block, and up to `to` at least, but without: by number. */
  #keys({ keysAt, count }: Panel, from = 0, to = count): (index: number) => number {
    const { check } = this.layout;
    const at = keysAt + keysLength(from, check);
    const end = Math.min(count, Math.ceil(to / keysInBlock) * keysInBlock);
    const bytes = bytesAt(this.fd, at, keysLength(end - from, check));
    const blockBytes = keysInBlock * keyBytes + check;
    if (check > 0) for (let block = 0; block < bytes.length; block += blockBytes) checked(bytes.subarray(block, block + blockBytes), at + block);
    return (index) => bytes.readDoubleLE((index - from) * keyBytes + Math.floor((index - from) / keysInBlock) * check);
  }

  /** What all buckets have of a unit. */
  #everyBucket(number: number): Buffer[] {
    const { check } = this.layout;
    const table = this.layout.buckets!;
    const unit = table.units[number]!;
    // Where each bucket is one unit they lie behind each other.
    const whole = table.units.length === 1 ? bytesAt(this.fd, table.at, buckets * table.bytes) : undefined;
    return Array.from({ length: buckets }, (_, bucket) => {
      const at = table.at + bucket * table.bytes + unit.at;
      const bytes = whole ? whole.subarray(bucket * table.bytes, (bucket + 1) * table.bytes) : bytesAt(this.fd, at, unit.bytes + check);
      return check > 0 ? checked(bytes, at) : bytes;
    });
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
        if (before ? keepCommon(before, row) : row.some((byte) => byte !== 0)) return true;
        having.delete(panel);
        return false;
      });
      if (left.length === 0) break;
    }
    return having;
  }

  /** Holds until the next one is asked for. */
  #row({ rowsAt, bits, rowBytes, unit }: Panel, piece: number): Uint8Array {
    const bit = place(piece, bits);
    if (!this.layout.buckets) return bytesAt(this.fd, rowsAt + bit * rowBytes, rowBytes);
    const from = rowsAt + Math.floor(bit / buckets) * rowBytes;
    return this.#unit(place(piece, buckets), unit).subarray(from, from + rowBytes);
  }

  #unit(bucket: number, number: number): Buffer {
    const { check } = this.layout;
    const { at, bytes, units } = this.layout.buckets!;
    const key = bucket * units.length + number;
    const known = this.#kept.get(key);
    if (known) return known;
    const unit = units[number]!;
    const place = at + bucket * bytes + unit.at;
    const buffer = bytesAt(this.fd, place, unit.bytes + check, this.#takeRoom());
    if (check > 0) checked(buffer.subarray(0, unit.bytes + check), place);
    this.#kept.set(key, buffer);
    return buffer;
  }

  #takeRoom(): Buffer<ArrayBuffer> {
    if (this.#kept.size < keptUnits) return (room[this.#kept.size] ??= Buffer.allocUnsafe(unitBytes + checkBytes));
    const [oldest, buffer] = this.#kept.entries().next().value!;
    this.#kept.delete(oldest);
    return buffer;
  }
}

/** All rows of a panel, bit by bit; `parts`: what all buckets have of its unit. */
function rowsOf({ rowsAt, bits, rowBytes }: Panel, parts: readonly Buffer[]): Uint8Array {
  const rows = Buffer.allocUnsafe(bits * rowBytes);
  const length = rowsInBucket(bits) * rowBytes;
  for (let bucket = 0; bucket < Math.min(bits, buckets); bucket++) {
    const part = parts[bucket]!.subarray(rowsAt, rowsAt + length);
    for (let row = 0; row * rowBytes < length; row++) part.copy(rows, (row * buckets + bucket) * rowBytes, row * rowBytes, (row + 1) * rowBytes);
  }
  return rows;
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
