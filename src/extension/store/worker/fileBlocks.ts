/**
 * Owns reading database files by blocks, and the blocks that are kept: SQLite asks page by page, mostly for the next one. All
 * lazily opened files share room of a fixed size that is used again and again, so what was read costs no more memory than that.
 */
import { messageOf } from '../../util/errors';
import { readAtOf, type ReadAt } from '../journalReader';

const blockBytes = 16 * 1024;
const mostBlocks = 1536;
/** Room is made for so many blocks at once. */
const blocksTogether = 64;
/** Blocks that are read one behind the other are read so many at once; others are mostly single rows. */
const blocksAhead = 8;
/** A file's number times this, and the number of its block, are a block's key. */
const keysOfFile = 2 ** 24;

/** By key, least recently read first: which place in `room` a block has. */
const kept = new Map<number, number>();
const room: Buffer[] = [];
const free: number[] = [];
let files = 0;
const nothing = new Uint8Array(0);
/** For what goes to several places. */
let several: Buffer | undefined;

/** The place may be written to until somebody else asks for one. */
function takePlace(): number {
  if (free.length === 0 && room.length * blocksTogether < mostBlocks) {
    const first = room.push(Buffer.allocUnsafeSlow(blocksTogether * blockBytes)) * blocksTogether;
    for (let next = 1; next <= blocksTogether; next++) free.push(first - next);
  }
  const there = free.pop();
  if (there !== undefined) return there;
  const [oldest, place] = kept.entries().next().value!;
  kept.delete(oldest);
  return place;
}

function bytesOf(place: number): Buffer {
  const at = (place % blocksTogether) * blockBytes;
  return room[Math.floor(place / blocksTogether)]!.subarray(at, at + blockBytes);
}

/** A file that is read by blocks. It has to stay as it is. */
export class BlockFile {
  readonly #first = ++files * keysOfFile;
  readonly #readAt: ReadAt;
  /** What comes next on the way up and on the way down: newest rows are read first, which is down. */
  #above = -1;
  #below = -1;
  /** Something has been read. */
  isRead = false;
  /** Why it could not be read when that failed last. */
  fault: string | undefined;

  constructor(
    fd: number,
    readonly length: number,
  ) {
    this.#readAt = readAtOf(fd);
  }

  /** To be copied at once: the room may be taken by what is read next. Throws where the file ends too early, and I/O errors. */
  bytes(from: number, to: number): Uint8Array {
    this.isRead = true;
    if (from >= this.length) return nothing;
    const block = Math.floor(from / blockBytes);
    if (to > (block + 1) * blockBytes) return this.#read(from, to, Buffer.allocUnsafe(Math.max(0, Math.min(to, this.length) - from)));
    const at = block * blockBytes;
    return bytesOf(this.#placeOf(block)).subarray(from - at, Math.min(to, this.length) - at);
  }

  /** Gives its room to others. */
  forget(): void {
    for (const [key, place] of kept) {
      if (key < this.#first || key >= this.#first + keysOfFile) continue;
      kept.delete(key);
      free.push(place);
    }
  }

  #placeOf(block: number): number {
    const key = this.#first + block;
    const known = kept.get(key);
    if (known !== undefined) {
      kept.delete(key);
      kept.set(key, known);
      return known;
    }
    const many = block === this.#above || block === this.#below ? blocksAhead : 1;
    const first = block === this.#below ? Math.max(0, block - many + 1) : block;
    const bytes = this.#read(first * blockBytes, (first + many) * blockBytes, (several ??= Buffer.allocUnsafeSlow(blocksAhead * blockBytes)));
    [this.#above, this.#below] = [first + many, first - 1];
    for (let ahead = many - 1; ahead >= 0; ahead--) {
      if (first + ahead !== block && ahead * blockBytes < bytes.length) this.#keep(first + ahead, bytes.subarray(ahead * blockBytes, (ahead + 1) * blockBytes));
    }
    return this.#keep(block, bytes.subarray((block - first) * blockBytes, (block - first + 1) * blockBytes));
  }

  #keep(block: number, bytes: Uint8Array): number {
    const key = this.#first + block;
    const place = kept.get(key) ?? takePlace();
    kept.delete(key);
    kept.set(key, place);
    bytesOf(place).set(bytes);
    return place;
  }

  /** What there is of these bytes. */
  #read(from: number, to: number, into: Buffer): Buffer {
    const length = Math.max(0, Math.min(to, this.length) - from);
    try {
      if (this.#readAt(into, 0, length, from) < length) throw new Error('the file is shorter than it was');
    } catch (error) {
      this.fault = messageOf(error);
      throw error;
    }
    return into.subarray(0, length);
  }
}
