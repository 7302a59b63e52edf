/** Owns what is done to an open file: writing bytes to a place in it, all of them or an error, and telling whether its name still leads to it. */
import type * as nodeFs from 'node:fs';

export type WriteFs = Pick<typeof nodeFs, 'writeSync' | 'writevSync'>;

/** Throws I/O errors; what was written until then stays. */
export function writeFully(fs: WriteFs, fd: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  // A short write is followed by one that says why, for example that the disk is full.
  while (done < bytes.length) done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done);
}

/** Several pieces, one behind the other, in one call. */
export function writeParts(fs: WriteFs, fd: number, parts: readonly Uint8Array[], position: number): void {
  if (parts.length === 1) {
    writeFully(fs, fd, parts[0]!, position);
    return;
  }
  let done = fs.writevSync(fd, parts, position);
  for (const part of parts) {
    if (done < part.length) {
      writeFully(fs, fd, part.subarray(Math.max(done, 0)), position + Math.max(done, 0));
      done = part.length;
    }
    done -= part.length;
    position += part.length;
  }
}

/** What has become of an open file: its name leads to it, to another one or to none (`moved`), or it has no name any more. */
export function whereIs(fs: Pick<typeof nodeFs, 'fstatSync' | 'statSync'>, fd: number, path: string): 'there' | 'moved' | 'deleted' {
  try {
    const open = fs.fstatSync(fd);
    if (open.nlink === 0) return 'deleted';
    return fs.statSync(path).ino === open.ino ? 'there' : 'moved';
  } catch {
    return 'moved';
  }
}
