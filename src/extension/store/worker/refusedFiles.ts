/** Owns opening files of the store's folder, and which are left out because they cannot be read: each until it is another one, or gone. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isAppError, messageOf } from '../../util/errors';

export interface RefusedFilesOptions {
  readonly dir: string;
  readonly warn: (message: string) => void;
  /** There are others than before. */
  readonly onUnreadable?: () => void;
}

interface Refused {
  readonly size: number;
  /** Nothing is wrong with it: a newer version wrote it. */
  readonly isNewer: boolean;
}

export class RefusedFiles {
  /** By name and size: tried again when they change. */
  readonly #files = new Map<string, Refused>();
  /** A listed file was gone when it was to be opened; whoever lists them says when that is over. */
  hasVanished = false;

  constructor(private readonly options: RefusedFilesOptions) {}

  get all(): readonly { readonly name: string; readonly isNewer: boolean }[] {
    return [...this.#files].map(([name, { isNewer }]) => ({ name, isNewer }));
  }

  /** `onFault` is told what is wrong with a file that is there and no newer version's; without it, such a file is left out. */
  try<T>(name: string, open: () => T, onFault?: (error: unknown) => void): T | undefined {
    try {
      if (this.#holds(name)) return undefined;
      const opened = open();
      this.remove(name);
      return opened;
    } catch (error) {
      if (onFault && !isAppError(error) && (error as NodeJS.ErrnoException).code !== 'ENOENT') onFault(error);
      else this.add(name, error);
      return undefined;
    }
  }

  /** Whether it is still the file that could not be read. Throws I/O errors. */
  #holds(name: string): boolean {
    const refused = this.#files.get(name);
    return refused !== undefined && refused.size === statSync(join(this.options.dir, name)).size;
  }

  /** Leaves a file out, where it is there. */
  add(name: string, error: unknown): void {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      this.hasVanished = true;
      return;
    }
    const { dir, warn, onUnreadable } = this.options;
    let size = -1;
    try {
      size = statSync(join(dir, name)).size;
    } catch {
      return;
    }
    this.#files.set(name, { size, isNewer: isAppError(error) && error.code === 'store.newerFormat' });
    onUnreadable?.();
    warn(isAppError(error) ? error.message : `${name} cannot be read and is left out: ${messageOf(error)}`);
  }

  /** It can be read after all. */
  remove(name: string): void {
    if (this.#files.delete(name)) this.options.onUnreadable?.();
  }

  /** Forgets those that are gone. */
  keep(names: readonly string[]): void {
    const before = this.#files.size;
    for (const name of this.#files.keys()) if (!names.includes(name)) this.#files.delete(name);
    if (this.#files.size !== before) this.options.onUnreadable?.();
  }
}
