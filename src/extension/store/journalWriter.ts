/**
 * Owns writing the journal, on the thread that forwards the traffic. `append` writes one entry with one synchronous call
 * before it returns, so killing the process loses nothing that anyone received; syncing to disk is grouped and never
 * blocks. What nobody has been told of may be `staged`: it is written with the next entry, in one call, and at the latest
 * when the event loop turns. Where the disk is slow, entries are written in the background (slowDisk.ts), and `slow` says
 * so. It never throws: what cannot be kept is counted, and stored as a gap as soon as writing works
 * again.
 *
 * Invariant: every byte before `length` belongs to a complete entry of the current file, or to one that waits to be written
 * there; a file is complete on disk before it is given up for the next one; numbers have no holes; entries
 * are written in the order of their numbers.
 */
import * as nodeFs from 'node:fs';
import { makeJournal, whereIs, writeFully, writeParts, type OpenFile } from './journalFile';
import { gapOf, JournalLoss } from './journalLoss';
import { JournalStage, type Staged } from './journalStage';
import { JournalSync, type SyncFs } from './journalSync';
import { SlowDisk, type PendingWrite } from './slowDisk';
import type { EntryMeta, Journal } from './types';
import type { Clock } from '../util/clock';
import { messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import { MutableDisposable, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';

/** The file operations of the writer; tests make each of them fail. */
export type JournalFs = SyncFs &
  Pick<typeof nodeFs, 'mkdirSync' | 'openSync' | 'write' | 'writeSync' | 'writevSync' | 'fdatasyncSync' | 'ftruncateSync' | 'closeSync' | 'fstatSync' | 'statSync'>;

export interface JournalWriterOptions {
  readonly dir: string;
  readonly writer: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pid: number;
  readonly birth?: string;
  readonly host: string;
  readonly socket: string;
  /** A full journal is rotated; default 128 MB. */
  readonly rotateBytes?: number;
  /** An old journal is rotated; default 6 h. */
  readonly rotateAfterMs?: number;
  readonly fs?: JournalFs;
  /** What may wait to be written while the disk is slow; default 16 MB. */
  readonly mostPendingBytes?: number;
}

/** Where the writer stands: file `k` holds complete entries up to `length`, the last one numbered `last`. */
export interface JournalPosition {
  readonly k: number;
  readonly length: number;
  readonly last: number;
}

const checkEveryMs = 2000;
/** A file is given up because of a disk that does not confirm at most so often. */
const giveUpEveryMs = 60_000;
const nothing = Buffer.alloc(0);

export class JournalWriter implements Journal, Disposable {
  readonly #fs: JournalFs;
  readonly #stage = new JournalStage();
  readonly #retryTimer = new MutableDisposable<Disposable>();
  readonly #changed = new Emitter<void>();
  readonly #rotated = new Emitter<number>();
  #file: OpenFile | undefined;
  #lastK = 0;
  #last = 0;
  #lastLost = 0;
  #loss: JournalLoss | undefined;
  /** What was said to be missing in an entry that waits to be written in the background: said only once it is. */
  #saying: { readonly n: number; readonly loss: JournalLoss } | undefined;
  #mayRetryAtUs = 0;
  readonly #sync: JournalSync<OpenFile>;
  readonly #disk: SlowDisk;
  #gaveUpAtUs = -Infinity;
  #checkedAtUs = 0;
  #closed = false;
  readonly #flushLater = (): void => this.flush();
  /** Is told of every entry that is appended, kept or not; the body holds for as long as the call lasts. Never throws. */
  tap: ((n: number, meta: EntryMeta, wallMs: number, monotonicUs: number, body: Uint8Array | undefined) => void) | undefined;

  /** More has been written, or writing broke or works again. */
  readonly onDidChange = this.#changed.event;
  /** The journal with this number is complete. */
  readonly onDidRotate = this.#rotated.event;

  constructor(private readonly options: JournalWriterOptions) {
    const { clock, logger, mostPendingBytes } = options;
    this.#fs = options.fs ?? nodeFs;
    this.#disk = new SlowDisk({
      fs: this.#fs,
      clock,
      mostPendingBytes,
      onWritten: ({ entries }) => {
        if (entries.some(({ n }) => n === this.#saying?.n)) this.#saying = undefined;
        this.#afterWrite();
      },
      onFailed: (lost, error) => this.#unwritten(lost, error),
      onChange: (isSlow) => {
        if (isSlow) logger.warn('The disk is slow: the journal is written in the background now.');
        else logger.info('The disk is well again: the journal is written before anything is passed on.');
        this.#changed.fire();
      },
    });
    this.#sync = new JournalSync({
      fs: this.#fs,
      dir: options.dir,
      clock,
      logger,
      current: () => ({ file: this.#file, pendingBytes: this.#disk.pendingBytes, last: this.#last - this.#stage.count }),
      onUnsynced: (file, reason) => this.#unsynced(file, reason),
      onEnded: (file) => {
        if (file === this.#file) this.#checkFile(file);
      },
      onChange: () => this.#changed.fire(),
    });
    try {
      this.#open();
    } catch (error) {
      this.#lose(0, options.clock.wallMs(), error);
    }
  }

  get position(): JournalPosition {
    return { k: this.#file?.k ?? this.#lastK, length: this.#file?.length ?? 0, last: this.#last };
  }

  /** What is not being kept now; `undefined` while writing works. */
  get trouble(): { readonly reason: string; readonly missing: number } | undefined {
    return this.#loss && { reason: this.#loss.reason, missing: this.#loss.count };
  }

  /** Why the disk does not confirm what is written to it; `undefined` while it does. */
  get unsynced(): string | undefined {
    return this.#sync.failure;
  }

  /** Entries are written in the background, because the disk is slow. */
  get isSlow(): boolean {
    return this.#disk.isSlow;
  }

  append(meta: EntryMeta, wallMs: number, monotonicUs: number, body: Uint8Array | undefined, staged = false): number {
    if (this.#loss && this.options.clock.monotonicUs() >= this.#mayRetryAtUs) this.#resume();
    const n = ++this.#last;
    this.tap?.(n, meta, wallMs, monotonicUs, body);
    if (this.#loss || this.#closed) {
      this.#lose(n, wallMs, 'closed');
      return n;
    }
    try {
      this.#add(n, meta, wallMs, monotonicUs, body ?? nothing);
    } catch (error) {
      this.flush();
      this.#lose(n, wallMs, error);
      return n;
    }
    if (!staged) this.flush();
    else if (this.#stage.count === 1) setImmediate(this.#flushLater);
    return n;
  }

  flush(): void {
    if (this.#stage.count === 0) return;
    const staged = this.#stage.take();
    try {
      this.#write(staged);
    } catch (error) {
      for (const { n, wallMs } of staged.entries) this.#lose(n, wallMs, error);
      return;
    }
    this.#afterWrite();
  }

  /** Entries that are not written yet. */
  get stagedCount(): number {
    return this.#stage.count;
  }

  /** Whether an entry may stand for its body by pointing at entry `n`: it is in the file the next entry goes to. */
  canReferTo(n: number): boolean {
    return this.#file !== undefined && !this.#loss && n >= this.#file.firstNumber && n > this.#lastLost && n <= this.#last;
  }

  /** Completes the current file and goes on in a new one. Keeps the old one where no new one can be made. */
  rotate(): boolean {
    const { k } = this.position;
    this.flush();
    const before = this.#file;
    // What was staged may have filled the file.
    if (before && before.k !== k) return true;
    // A file that is given up is sealed: everything must be in it.
    if (!before || this.#loss || this.#closed || this.#disk.pendingBytes > 0) return false;
    try {
      this.#open();
    } catch (error) {
      this.options.logger.warn('The journal could not be rotated; it goes on in the same file.', messageOf(error));
      return false;
    }
    this.#retire(before);
    this.#rotated.fire(before.k);
    return true;
  }

  /** Syncs and closes; what is appended afterwards is lost and only counted. */
  close(): void {
    if (this.#closed) return;
    if (this.#loss) this.#resume();
    this.dispose();
    const file = this.#file;
    if (!file) return;
    try {
      const { waiting, underWay } = this.#disk.end();
      for (const { fd, bytes, position } of waiting) writeFully(this.#fs, fd, bytes, position);
      this.#fs.fdatasyncSync(file.fd);
      // A write that is under way still has the file.
      if (underWay) void underWay.then(() => this.#fs.closeSync(file.fd));
      else this.#fs.closeSync(file.fd);
    } catch (error) {
      this.options.logger.warn('The journal could not be synced at the end.', messageOf(error));
    }
  }

  dispose(): void {
    this.flush();
    this.#closed = true;
    this.#retryTimer.dispose();
    this.#sync.dispose();
    this.#changed.dispose();
    this.#rotated.dispose();
  }

  #open(): void {
    const k = this.#lastK + 1;
    const file = makeJournal(this.#fs, this.options, k, this.#last + 1, () => (this.#lastK = k));
    this.#file = file;
    this.#sync.folderChanged(file);
  }

  #add(n: number, meta: EntryMeta, wallMs: number, us: number, body: Uint8Array): void {
    if (!this.#file) throw new Error('no journal is open');
    this.#stage.add(n, meta, wallMs, us, body, this.#file.seed);
  }

  /** Writes what was staged, or throws. */
  #write({ parts, entries }: Staged): void {
    const file = this.#file;
    if (!file) throw new Error('no journal is open');
    const { clock } = this.options;
    if (this.#disk.isSlow) {
      if (!this.#disk.push({ fd: file.fd, bytes: Buffer.concat(parts), position: file.length, entries })) throw new Error('the disk is too slow for what passes');
    } else {
      const beganUs = clock.monotonicUs();
      writeParts(this.#fs, file.fd, parts, file.length);
      this.#disk.took(clock.monotonicUs() - beganUs);
    }
    for (const part of parts) file.length += part.length;
  }

  /** What waited could not be written: it is missing, and the next entry goes to where it would have been. */
  #unwritten(lost: readonly PendingWrite[], error: Error): void {
    const [first] = lost;
    if (first && this.#file?.fd === first.fd) this.#file.length = first.position;
    // What is staged may refer to what is lost.
    const staged = this.#stage.take();
    const entries = [...lost.flatMap((write) => write.entries), ...staged.entries];
    const unsaid = entries.some(({ n }) => n === this.#saying?.n) ? this.#saying : undefined;
    if (unsaid) this.#unsay(unsaid);
    for (const { n, wallMs } of entries) if (n !== unsaid?.n) this.#lose(n, wallMs, error);
  }

  /** What an entry that could not be written would have said is still to be said. */
  #unsay({ n, loss }: { readonly n: number; readonly loss: JournalLoss }): void {
    this.#saying = undefined;
    if (this.#loss) loss.include(this.#loss);
    this.#loss = loss;
    // Its number is free again where none was given after it; else it is one of those between which something is missing.
    if (this.#last === n) this.#last--;
    this.#retryLater(loss);
  }

  #afterWrite(): void {
    const file = this.#file;
    if (!file) return;
    this.#sync.schedule();
    this.#changed.fire();
    const { rotateBytes = 128 * 1024 * 1024, rotateAfterMs = 6 * 3600 * 1000, clock } = this.options;
    if (file.length >= rotateBytes || clock.monotonicUs() - file.openedUs >= rotateAfterMs * 1000) this.rotate();
  }

  /**
   * The disk did not confirm what is in this file. The system may have forgotten it by now, so a later sync of the same file
   * would say nothing: what comes next goes to another one, which begins with what may be missing.
   */
  #unsynced(file: OpenFile, reason: string): void {
    const { clock } = this.options;
    const now = clock.monotonicUs();
    const first = Math.max(file.firstNumber, file.syncedNumber + 1);
    const last = file.lastNumber ?? this.#last;
    file.syncedNumber = last;
    // A disk that fails again and again must not fill the folder with files.
    if (this.#file === file && now - this.#gaveUpAtUs >= giveUpEveryMs * 1000 && this.rotate()) this.#gaveUpAtUs = now;
    if (last < first) return;
    const wallMs = clock.wallMs();
    this.append(gapOf(last - first + 1, file.syncedMs, wallMs, first, last, `the disk did not confirm them (${reason})`, 'unsynced'), wallMs, now, undefined);
  }

  /**
   * A file that was deleted or moved away under the writer takes writes without complaint: look whether its name still
   * leads to it, and go on in a new file where it does not.
   */
  #checkFile(file: OpenFile): void {
    const now = this.options.clock.monotonicUs();
    if (now - this.#checkedAtUs < checkEveryMs * 1000) return;
    this.#checkedAtUs = now;
    const where = whereIs(this.#fs, file.fd, file.path);
    if (where === 'there') return;
    const gone = where === 'deleted';
    this.options.logger.warn(gone ? 'The journal was deleted while it was written to.' : 'The journal was moved while it was written to.', file.path);
    const firstNumber = file.firstNumber;
    const lastNumber = this.#last;
    if (!this.rotate() || !gone || lastNumber < firstNumber) return;
    const wallMs = this.options.clock.wallMs();
    this.append(gapOf(lastNumber - firstNumber + 1, wallMs, wallMs, firstNumber, lastNumber, 'the journal file was deleted'), wallMs, now, undefined);
  }

  #retire(file: OpenFile): void {
    file.lastNumber = this.#last;
    this.#sync.last(file, this.#last, () => {
      try {
        this.#fs.closeSync(file.fd);
      } catch (failure) {
        this.options.logger.warn('The rotated journal could not be closed.', messageOf(failure));
      }
    });
  }

  #lose(n: number, wallMs: number, error: unknown): void {
    const fresh = !this.#loss;
    const loss = (this.#loss ??= new JournalLoss(n, wallMs, messageOf(error)));
    if (n > 0) {
      loss.add(n, wallMs);
      this.#lastLost = n;
    }
    if (fresh) {
      this.options.logger.error('The journal cannot be written; traffic goes on without being kept.', loss.reason);
      this.#retryLater(loss);
      // What a failed write left behind must not stand between complete entries. After the end the number of the file may
      // be that of somebody else's.
      if (this.#file && !this.#closed && this.#disk.pendingBytes === 0) {
        try {
          this.#fs.ftruncateSync(this.#file.fd, this.#file.length);
        } catch {
          // The next write starts at the same place anyway.
        }
      }
    }
    this.#changed.fire();
  }

  #retryLater(loss: JournalLoss): void {
    if (this.#closed) return;
    const retryMs = loss.nextRetryMs();
    this.#mayRetryAtUs = this.options.clock.monotonicUs() + retryMs * 1000;
    this.#retryTimer.value = this.options.clock.timer(retryMs, () => this.#resume());
  }

  /** Tries to write again, beginning with the gap that says what is missing. */
  #resume(): void {
    const loss = this.#loss;
    if (!loss || this.#closed) return;
    const { clock } = this.options;
    try {
      if (!this.#file) this.#open();
      if (loss.count > 0) {
        const n = this.#last + 1;
        this.#add(n, loss.gap(), clock.wallMs(), clock.monotonicUs(), nothing);
        this.#write(this.#stage.take());
        this.#last = n;
        if (this.#disk.pendingBytes > 0) this.#saying = { n, loss };
      }
      this.#loss = undefined;
      this.#retryTimer.clear();
      this.options.logger.info('The journal is written again.', `missing entries: ${loss.count}`);
      this.#afterWrite();
    } catch {
      this.#retryLater(loss);
    }
  }
}
