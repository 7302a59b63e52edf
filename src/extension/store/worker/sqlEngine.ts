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
import { noting, standInFor } from './lazyFile';
import { hasChecks, isSound, pageBytes, withChecks, withRoomForChecks } from './pageChecks';

export type { Database, Statement, SqlValue, BindParams } from 'sql.js';

/** A database file opened for reading; `close` also closes the file. */
export interface OpenedFile {
  /** Opened as a database when it is first asked for; throws where the file cannot be read or is none. */
  readonly db: Database;
  readonly bytes: number;
  /** When it was last written to, Unix epoch in milliseconds, of the very file that is open; absent where it was read whole. */
  readonly changedMs?: number;
  /** What was found wrong with the file, or with reading it, when it was opened as a database or asked; absent: nothing so far. */
  readonly fault: string | undefined;
  /** Its first bytes, to be looked at at once. Throws I/O errors. */
  start(bytes: number): Uint8Array;
  close(): void;
}

/** A database that is to become a file. Never to be rolled back or vacuumed: that would leave its pieces behind. */
export interface Build {
  readonly db: Database;
  /** Closes the database and gives the bytes of the file, in order; its pages have checksums. */
  finish(): Iterable<Uint8Array>;
  /** Closes it without a file; harmless after `finish`. */
  discard(): void;
}

export class SqlEngine {
  #lazyWorks: boolean | undefined;
  /** Lazily opened databases that may hold pages in memory, least recently used first. */
  readonly #used = new Set<Database>();
  /** All of them, least recently used first, and how each is closed until it is used again. */
  readonly #opened = new Map<Database, () => void>();
  /** Databases in memory that are not closed. */
  #memories = 0;
  #growingWorks: boolean | undefined;

  private constructor(
    private readonly sql: SqlJsStatic,
    private readonly scratchDir: string,
    private readonly mostOpened: number,
  ) {}

  /**
   * `scratchDir`: an existing folder for a small file, once. `mostOpened`: databases that are open at a time; sql.js has room for 4,096, and those
   * of journals cannot be closed while they are followed.
   */
  static async start(wasmFile: string, scratchDir: string, mostOpened = 4000): Promise<SqlEngine> {
    const wasm = readFileSync(wasmFile);
    const wasmBinary = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) as ArrayBuffer;
    return new SqlEngine(await initSqlJs({ wasmBinary }), scratchDir, mostOpened);
  }

  /** A database that is never to become a file. Not to be rolled back or vacuumed, as `Build`. */
  createMemory(): Database {
    this.#growingWorks ??= this.#tryGrowing();
    const db = tuned(this.#growingWorks ? this.#growingDatabase(this.#emptyPage(), tablePieceBytes).db : new this.sql.Database());
    // Of very many, each keeps few pages: SQLite's own memory is limited.
    if (++this.#memories > mostUsed) db.run('PRAGMA cache_size=-120');
    const close = db.close.bind(db);
    db.close = () => {
      this.#memories--;
      close();
    };
    return db;
  }

  createBuild(): Build {
    this.#growingWorks ??= this.#tryGrowing();
    const build = this.#growingWorks ? this.#growingBuild() : this.#plainBuild();
    // What was there before is nowhere in the file, so every page of it that looks like one of a table is one (salvage.ts).
    build.db.run('PRAGMA secure_delete=ON');
    return build;
  }

  #plainBuild(): Build {
    const db = tuned(new this.sql.Database(withRoomForChecks(this.#emptyPage())));
    const discard = closeOnce(db);
    return {
      db,
      finish() {
        const bytes = db.export();
        discard();
        return withChecks([bytes]);
      },
      discard,
    };
  }

  /** The first page of an empty database, which SQLite begins with. */
  #emptyPage(): Uint8Array {
    const empty = new this.sql.Database();
    empty.run('PRAGMA user_version = 1');
    const page = empty.export();
    empty.close();
    return page;
  }

  #growingDatabase(first: Uint8Array, pieceBytes: number): { db: Database; bytes: GrowingBytes } {
    const bytes = new GrowingBytes(first, pieceBytes);
    return { db: new this.sql.Database(bytes as unknown as Uint8Array), bytes };
  }

  #growingBuild(): Build {
    const { db, bytes } = this.#growingDatabase(withRoomForChecks(this.#emptyPage()), filePieceBytes);
    tuned(db);
    const discard = closeOnce(db);
    return {
      db,
      finish() {
        const pages = db.exec('PRAGMA page_count')[0]?.values[0]?.[0];
        discard();
        if (pages !== bytes.size / pageBytes) throw new Error('the database is not where it was built');
        return withChecks(bytes.pieces());
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

  /**
   * Opens a complete SQLite file for reading. Throws where there is none. Of very many, those that were not asked for long are closed
   * until they are asked again: `onClosed` says that what was made in its database (tables, statements) is gone.
   */
  openFile(path: string, onClosed: () => void = () => undefined): OpenedFile {
    if (this.#lazyWorks === false) return this.#openWhole(path);
    const fd = openSync(path, 'r');
    try {
      const { size, mtimeMs } = fstatSync(fd);
      const file = new BlockFile(fd, size);
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
      const closeDatabase = (): void => {
        if (!db) return;
        this.#used.delete(db);
        this.#opened.delete(db);
        db.close();
        db = undefined;
      };
      const rest = (): void => {
        closeDatabase();
        onClosed();
      };
      const use = (): Database => {
        db ??= opened();
        this.#opened.delete(db);
        this.#opened.set(db, rest);
        return this.#use(db);
      };
      return {
        get db() {
          return use();
        },
        bytes: file.length,
        changedMs: mtimeMs,
        get fault() {
          return file.fault ?? fault;
        },
        start: (bytes) => file.bytes(0, bytes),
        close: () => {
          closeDatabase();
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
    const db = this.#wholeDatabase(data);
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
      return this.#wholeDatabase(readFileSync(path));
    }
  }

  #wholeDatabase(data: Buffer): Database {
    if (hasChecks(data)) {
      for (let at = 0, number = 1; at < data.length; at += pageBytes, number++) {
        if (!isSound(data.subarray(at, at + pageBytes), number)) throw new Error(`page ${number} is not what was written`);
      }
    }
    return checked(new this.sql.Database(data));
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
    while (this.#opened.size > 1 && this.#opened.size + this.#memories > this.mostOpened) this.#opened.values().next().value!();
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

// So big that the allocator asks the system for each and gives it back at once; pages not written to cost nothing.
const filePieceBytes = 33 << 20;
/** Tables in memory grow slowly, and there may be several. */
const tablePieceBytes = 4 << 20;

/** Closes at most once: a build is discarded after it is finished, too. */
function closeOnce(db: Database): () => void {
  let open = true;
  return () => {
    if (open) db.close();
    open = false;
  };
}
