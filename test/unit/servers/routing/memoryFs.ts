/**
 * Owns a file system in memory for the tests of routing: files, folders and links, and faults at the operation of one's
 * choice: `fail` makes that one operation reject, `crash` that one and all that come after it, as if the process had died.
 */
import * as path from 'node:path';
import type { ConfigFiles } from '../../../../src/extension/servers/import/configFiles';
import type { FileStat, RoutingFs } from '../../../../src/extension/servers/routing/files';

type Entry = { readonly kind: 'file'; readonly bytes: Uint8Array; readonly mode: number } | { readonly kind: 'dir' } | { readonly kind: 'link'; readonly to: string };

const error = (code: string): Error => Object.assign(new Error(code), { code });

export class MemoryFs implements RoutingFs {
  readonly #entries = new Map<string, Entry>([['/', { kind: 'dir' }]]);
  #left = Infinity;
  #isCrash = false;
  #code = 'EIO';
  operations = 0;

  /** The operation after `count` more fails. */
  fault(kind: 'fail' | 'crash', count: number, code = 'EIO'): void {
    this.#left = count;
    this.#isCrash = kind === 'crash';
    this.#code = code;
  }

  heal(): void {
    this.#left = Infinity;
  }

  set(file: string, content: string | Uint8Array, mode = 0o644): void {
    this.#makeDirs(path.posix.dirname(file));
    this.#entries.set(file, { kind: 'file', bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content, mode });
  }

  link(file: string, to: string): void {
    this.#makeDirs(path.posix.dirname(file));
    this.#entries.set(file, { kind: 'link', to });
  }

  text(file: string): string | undefined {
    const entry = this.#entries.get(this.#resolve(file));
    return entry?.kind === 'file' ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(entry.bytes) : undefined;
  }

  mode(file: string): number | undefined {
    const entry = this.#entries.get(this.#resolve(file));
    return entry?.kind === 'file' ? entry.mode : undefined;
  }

  /** Everything below a folder, with content and mode; folders end in `/`. */
  tree(dir: string): Record<string, string> {
    const below = [...this.#entries].filter(([file]) => file.startsWith(`${dir}/`)).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      below.map(([file, entry]) => {
        if (entry.kind === 'dir') return [`${file}/`, ''];
        return [file, entry.kind === 'link' ? `-> ${entry.to}` : `${entry.mode.toString(8)} ${Buffer.from(entry.bytes).toString('latin1')}`];
      }),
    );
  }

  delete(file: string): void {
    this.#entries.delete(file);
  }

  /** The same files, as discovery reads them. */
  readonly config: ConfigFiles = {
    read: (file) => {
      const text = this.text(file);
      return Promise.resolve(text === undefined ? { kind: 'missing' } : { kind: 'text', text });
    },
    list: (dir) => Promise.resolve(this.#children(dir)),
  };

  read(file: string): Promise<Uint8Array> {
    return this.#run(() => this.#file(file).bytes);
  }

  stat(file: string): Promise<FileStat> {
    return this.#run(() => this.#stat(this.#resolve(file)));
  }

  lstat(file: string): Promise<FileStat> {
    return this.#run(() => this.#stat(file));
  }

  realpath(file: string): Promise<string> {
    return this.#run(() => {
      const real = this.#resolve(file);
      if (!this.#entries.has(real)) throw error('ENOENT');
      return real;
    });
  }

  mkdir(dir: string): Promise<string | undefined> {
    return this.#run(() => this.#makeDirs(dir));
  }

  create(file: string, bytes: Uint8Array, mode: number): Promise<void> {
    return this.#run(() => {
      if (this.#entries.has(file)) throw error('EEXIST');
      if (this.#entries.get(path.posix.dirname(file))?.kind !== 'dir') throw error('ENOENT');
      this.#entries.set(file, { kind: 'file', bytes, mode });
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#run(() => {
      const entry = this.#entries.get(from);
      if (!entry) throw error('ENOENT');
      this.#entries.delete(from);
      this.#entries.set(to, entry);
    });
  }

  unlink(file: string): Promise<void> {
    return this.#run(() => {
      if (!this.#entries.delete(file)) throw error('ENOENT');
    });
  }

  rmdir(dir: string): Promise<void> {
    return this.#run(() => {
      if (this.#children(dir).length > 0) throw error('ENOTEMPTY');
      if (!this.#entries.delete(dir)) throw error('ENOENT');
    });
  }

  list(dir: string): Promise<readonly string[]> {
    return this.#run(() => this.#children(dir));
  }

  async #run<T>(operation: () => T): Promise<T> {
    await Promise.resolve();
    this.operations += 1;
    if (this.#left <= 0) {
      if (!this.#isCrash) this.#left = Infinity;
      throw error(this.#code);
    }
    this.#left -= 1;
    return operation();
  }

  #resolve(file: string): string {
    let current = file;
    for (let hops = 0; hops < 10; hops++) {
      const entry = this.#entries.get(current);
      if (entry?.kind !== 'link') return current;
      current = entry.to;
    }
    throw error('ELOOP');
  }

  #file(file: string): { bytes: Uint8Array; mode: number } {
    const entry = this.#entries.get(this.#resolve(file));
    if (!entry) throw error('ENOENT');
    if (entry.kind !== 'file') throw error('EISDIR');
    return entry;
  }

  #stat(file: string): FileStat {
    const entry = this.#entries.get(file);
    if (!entry) throw error('ENOENT');
    return { isFile: entry.kind === 'file', isLink: entry.kind === 'link', mode: entry.kind === 'file' ? entry.mode : 0o755, size: entry.kind === 'file' ? entry.bytes.length : 0 };
  }

  #children(dir: string): string[] {
    return [...this.#entries.keys()].filter((file) => path.posix.dirname(file) === dir && file !== '/').map((file) => path.posix.basename(file)).toSorted();
  }

  #makeDirs(dir: string): string | undefined {
    if (this.#entries.has(dir)) return undefined;
    const first = this.#makeDirs(path.posix.dirname(dir));
    this.#entries.set(dir, { kind: 'dir' });
    return first ?? dir;
  }
}
