/**
 * Owns sql.js: starting it, opening databases in memory or lazily from a file, and building big ones. A segment is
 * opened through an object that stands in for its bytes and reads from the file what SQLite asks for, so opening costs
 * nothing and a big history needs no memory; one that is filled goes into an object that grows by pieces, since sql.js
 * itself would copy the whole file each time it grows. Both rely on how sql.js keeps files, so each is tried out once,
 * and where it does not work the public ways are taken: reading the file whole, and `export`.
 */
import { closeSync, fstatSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import { messageOf } from '../../util/errors';
import { BlockFile } from './fileBlocks';
import { GrowingBytes } from './growingBytes';

export type { Database, Statement, SqlValue, BindParams } from 'sql.js';

/** A database file opened for reading; `close` also closes the file. */
export interface OpenedFile {
  /** Opened as a database when it is first asked for; throws where the file cannot be read or is none. */
  readonly db: Database;
  readonly bytes: number;
  /** What was found wrong with the file, or with reading it, when it was opened as a database or asked; absent: nothing so far. */
  readonly fault: string | undefined;
  /** Its first bytes, to be looked at at once. Throws I/O errors. */
  start(bytes: number): Uint8Array;
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
  /** Lazily opened databases that may hold pages in memory, least recently used first. */
  readonly #used = new Set<Database>();
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

  /** Opens a complete SQLite file for reading. Throws where there is none. */
  openFile(path: string): OpenedFile {
    if (this.#lazyWorks === false) return this.#openWhole(path);
    const fd = openSync(path, 'r');
    try {
      const file = new BlockFile(fd, fstatSync(fd).size);
      let db: Database | undefined;
      let fault: string | undefined;
      const opened = (): Database => {
        try {
          return noting(this.#databaseOf(file, path), (what) => (fault = what));
        } catch (error) {
          fault = messageOf(error);
          throw error;
        }
      };
      const use = (): Database => this.#use((db ??= opened()));
      return {
        get db() {
          return use();
        },
        bytes: file.length,
        get fault() {
          return fault ?? file.fault;
        },
        start: (bytes) => file.bytes(0, bytes),
        close: () => {
          if (db) {
            this.#used.delete(db);
            db.close();
          }
          file.forget();
          closeSync(fd);
        },
      };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  #openWhole(path: string): OpenedFile {
    const data = readFileSync(path);
    const db = checked(new this.sql.Database(data));
    let fault: string | undefined;
    noting(db, (what) => (fault = what));
    return {
      db,
      bytes: data.length,
      get fault() {
        return fault;
      },
      start: (bytes) => data.subarray(0, bytes),
      close: () => db.close(),
    };
  }

  #databaseOf(file: BlockFile, path: string): Database {
    try {
      const db = this.#openLazily(file);
      // It has been tried out, by that.
      this.#lazyWorks = true;
      return db;
    } catch (error) {
      // The file may be to blame, or the way it is opened.
      this.#lazyWorks ??= this.#tryLazy();
      if (this.#lazyWorks) throw error;
      return checked(new this.sql.Database(readFileSync(path)));
    }
  }

  #openLazily(file: BlockFile): Database {
    file.isRead = false;
    const db = new this.sql.Database(standInFor(file));
    try {
      // Nobody else has this file: not to lock it anew for each statement saves much, where statements are small.
      db.run('PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-120; PRAGMA temp_store=MEMORY');
      checked(db);
      // Opened without being read, it is not this file that sql.js has.
      if (!file.isRead) throw new Error('the file is not read where it is');
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** A database that somebody is about to ask. */
  #use(db: Database): Database {
    this.#used.delete(db);
    this.#used.add(db);
    if (this.#used.size > mostUsed) {
      const [oldest] = this.#used;
      this.#used.delete(oldest!);
      try {
        oldest!.run('PRAGMA shrink_memory');
      } catch {
        // What is wrong with it is found out by who asks it.
      }
    }
    return db;
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
        const db = new this.sql.Database(standInFor(new BlockFile(fd, fstatSync(fd).size)));
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

/** So many lazily opened databases keep pages in memory; there may be hundreds, and what SQLite takes makes the WASM heap grow for good. */
const mostUsed = 64;

/** The file is in memory and can be rebuilt: a rollback journal would only cost. */
function tuned(db: Database): Database {
  db.run('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-2000');
  return db;
}

function checked(db: Database): Database {
  db.exec('SELECT count(*) FROM sqlite_schema');
  return db;
}

/** SQLite's SQLITE_IOERR, SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html): the file is to blame, not the question. */
const faultCodes = new Set([10, 11, 26]);

/** Has it told when SQLite finds fault with the file: an error that is thrown does not say which file it is about. */
function noting(db: Database, note: (fault: string) => void): Database {
  const watched = db as unknown as { handleError(code: number): unknown };
  const handle = watched.handleError.bind(db);
  watched.handleError = (code) => {
    try {
      return handle(code);
    } catch (error) {
      if (faultCodes.has(code & 0xff)) note(messageOf(error));
      throw error;
    }
  };
  return db;
}

// So big that the allocator asks the system for each and gives it back at once; pages not written to cost nothing.
const filePieceBytes = 33 << 20;
/** Tables in memory grow slowly, and there may be several. */
const tablePieceBytes = 4 << 20;

/** What sql.js needs of a file's bytes: their number, and any part of them. It copies what it is given at once. */
function standInFor(file: BlockFile): Uint8Array {
  const { length } = file;
  const lazy = {
    length,
    byteLength: length,
    slice: () => lazy,
    subarray(from: number, to: number): unknown {
      if (from === 0 && to >= length && length > 1 << 20) return lazy;
      return file.bytes(from, to);
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
