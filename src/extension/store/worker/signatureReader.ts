/**
 * Owns asking the signatures that lie beside a segment (signature.ts says what they are). Of those the rows are read that the
 * question is about, and no more; files of the first version ("MCPSSIG1": body by body) are read whole.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { headBytes, kinds, magic, mostBytes, panelHeadBytes, place, turned, type Pieces } from './signature';
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

/** Asks a signature file; `undefined` where there is none or it is damaged. What `ask` gives must not read on later. */
export function askSignatures<T>(path: string, ask: (signatures: Signatures) => T): T | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const signatures = signaturesIn(fd, fstatSync(fd).size);
    return signatures && ask(signatures);
  } catch (error) {
    if (error instanceof CutOff) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** The file has become shorter than it was. */
class CutOff extends Error {}

function signaturesIn(fd: number, size: number): Signatures | undefined {
  if (size < headBytes) return undefined;
  const head = bytesAt(fd, 0, headBytes);
  const count = head.readUInt32LE(8);
  const name = head.toString('latin1', 0, 8);
  if (name !== magic) return Version1.isOne(name, count, size) ? new Version1(bytesAt(fd, 0, size)) : undefined;
  if (size < headBytes + count * panelHeadBytes) return undefined;
  const heads = bytesAt(fd, headBytes, count * panelHeadBytes);
  const panels = Array.from({ length: count }, (_, index) => panelOf(heads.subarray(index * panelHeadBytes)));
  return panels.every((panel) => isWithin(panel, size)) ? new Panels(fd, panels) : undefined;
}

interface Panel {
  readonly at: number;
  readonly count: number;
  /** Of one signature. */
  readonly bytes: number;
  readonly kind: number;
  readonly rowBytes: number;
}

function panelOf(head: Buffer): Panel {
  const count = head.readUInt32LE(8);
  return { at: head.readDoubleLE(0), count, bytes: head.readUInt32LE(12), kind: head.readUInt32LE(16), rowBytes: Math.ceil(count / 8) };
}

function isWithin({ at, count, bytes, rowBytes }: Panel, size: number): boolean {
  return at >= headBytes && bytes > 0 && bytes <= mostBytes && (bytes & (bytes - 1)) === 0 && at + count * 8 + bytes * 8 * rowBytes <= size;
}

function bytesAt(fd: number, at: number, length: number, into = Buffer.allocUnsafe(length)): Buffer {
  for (let done = 0; done < length; ) {
    const got = readSync(fd, into, done, length - done, at + done);
    if (got === 0) throw new CutOff();
    done += got;
  }
  return into;
}

/** So few keys are read one by one. */
const fewKeys = 16;

class Panels implements Signatures {
  constructor(
    private readonly fd: number,
    private readonly panels: readonly Panel[],
  ) {}

  candidates(spellings: readonly Pieces[]): number[] {
    const found: number[] = [];
    for (const panel of this.panels) {
      if (panel.kind !== kinds.body) continue;
      const places = placesIn(this.#passing(panel, spellings), panel.count);
      if (places.length === 0) continue;
      if (places.length <= fewKeys) for (const index of places) found.push(bytesAt(this.fd, panel.at + index * 8, 8).readDoubleLE(0));
      else {
        const keys = this.#keys(panel);
        for (const index of places) found.push(keys.readDoubleLE(index * 8));
      }
    }
    return found;
  }

  previews(pieces: Pieces): (readonly [number, number])[] | undefined {
    const found: [number, number][] = [];
    let isKnown = false;
    let open: [number, number] | undefined;
    for (const panel of this.panels) {
      if (panel.kind !== kinds.preview) continue;
      isKnown = true;
      const passing = this.#passing(panel, [pieces]);
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
    for (const panel of this.panels) {
      if (panel.kind !== kinds.body) continue;
      const { at, count, bytes, rowBytes } = panel;
      const keys = this.#keys(panel);
      const table = turned(bytesAt(this.fd, at + count * 8, bytes * 8 * rowBytes), bytes * 8, rowBytes);
      for (let index = 0; index < count; index++) yield { key: keys.readDoubleLE(index * 8), bits: table.subarray(index * bytes, (index + 1) * bytes) };
    }
  }

  #keys({ at, count }: Panel): Buffer {
    return bytesAt(this.fd, at, count * 8);
  }

  /** Bits of the signatures that have all pieces of one of the spellings; `undefined`: none has. */
  #passing(panel: Panel, spellings: readonly Pieces[]): Uint8Array | undefined {
    let passing: Uint8Array | undefined;
    for (const pieces of spellings) {
      const having = this.#having(panel, pieces);
      if (!having || !passing) passing ??= having;
      else for (let i = 0; i < passing.length; i++) passing[i]! |= having[i]!;
    }
    return passing;
  }

  #having({ at, count, bytes, rowBytes }: Panel, pieces: Pieces): Uint8Array | undefined {
    const rows = at + count * 8;
    let having: Buffer | undefined;
    const row = Buffer.allocUnsafe(rowBytes);
    const bits = new Set(pieces.map((piece) => place(piece, bytes * 8)));
    for (const bit of bits) {
      if (!having) {
        having = bytesAt(this.fd, rows + bit * rowBytes, rowBytes);
        continue;
      }
      bytesAt(this.fd, rows + bit * rowBytes, rowBytes, row);
      let any = 0;
      for (let i = 0; i < rowBytes; i++) any |= having[i]! &= row[i]!;
      if (any === 0) return undefined;
    }
    return having;
  }
}

function placesIn(bits: Uint8Array | undefined, count: number): number[] {
  const places: number[] = [];
  if (!bits) return places;
  for (let i = 0; i < bits.length; i++) {
    const byte = bits[i]!;
    if (byte === 0) continue;
    for (let j = 0; j < 8; j++) if ((byte & (1 << j)) !== 0 && i * 8 + j < count) places.push(i * 8 + j);
  }
  return places;
}
