/**
 * Owns sql.js: starting it, opening databases in memory or lazily from a file, and building big ones. A segment is
 * opened through an object that stands in for its bytes and reads from the file what SQLite asks for, so opening costs
 * nothing and a big history needs no memory; one that is filled goes into an object that grows by pieces, since sql.js
 * itself would copy the whole file each time it grows. Both rely on how sql.js keeps files, so each is tried out once,
 * and where it does not work the public ways are taken: reading the file whole, and `export`.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';

export type { Database, Statement, SqlValue, BindParams } from 'sql.js';

/** A database opened read-only from a file; `close` also closes the file. */
export interface OpenedFile {
  readonly db: Database;
  readonly bytes: number;
  close(): void;
}

/** A database that is to become a file. Never to be rolled back or vacuumed: that would leave its pieces behind. */
export interface Build {
  readonly db: Database;
  /** Closes the database and gives the bytes of the file, in order. */
  finish(): Iterable<Uint8Array>;
  /** Closes it without a file; harmless after `finish`. */
  discard(): void;
}

export class SqlEngine {
  #lazyWorks: boolean | undefined;
  #growingWorks: boolean | undefined;

  private constructor(
    private readonly sql: SqlJsStatic,
    private readonly scratchDir: string,
  ) {}

  /** `scratchDir`: an existing folder for a small file, once. */
  static async start(wasmFile: string, scratchDir: string): Promise<SqlEngine> {
    const wasm = readFileSync(wasmFile);
    const wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) as ArrayBuffer;
    return new SqlEngine(await initSqlJs({ wasmBinary }), scratchDir);
  }

  /** A database that is never to become a file. Not to be rolled back or vacuumed, as `Build`. */
  createMemory(): Database {
    this.#growingWorks ??= this.#tryGrowing();
    return tuned(this.#growingWorks ? this.#growingDatabase(tablePieceBytes).db : new this.sql.Database());
  }

  createBuild(): Build {
    this.#growingWorks ??= this.#tryGrowing();
    return this.#growingWorks ? this.#growingBuild() : this.#plainBuild();
  }

  #plainBuild(): Build {
    const db = tuned(new this.sql.Database());
    const discard = closeOnce(db);
    return {
      db,
      finish() {
        const bytes = db.export();
        discard();
        return [bytes];
      },
      discard,
    };
  }

  #growingDatabase(pieceBytes: number): { db: Database; bytes: GrowingBytes } {
    // SQLite begins with the first page of an empty database.
    const seed = new this.sql.Database();
    seed.run('PRAGMA user_version = 1');
    const bytes = new GrowingBytes(seed.export(), pieceBytes);
    seed.close();
    return { db: new this.sql.Database(bytes as unknown as Uint8Array), bytes };
  }

  #growingBuild(): Build {
    const { db, bytes } = this.#growingDatabase(filePieceBytes);
    tuned(db);
    const discard = closeOnce(db);
    return {
      db,
      finish() {
        const pages = db.exec('PRAGMA page_count')[0]?.values[0]?.[0];
        discard();
        if (pages !== bytes.size / 4096) throw new Error('the database is not where it was built');
        return bytes.pieces();
      },
      discard,
    };
  }

  #tryGrowing(): boolean {
    try {
      const build = this.#growingBuild();
      build.db.run('CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)');
      build.db.run('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO t SELECT i, zeroblob(i * 200) FROM n');
      const db = new this.sql.Database(Buffer.concat([...build.finish()]));
      const answer = db.exec("SELECT count(*), sum(length(b)), (SELECT * FROM pragma_integrity_check) FROM t")[0]?.values[0];
      db.close();
      return JSON.stringify(answer) === '[50,255000,"ok"]';
    } catch {
      return false;
    }
  }

  /** Opens a complete SQLite file for reading. Throws where it cannot be read or is none. */
  openFile(path: string): OpenedFile {
    this.#lazyWorks ??= this.#tryLazy();
    if (!this.#lazyWorks) {
      const data = readFileSync(path);
      const db = new this.sql.Database(data);
      return { db: checked(db), bytes: data.length, close: () => db.close() };
    }
    const fd = openSync(path, 'r');
    try {
      const bytes = fstatSync(fd).size;
      const db = new this.sql.Database(lazyBytes(fd, bytes));
      // There may be hundreds of open files, and what SQLite caches makes the WASM heap grow for good.
      // Nobody else has this file: not to lock it anew for each statement saves much, where statements are small.
      db.run('PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-120; PRAGMA temp_store=MEMORY');
      return {
        db: checked(db),
        bytes,
        close: () => {
          db.close();
          closeSync(fd);
        },
      };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** For tests: takes only sql.js's public ways. */
  disableShortcuts(): void {
    this.#lazyWorks = false;
    this.#growingWorks = false;
  }

  #tryLazy(): boolean {
    const path = join(this.scratchDir, `.lazy-${process.pid}-${Math.random().toString(36).slice(2)}.tmp`);
    try {
      const made = new this.sql.Database();
      made.run('CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)');
      made.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i, 'row ' || i FROM n");
      writeFileSync(path, made.export(), { mode: 0o600 });
      made.close();
      const fd = openSync(path, 'r');
      try {
        const db = new this.sql.Database(lazyBytes(fd, fstatSync(fd).size));
        const answer = db.exec('SELECT count(*), sum(a), max(b) FROM t')[0]?.values[0];
        db.close();
        return JSON.stringify(answer) === '[500,125250,"row 99"]';
      } finally {
        closeSync(fd);
      }
    } catch {
      return false;
    } finally {
      rmSync(path, { force: true });
    }
  }
}

/** The file is in memory and can be rebuilt: a rollback journal would only cost. */
function tuned(db: Database): Database {
  db.run('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-2000');
  return db;
}

function checked(db: Database): Database {
  db.exec('SELECT count(*) FROM sqlite_schema');
  return db;
}

// So big that the allocator asks the system for each and gives it back at once; pages not written to cost nothing.
const filePieceBytes = 33 << 20;
/** Tables in memory grow slowly, and there may be several. */
const tablePieceBytes = 4 << 20;

/** What sql.js needs of a file's bytes to write to: room without end, in pieces that are never copied. */
class GrowingBytes {
  readonly #pieces: Uint8Array[] = [];
  size = 0;
  /** Until it is written to, just the bytes it began with. */
  length: number;

  constructor(
    first: Uint8Array,
    private readonly pieceBytes: number,
  ) {
    this.set(first, 0);
    this.length = first.length;
  }

  /** sql.js asks for its own copy of the bytes it was given and keeps that: this very object. */
  slice(): this {
    this.length = 2 ** 40;
    return this;
  }

  /** To be copied at once: later writes show in it. */
  subarray(from: number, to: number): Uint8Array {
    const end = Math.min(to, this.size);
    const start = from % this.pieceBytes;
    if (end > from && start + end - from <= this.pieceBytes) return this.#piece(from).subarray(start, start + end - from);
    const out = new Uint8Array(Math.max(0, end - from));
    for (let done = 0; done < out.length; ) {
      const at = (from + done) % this.pieceBytes;
      const part = this.#piece(from + done).subarray(at, Math.min(this.pieceBytes, at + out.length - done));
      out.set(part, done);
      done += part.length;
    }
    return out;
  }

  set(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      const at = (position + done) % this.pieceBytes;
      const part = bytes.subarray(done, done + this.pieceBytes - at);
      this.#piece(position + done).set(part, at);
      done += part.length;
    }
    this.size = Math.max(this.size, position + bytes.length);
  }

  *pieces(): Iterable<Uint8Array> {
    for (let at = 0; at < this.size; at += this.pieceBytes) yield this.#piece(at).subarray(0, this.size - at);
  }

  #piece(position: number): Uint8Array {
    return (this.#pieces[Math.floor(position / this.pieceBytes)] ??= new Uint8Array(this.pieceBytes));
  }
}

const blockBytes = 16 * 1024;
const mostBlocks = 1536;
/** Blocks that are read one behind the other are read so many at once; others are mostly single rows. */
const blocksAhead = 8;
/** Blocks of all lazily opened files, least recently read first: SQLite asks page by page, mostly for the next one. */
const blocks = new Map<string, Buffer>();
let files = 0;

/** What sql.js needs of a file's bytes: their number, and any part of them. */
function lazyBytes(fd: number, length: number): Uint8Array {
  const file = ++files;
  const readBytes = (from: number, to: number): Buffer => {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(to, length) - from));
    let done = 0;
    while (done < bytes.length) {
      const got = readSync(fd, bytes, done, bytes.length - done, from + done);
      if (got === 0) throw new Error('the file is shorter than it was');
      done += got;
    }
    return bytes;
  };
  /** What comes next on the way up and on the way down: newest rows are read first, which is down. */
  let above = -1;
  let below = -1;
  const keep = (block: number, bytes: Buffer): void => {
    const key = `${file}/${block}`;
    blocks.delete(key);
    blocks.set(key, bytes);
    if (blocks.size > mostBlocks) blocks.delete(blocks.keys().next().value ?? key);
  };
  const blockOf = (block: number): Buffer => {
    const known = blocks.get(`${file}/${block}`);
    if (known) {
      keep(block, known);
      return known;
    }
    const many = block === above || block === below ? blocksAhead : 1;
    const first = block === below ? Math.max(0, block - many + 1) : block;
    const read = readBytes(first * blockBytes, (first + many) * blockBytes);
    [above, below] = [first + many, first - 1];
    for (let ahead = many - 1; ahead >= 0; ahead--) if (ahead * blockBytes < read.length) keep(first + ahead, read.subarray(ahead * blockBytes, (ahead + 1) * blockBytes));
    return read.subarray((block - first) * blockBytes, (block - first + 1) * blockBytes);
  };
  const lazy = {
    length,
    byteLength: length,
    slice: () => lazy,
    subarray(from: number, to: number): unknown {
      if (from === 0 && to >= length && length > 1 << 20) return lazy;
      const block = Math.floor(from / blockBytes);
      if (to > (block + 1) * blockBytes) return readBytes(from, to);
      const bytes = blockOf(block);
      return bytes.subarray(from - block * blockBytes, Math.min(to, length) - block * blockBytes);
    },
  };
  return lazy as unknown as Uint8Array;
}

/** Closes at most once: a build is discarded after it is finished, too. */
function closeOnce(db: Database): () => void {
  let open = true;
  return () => {
    if (open) db.close();
    open = false;
  };
}
