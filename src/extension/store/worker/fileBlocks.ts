/**
 * Owns reading database files by blocks, and the blocks that are kept: SQLite asks page by page, mostly for the next one. All
 * lazily opened files share room of a fixed size that is used again and again, so what was read costs no more memory than that.
 * Where pages have checksums (pageChecks.ts), none is given that is not as it was written.
 */
import { messageOf } from '../../util/errors';
import { readAtOf, type ReadAt } from '../journalReader';
import { hasChecks, isSound, pageBytes } from './pageChecks';

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
/** By place: a bit for each page that is known to be sound. */
const sound = new Uint8Array(mostBlocks);
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
  #hasChecks: boolean | undefined;
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

  /** To be copied at once: the room may be taken by what is read next. Throws where the file ends too early, I/O errors, and `damagedPage`. */
  bytes(from: number, to: number): Uint8Array {
    this.isRead = true;
    const end = Math.min(to, this.length);
    if (from >= end) return nothing;
    const at = from - (from % blockBytes);
    if (end <= at + blockBytes) return this.#within(at / blockBytes, from - at, end - at);
    const several = Buffer.allocUnsafe(end - from);
    for (let next = from; next < end; ) {
      const part = this.bytes(next, Math.min(end, next - (next % blockBytes) + blockBytes));
      several.set(part, next - from);
      next += part.length;
    }
    return several;
  }

  /** Gives its room to others. */
  forget(): void {
    for (const [key, place] of kept) {
      if (key < this.#first || key >= this.#first + keysOfFile) continue;
      kept.delete(key);
      free.push(place);
    }
  }

  /** Bytes of a block. */
  #within(block: number, from: number, to: number): Buffer {
    this.#hasChecks ??= hasChecks(bytesOf(this.#placeOf(0)).subarray(0, this.length));
    const place = this.#placeOf(block);
    const bytes = bytesOf(place);
    if (this.#hasChecks) {
      for (let page = Math.floor(from / pageBytes); page * pageBytes < to; page++) {
        if ((sound[place]! >> page) & 1) continue;
        const number = block * (blockBytes / pageBytes) + page + 1;
        if (number * pageBytes > this.length || !isSound(bytes.subarray(page * pageBytes, (page + 1) * pageBytes), number)) {
          this.fault = `page ${number} is not what was written`;
          throw damagedPage(this.fault);
        }
        sound[place]! |= 1 << page;
      }
    }
    return bytes.subarray(from, to);
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
    sound[place] = 0;
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

/** EIO in WASI's numbers. */
const ioError = 29;

/**
 * An error that sql.js takes for one of its own file system, and so passes on to SQLite as an I/O error; it would not come through
 * SQLite's own code in one piece otherwise. sql.js asks for the name, and for the number under a name that changes with every release.
 */
function damagedPage(message: string): Error {
  const error = new Error(message);
  error.name = 'ErrnoError';
  return new Proxy(error, { get: (target, key) => (key in target || typeof key === 'symbol' ? (Reflect.get(target, key) as unknown) : key === 'code' ? undefined : ioError) });
}
