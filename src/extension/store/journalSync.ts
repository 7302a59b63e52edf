/**
 * Owns getting onto the disk what the journal has written: `fdatasync` in the background, one at a time, soon after the first
 * byte that is not synced, or at once where that is much; and the folder, once a file was made in it. Where the disk does not confirm, it says so, once, and
 * goes on trying: what was written before may be missing after a power cut, whatever a later sync says, since the system
 * forgets what it could not write (see "Failure" in docs/store.md).
 */
import type * as nodeFs from 'node:fs';
import type { Clock } from '../util/clock';
import { MutableDisposable, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';

export type SyncFs = Pick<typeof nodeFs, 'fdatasync' | 'open' | 'fsync' | 'close'>;

export interface SyncedFile {
  readonly fd: number;
  readonly firstNumber: number;
  length: number;
  syncedLength: number;
  /** Entries up to this number are synced, or it was said that they are not. */
  syncedNumber: number;
  /** When that was; Unix epoch, milliseconds. */
  syncedMs: number;
}

export interface JournalSyncOptions<F extends SyncedFile> {
  readonly fs: SyncFs;
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The file that is written to, what of it waits in memory to be written, bytes, and the last entry's number. */
  readonly current: () => { readonly file: F | undefined; readonly pendingBytes: number; readonly last: number };
  /** The disk did not confirm what is in this file behind `syncedNumber`; it may be told again of the same. */
  readonly onUnsynced: (file: F, reason: string) => void;
  /** A sync of this file has ended, one way or the other. */
  readonly onEnded: (file: F) => void;
  readonly onChange: () => void;
}

const syncAfterMs = 40;
/** So much does not wait for that: the disk takes it while more comes, and a power cut loses less. */
const muchBytes = 4 * 1024 * 1024;
const firstRetryMs = 100;
const lastRetryMs = 5000;
/** What a file system says that cannot sync a folder, and what one says that is gone. */
const noFolderSync = new Set(['EINVAL', 'ENOTSUP', 'EPERM', 'EACCES', 'EISDIR', 'EBADF', 'ENOENT', 'ENOSYS']);

export class JournalSync<F extends SyncedFile> implements Disposable {
  readonly #timer = new MutableDisposable<Disposable>();
  #isSyncing = false;
  #failure: { readonly reason: string; retryMs: number; file: F | undefined } | undefined;
  #closed = false;

  constructor(private readonly options: JournalSyncOptions<F>) {}

  /** Why the disk does not confirm what is written; `undefined` while it does. */
  get failure(): string | undefined {
    return this.#failure?.reason;
  }

  /** There is something to sync. */
  schedule(): void {
    if (this.#isSyncing || this.#closed) return;
    if (!this.#failure && this.#unsyncedBytes >= muchBytes) {
      this.#timer.clear();
      this.#sync();
      return;
    }
    this.#timer.value ??= this.options.clock.timer(this.#failure?.retryMs ?? syncAfterMs, () => {
      this.#timer.clear();
      this.#sync();
    });
  }

  get #unsyncedBytes(): number {
    const { file, pendingBytes } = this.options.current();
    return file ? file.length - pendingBytes - file.syncedLength : 0;
  }

  /** A file was made: its name is to survive a power cut, too. Windows knows no such thing. */
  folderChanged(file: F): void {
    if (process.platform === 'win32') return;
    const { fs, dir } = this.options;
    const failed = (error: NodeJS.ErrnoException): void => {
      // Not every file system can.
      if (!noFolderSync.has(error.code ?? '')) this.#failed(file, error);
    };
    fs.open(dir, 'r', (error, fd) => {
      if (error) return failed(error);
      fs.fsync(fd, (failure) => {
        fs.close(fd, () => undefined);
        if (failure) failed(failure);
      });
    });
  }

  /** Syncs a file that is complete, a last time; then `done`. */
  last(file: F, lastNumber: number, done: () => void): void {
    this.#timer.clear();
    this.options.fs.fdatasync(file.fd, (error) => {
      if (this.#failure && !this.#closed && (error || this.#failure.file === file)) this.options.onUnsynced(file, this.#failure.reason);
      else if (error) this.#failed(file, error);
      else this.#synced(file, file.length, lastNumber);
      done();
    });
  }

  dispose(): void {
    this.#closed = true;
    this.#timer.dispose();
  }

  #sync(): void {
    const { file, pendingBytes, last } = this.options.current();
    if (!file || file.syncedLength === file.length || this.#closed) return;
    const length = file.length - pendingBytes;
    const number = pendingBytes > 0 ? file.syncedNumber : last;
    this.#isSyncing = true;
    this.options.fs.fdatasync(file.fd, (error) => {
      this.#isSyncing = false;
      if (error) this.#failed(file, error);
      else this.#confirmed(file, length, number);
      if (this.#closed) return;
      this.options.onEnded(file);
      const { file: now } = this.options.current();
      if (now && now.syncedLength !== now.length) this.schedule();
    });
  }

  #confirmed(file: F, length: number, number: number): void {
    const failure = this.#failure;
    if (!failure) return this.#synced(file, length, number);
    if (this.options.current().file !== file) return;
    // This one had failed as well, and what it held then is not vouched for by a sync that works now.
    if (failure.file === file) this.options.onUnsynced(file, failure.reason);
    this.#synced(file, length, number);
    this.#failure = undefined;
    this.options.logger.info('The disk confirms again what is written to the journal.');
    this.options.onChange();
  }

  #synced(file: SyncedFile, length: number, number: number): void {
    file.syncedLength = length;
    file.syncedNumber = Math.max(file.syncedNumber, number);
    file.syncedMs = this.options.clock.wallMs();
  }

  #failed(file: F, error: Error): void {
    if (this.#closed) return;
    if (this.#failure) {
      this.#failure.retryMs = Math.min(this.#failure.retryMs * 2, lastRetryMs);
      this.#failure.file = file;
      return;
    }
    this.#failure = { reason: error.message, retryMs: firstRetryMs, file: undefined };
    this.options.logger.error('The disk does not confirm what is written to the journal: a power cut can lose the last of it.', error.message);
    this.options.onUnsynced(file, error.message);
    this.options.onChange();
  }
}
