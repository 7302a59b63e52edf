/**
 * Owns the texts of definitions: one file per hash, the bytes as they were first seen, never changed again. Windows share
 * the folder: a file appears under its name only when it is whole, and whoever comes second writes the same.
 */
import type { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { SerialQueue } from '../util/async';
import { messageOf } from '../util/errors';
import type { Logger } from '../util/logger';

/** A definition beyond this is known by its hash only. */
const MAX_TEXT_BYTES = 1024 * 1024;
/** What may wait for the disk. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

export class DefinitionsArchive {
  readonly #queue = new SerialQueue();
  readonly #kept = new Set<string>();
  #waitingBytes = 0;

  constructor(
    private readonly dir: string,
    private readonly randomId: (bytes: number) => string,
    private readonly logger: Logger,
  ) {}

  /** Keeps a text; returns at once. */
  keep(hash: string, bytes: Buffer): void {
    if (this.#kept.has(hash) || bytes.length > MAX_TEXT_BYTES || this.#waitingBytes > MAX_WAITING_BYTES) return;
    this.#kept.add(hash);
    this.#waitingBytes += bytes.length;
    // A copy: the bytes given are a view on a whole message.
    const copy = Uint8Array.prototype.slice.call(bytes);
    void this.#queue
      .run(() => this.#write(hash, copy))
      .catch((error: unknown) => {
        this.#kept.delete(hash);
        this.logger.warn(`A definition could not be kept: ${messageOf(error)}`);
      })
      .finally(() => {
        this.#waitingBytes -= copy.length;
      });
  }

  async #write(hash: string, bytes: Uint8Array): Promise<void> {
    const file = this.#fileOf(hash);
    if (await exists(file)) return;
    await mkdir(path.dirname(file), { recursive: true });
    const temporary = `${file}.${this.randomId(6)}.tmp`;
    try {
      await writeFile(temporary, bytes, { flag: 'wx', mode: 0o600 });
      await rename(temporary, file);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  /** The text as first seen; `undefined`: not kept. */
  async text(hash: string): Promise<string | undefined> {
    if (!/^[0-9a-f]{64}$/.test(hash)) return undefined;
    await this.settled();
    return readFile(this.#fileOf(hash), 'utf8').catch(() => undefined);
  }

  /** The same at once, for exports; `undefined` also for what is still on its way to the disk. */
  textNow(hash: string): string | undefined {
    try {
      return readFileSync(this.#fileOf(hash), 'utf8');
    } catch {
      return undefined;
    }
  }

  /** Resolves when everything given so far is on disk. */
  settled(): Promise<void> {
    return this.#queue.run(() => Promise.resolve());
  }

  #fileOf(hash: string): string {
    return path.join(this.dir, hash.slice(0, 2), `${hash}.json`);
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
