/**
 * Owns how configuration files are read and watched. Watching is best effort by nature (network file systems, missing
 * folders): whoever uses it must also look for himself now and then.
 */
import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { toDisposable, type Disposable } from '../util/lifecycle';

export interface FilePort {
  /** `undefined`: there is no such file. Rejects where there is one that cannot be read. */
  read(file: string): Promise<string | undefined>;
  /** Differs when the file has changed; `undefined`: there is none. Never rejects. */
  signature(file: string): Promise<string | undefined>;
  /** Calls back when the folder of the file may have changed; gives `undefined` where it cannot be watched (now). */
  watch(file: string, changed: () => void, ended: () => void): Disposable | undefined;
}

export const nodeFiles: FilePort = {
  async read(file) {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },

  async signature(file) {
    try {
      const { dev, ino, size, mtimeMs } = await stat(file);
      return [dev, ino, size, mtimeMs].join();
    } catch (error) {
      return isMissing(error) ? undefined : 'unreadable';
    }
  },

  watch(file, changed, ended) {
    try {
      // The folder, not the file: editors put a new file in its place, and a watch on the old one hears nothing more.
      const watcher = watch(path.dirname(file), { persistent: false }, (_event, name) => {
        if (name === null || name === path.basename(file)) changed();
      });
      const disposable = toDisposable(() => watcher.close());
      watcher.on('error', () => {
        disposable.dispose();
        ended();
      });
      return disposable;
    } catch {
      return undefined;
    }
  },
};

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
