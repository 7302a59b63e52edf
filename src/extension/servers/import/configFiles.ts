/**
 * Owns how foreign configuration files are read: regular files only (a pipe or device would never end), at most so many
 * bytes, valid UTF-8. Never throws.
 */
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { messageOf } from '../../util/errors';

/** `~/.claude.json` keeps a history and can be large; anything larger than this is no configuration. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Of a folder of profiles or blocks. */
export const MAX_FOLDER_ENTRIES = 200;

export type FileReading =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  /** A sentence with what to do, without its full stop. */
  | { readonly kind: 'unreadable'; readonly message: string };

export interface ConfigFiles {
  read(file: string): Promise<FileReading>;
  /** Names of the direct children, sorted; empty where there is no such folder. */
  list(dir: string): Promise<readonly string[]>;
}

export const nodeConfigFiles: ConfigFiles = {
  async read(file) {
    try {
      // Not blocking: opening a pipe would wait for a writer.
      const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      try {
        const stat = await handle.stat();
        if (!stat.isFile()) return { kind: 'unreadable', message: 'It is not a regular file' };
        if (stat.size > MAX_FILE_BYTES) return { kind: 'unreadable', message: TOO_LARGE };
        const buffer = Buffer.alloc(Math.min(stat.size, MAX_FILE_BYTES) + 1);
        let length = 0;
        while (length < buffer.length) {
          const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
          if (bytesRead === 0) break;
          length += bytesRead;
        }
        if (length > stat.size) return { kind: 'unreadable', message: 'It grew while it was read: try again' };
        return decode(buffer.subarray(0, length));
      } finally {
        await handle.close();
      }
    } catch (error) {
      return failure(error);
    }
  },

  async list(dir) {
    try {
      return (await readdir(dir)).toSorted().slice(0, MAX_FOLDER_ENTRIES);
    } catch {
      return [];
    }
  },
};

const TOO_LARGE = `It is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB`;

/** UTF-8 with or without byte order mark (which stays). */
export function decode(bytes: Uint8Array): FileReading {
  if (bytes.length > MAX_FILE_BYTES) return { kind: 'unreadable', message: TOO_LARGE };
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { kind: 'unreadable', message: 'It is not UTF-8 text: save it in that encoding' };
  }
}

function failure(error: unknown): FileReading {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { kind: 'missing' };
    case 'ELOOP':
      return { kind: 'unreadable', message: 'It is a link that leads back to itself: remove the link' };
    case 'EACCES':
    case 'EPERM':
      return { kind: 'unreadable', message: 'You have no permission to read it' };
    case 'EISDIR':
      return { kind: 'unreadable', message: 'It is not a regular file' };
    default:
      return { kind: 'unreadable', message: `It cannot be read (${messageOf(error)})` };
  }
}
