/**
 * Owns collecting the signatures of a segment while it is built, and the bytes of their file. Those of one size are put
 * together a panel at a time and turned round at once, so that there is never more in memory than the file will have.
 */
import { buckets, headBytes, kinds, magic, mostBytes, panelHeadBytes, previewBytes, previewsTogether, signatureOf, turned } from './signature';
import { checkBytes, checkHead, checkOf, keyBytes, keysInBlock, keysLength, rowsInBucket, unitsOf } from './signatureLayout';
import type { Database } from './sqlEngine';

const panelBytes = 256 * mostBytes;
const mostInPanel = 32 * 1024;
/** So many bytes are written at once, or a bucket where that is more. */
const writtenBytes = 1 << 20;

interface Panel {
  readonly kind: number;
  /** Of one signature. */
  readonly bytes: number;
  readonly count: number;
  readonly keys: Uint8Array;
  /** Bucket by bucket. */
  readonly rows: Uint8Array;
}

/** Signatures of one size, one behind the other. */
class Growing {
  #keys: number[] = [];
  #table: Uint8Array;

  constructor(
    private readonly kind: number,
    private readonly bytes: number,
  ) {
    this.#table = new Uint8Array(8 * bytes);
  }

  /** Gives the panel that is full then. */
  add(key: number, signature: Uint8Array): Panel | undefined {
    const at = this.#keys.push(key) * this.bytes;
    if (at > this.#table.length) {
      const grown = new Uint8Array(this.#table.length * 2);
      grown.set(this.#table);
      this.#table = grown;
    }
    this.#table.set(signature, at - this.bytes);
    return this.#keys.length >= mostInPanel || at >= panelBytes ? this.end() : undefined;
  }

  end(): Panel | undefined {
    const count = this.#keys.length;
    if (count === 0) return undefined;
    const keys = Buffer.alloc(count * 8);
    this.#keys.forEach((key, index) => keys.writeDoubleLE(key, index * 8));
    const rows = turned(this.#table, Math.ceil(count / 8) * 8, this.bytes, 'buckets');
    this.#keys = [];
    this.#table.fill(0);
    return { kind: this.kind, bytes: this.bytes, count, keys, rows };
  }
}

export class SignatureBuilder {
  readonly #growing = new Map<number, Growing>();
  readonly #panels: Panel[] = [];

  add(key: number, body: Uint8Array): void {
    this.addBits(key, signatureOf(body));
  }

  /** Takes over a signature made before. */
  addBits(key: number, signature: Uint8Array): void {
    let growing = this.#growing.get(signature.length);
    if (!growing) this.#growing.set(signature.length, (growing = new Growing(kinds.body, signature.length)));
    this.#keep(growing.add(key, signature));
  }

  /** Previews of the calls of a file whose tables are complete. */
  addPreviews(db: Database): void {
    const growing = new Growing(kinds.preview, previewBytes);
    const select = db.prepare('SELECT frame, detail FROM call ORDER BY frame, part');
    let from = -1;
    let calls = 0;
    let texts: string[] = [];
    const end = (): void => {
      if (calls > 0) this.#keep(growing.add(from, signatureOf(Buffer.from(texts.join('\n')), previewBytes)));
      calls = 0;
      texts = [];
    };
    while (select.step()) {
      const [frame, detail] = select.get() as [number, string | null];
      // Calls of one frame stay together.
      if (calls >= previewsTogether && frame !== from) end();
      if (calls++ === 0) from = frame;
      if (detail !== null) texts.push(detail);
    }
    select.free();
    end();
    this.#keep(growing.end());
  }

  /** The bytes of the file, in order. */
  *finish(): Iterable<Uint8Array> {
    for (const growing of this.#growing.values()) this.#keep(growing.end());
    const panels = this.#panels;
    const head = Buffer.alloc(headBytes + panels.length * panelHeadBytes);
    head.write(magic, 0, 'latin1');
    head.writeUInt32LE(panels.length, 8);
    let at = head.length;
    panels.forEach(({ kind, bytes, count }, index) => {
      const place = headBytes + index * panelHeadBytes;
      head.writeDoubleLE(at, place);
      head.writeUInt32LE(count, place + 8);
      head.writeUInt32LE(bytes, place + 12);
      head.writeUInt32LE(kind, place + 16);
      at += keysLength(count, checkBytes);
    });
    checkHead(head);
    let pieces: Uint8Array[] = [head];
    /** Place of the next one. */
    let end = head.length;
    let waiting = 0;
    /** What has a checksum of its own. */
    const add = (parts: readonly Uint8Array[]): void => {
      pieces.push(...parts, checkOf(end, ...parts));
      const length = parts.reduce((sum, part) => sum + part.length, checkBytes);
      end += length;
      waiting += length;
    };
    const blockBytes = keysInBlock * keyBytes;
    for (const { keys } of panels) for (let from = 0; from < keys.length; from += blockBytes) add([keys.subarray(from, from + blockBytes)]);
    const units = this.#units();
    for (let bucket = 0; bucket < buckets; bucket++) {
      for (const unit of units) add(unit.map((panel) => inBucket(panel, bucket)));
      if (waiting < writtenBytes && bucket < buckets - 1) continue;
      yield Buffer.concat(pieces);
      pieces = [];
      waiting = 0;
    }
  }

  #units(): Panel[][] {
    const units: Panel[][] = [];
    unitsOf(this.#panels.map(lengthInBucket)).forEach((unit, index) => (units[unit] ??= []).push(this.#panels[index]!));
    return units;
  }

  #keep(panel: Panel | undefined): void {
    if (panel) this.#panels.push(panel);
  }
}

function inBucket(panel: Panel, bucket: number): Uint8Array {
  const length = lengthInBucket(panel);
  const from = (bucket % Math.min(panel.bytes * 8, buckets)) * length;
  return panel.rows.subarray(from, from + length);
}

const lengthInBucket = ({ bytes, rows }: Panel): number => (rows.length / (bytes * 8)) * rowsInBucket(bytes * 8);
