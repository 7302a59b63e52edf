/** Owns looking at how a journal begins, which says whose it is, without reading it. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { decodeHeader, type JournalHeader } from '../journalFormat';
import { readAtOf } from '../journalReader';

/** How a journal begins, and when it was last written to; `undefined`: it is not there. Throws other I/O errors. */
export function readStart(path: string): { readonly header: JournalHeader | undefined; readonly writtenMs: number } | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
  try {
    const start = Buffer.alloc(8192);
    const decoded = decodeHeader(start.subarray(0, readAtOf(fd)(start, 0, start.length, 0)));
    return { header: typeof decoded === 'string' ? undefined : decoded.header, writtenMs: fstatSync(fd).mtimeMs };
  } finally {
    closeSync(fd);
  }
}
