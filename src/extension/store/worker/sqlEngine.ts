/**
 * Owns sql.js: starting it, and opening databases in memory or lazily from a file. A sealed segment is opened through
 * an object that stands in for its bytes and reads from the file what SQLite asks for, so opening costs nothing and a
 * big history needs no memory. That relies on how sql.js keeps files, so it is tried out once, and where it does not
 * work the file is read whole.
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

export class SqlEngine {
  #lazyWorks: boolean | undefined;

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

  createMemory(): Database {
    const db = new this.sql.Database();
    // The file is in memory and can be rebuilt: a rollback journal would only cost.
    db.run('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-2000');
    return db;
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
      db.run('PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY');
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

  /** For tests and for folders on which lazy reading misbehaves. */
  disableLazy(): void {
    this.#lazyWorks = false;
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

function checked(db: Database): Database {
  db.exec('SELECT count(*) FROM sqlite_schema');
  return db;
}

const blockBytes = 64 * 1024;
const mostBlocks = 256;
/** Blocks of all lazily opened files, least recently read first: SQLite asks page by page, mostly for the next one. */
const blocks = new Map<string, Buffer>();
let files = 0;

/** What sql.js needs of a file's bytes: their number, and any part of them. */
function lazyBytes(fd: number, length: number): Uint8Array {
  const file = ++files;
  const read = (from: number, to: number): Buffer => {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(to, length) - from));
    let done = 0;
    while (done < bytes.length) {
      const got = readSync(fd, bytes, done, bytes.length - done, from + done);
      if (got === 0) throw new Error('the file is shorter than it was');
      done += got;
    }
    return bytes;
  };
  const lazy = {
    length,
    byteLength: length,
    slice: () => lazy,
    subarray(from: number, to: number): unknown {
      if (from === 0 && to >= length && length > 1 << 20) return lazy;
      const block = Math.floor(from / blockBytes);
      if (to > (block + 1) * blockBytes) return read(from, to);
      const key = `${file}/${block}`;
      let bytes = blocks.get(key);
      blocks.delete(key);
      bytes ??= read(block * blockBytes, (block + 1) * blockBytes);
      blocks.set(key, bytes);
      if (blocks.size > mostBlocks) blocks.delete(blocks.keys().next().value ?? key);
      return bytes.subarray(from - block * blockBytes, Math.min(to, length) - block * blockBytes);
    },
  };
  return lazy as unknown as Uint8Array;
}
