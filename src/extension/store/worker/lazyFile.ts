/** Owns what stands between sql.js and a file that it reads lazily: the object that it takes for the file's bytes, and who is told when SQLite finds fault with them. */
import type { Database } from 'sql.js';
import { messageOf } from '../../util/errors';
import type { BlockFile } from './fileBlocks';

/** SQLite's SQLITE_IOERR, SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html): the file is to blame, not the question. */
const faultCodes = new Set([10, 11, 26]);

/** Has it told when SQLite finds fault with the file: an error that is thrown does not say which file it is about. */
export function noting(db: Database, note: (fault: string) => void): Database {
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

/** What sql.js needs of a file's bytes: their number, and any part of them. It copies what it is given at once. */
export function standInFor(file: BlockFile): Uint8Array {
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
