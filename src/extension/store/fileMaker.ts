/**
 * Owns when files are made of this window's journal, and what else is done to the store's folder: snapshots in quiet, segments of
 * complete journals, recovery of what others have left, and retention. What fails is tried again, less and less often; what was found is told once.
 */
import type { Clock } from '../util/clock';
import { isAppError, messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import { DisposableStore, MutableDisposable, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import type { JournalWriter } from './journalWriter';
import { defaultLimits, type Recovery, type RetentionLimits } from './types';
import type { WorkerHandle } from './workerHandle';
import type { RetentionReport } from './worker/retention';
import type { RecoveryReport } from './worker/sealer';

export interface FileMakerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Quiet time after which recent traffic is put into a SQLite file; default 10 s. */
  readonly snapshotQuietMs?: number;
  /** A journal of this size is sealed at a quiet moment instead; default 16 MB. */
  readonly sealQuietBytes?: number;
  /** The oldest sealed traffic goes when there are more bytes than this; default `defaultLimits`, 0: never. Read each time it is applied. */
  readonly maxBytes?: number;
  /** Sealed traffic goes when it is older than this; default `defaultLimits`, 0: never. Read each time it is applied. */
  readonly maxAgeMs?: number;
}

/** Files the store could not make are tried again after this long. */
const sealAgainMs = 60_000;
/** A snapshot that failed is tried again after twice as long each time, but no longer than this. */
const snapAgainMs = 30_000;
const recoverAfterMs = 1000;
/** What could not be recovered: after twice as long each time, up to what is waited for a window that may live. */
const recoverRetryMs = 60_000;
const recoverAgainMs = 6 * 60_000;
const retainEveryMs = 3600_000;

export class FileMaker implements Disposable {
  readonly #lifetime = new DisposableStore();
  readonly #recovered = this.#lifetime.add(new Emitter<Recovery>());
  readonly #quiet = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #sealAgain = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #recoverAgain = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #retainAgain = this.#lifetime.add(new MutableDisposable<Disposable>());
  /** Complete journals that have no segment yet, oldest first. */
  readonly #unsealed: number[] = [];
  #sealing: Promise<void> | undefined;
  /** What the last snapshot holds, as `k:last`. */
  #snapped = '';
  /** Since the last that succeeded. */
  #failedSnapshots = 0;
  #failedRecoveries = 0;
  #lastAppendUs = 0;
  #isEnding = false;

  readonly onDidRecover = this.#recovered.event;

  /** `onMade`: the folder is not what it was. */
  constructor(
    private readonly writer: JournalWriter,
    private readonly sealer: WorkerHandle,
    private readonly options: FileMakerOptions,
    private readonly onMade: () => void,
  ) {
    // What was left behind can wait until whoever is starting has started.
    this.#recoverAgain.value = options.clock.timer(recoverAfterMs, () => void this.#recover());
  }

  /** Something was appended. */
  written(): void {
    this.#lastAppendUs = this.options.clock.monotonicUs();
    if (!this.#quiet.value && !this.#isEnding) this.#waitForQuiet(this.options.snapshotQuietMs ?? 10_000);
  }

  /** Journal `k` is complete. */
  rotated(k: number): void {
    this.#unsealed.push(k);
    void this.#seal();
  }

  /** Writes the SQLite file of recent traffic now; gives its absolute path. */
  async snapshot(): Promise<string> {
    this.writer.flush();
    const { k, last } = this.writer.position;
    const path = await this.sealer.call<string>('snapshot', [k]);
    this.#snapped = `${k}:${last}`;
    return path;
  }

  /** For the time in which nobody could make files. */
  makeUp(): void {
    void this.#recover().then(() => this.#seal());
  }

  /** Seals what there is, after the last of this window's entries; its last journal is `k`. */
  async end(k: number): Promise<void> {
    this.#isEnding = true;
    this.#quiet.clear();
    await this.#seal();
    if (this.#unsealed.length === 0) await this.sealer.call('seal', [k, 'last']);
  }

  dispose(): void {
    this.#isEnding = true;
    this.#lifetime.dispose();
  }

  /** One timer for any number of entries: it looks, when it ends, how long ago the last one was. */
  #waitForQuiet(waitMs: number): void {
    const { clock, snapshotQuietMs = 10_000, sealQuietBytes = 16 * 1024 * 1024 } = this.options;
    this.#quiet.value = clock.timer(waitMs, () => {
      this.#quiet.clear();
      const leftMs = snapshotQuietMs - (clock.monotonicUs() - this.#lastAppendUs) / 1000;
      if (leftMs > 1) {
        this.#waitForQuiet(leftMs);
        return;
      }
      const { k, length, last } = this.writer.position;
      if (this.#snapped === `${k}:${last}`) return;
      // A snapshot is written as a whole each time: sealing bounds how much that is.
      if (length >= sealQuietBytes && this.writer.rotate()) return;
      void this.#snapInQuiet(snapshotQuietMs);
    });
  }

  async #snapInQuiet(quietMs: number): Promise<void> {
    try {
      await this.snapshot();
      this.#failedSnapshots = 0;
    } catch (error) {
      if (this.#isEnding) return;
      // Once is enough to say: it may be so for hours.
      if (this.#failedSnapshots++ === 0) this.options.logger.warn('The snapshot of recent traffic could not be written yet; it is tried again.', messageOf(error));
      // Nothing may come any more that would have it tried again.
      if (!this.#quiet.value) this.#waitForQuiet(Math.min(quietMs * 2 ** this.#failedSnapshots, snapAgainMs));
    }
  }

  /** Seals complete journals in order; what fails is tried again. */
  #seal(): Promise<void> {
    this.#sealing ??= (async () => {
      try {
        for (let k = this.#unsealed[0]; k !== undefined; k = this.#unsealed[0]) {
          const damage = await this.sealer.call<Recovery | undefined>('seal', [k, 'handOver']);
          this.#unsealed.shift();
          this.onMade();
          if (damage) await this.#tellDamage(k, damage);
        }
        if (!this.#isEnding) void this.#retain();
      } catch (error) {
        if (this.#isEnding || isAppError(error, 'store.unavailable')) return;
        this.options.logger.warn('A journal could not be sealed yet.', messageOf(error));
        this.#sealAgain.value = this.options.clock.timer(sealAgainMs, () => void this.#seal());
      } finally {
        this.#sealing = undefined;
      }
    })();
    return this.#sealing;
  }

  /** Damage in a journal of this window, found when it was sealed. What cannot be told now is told by the next start, for which the journal stays. */
  async #tellDamage(k: number, damage: Recovery): Promise<void> {
    if (this.#isEnding) return;
    const { logger } = this.options;
    logger.warn('Something in what this window has recorded was damaged when it was sealed.', damage);
    this.#tellRecovery(damage);
    if (this.writer.trouble) return;
    try {
      await this.sealer.call('quarantine', [k]);
    } catch (error) {
      logger.warn('The journal in which something is damaged could not be put aside yet; the next start does it.', messageOf(error));
    }
  }

  #tellRecovery(facts: Recovery): void {
    const { clock } = this.options;
    this.writer.append({ k: 'event', type: 'store.recovered', data: { ...facts } }, clock.wallMs(), clock.monotonicUs(), undefined);
    this.#recovered.fire(facts);
    this.onMade();
  }

  async #recover(): Promise<void> {
    const { logger } = this.options;
    try {
      const report = await this.sealer.call<RecoveryReport>('recover', []);
      if (this.#isEnding) return;
      const { uncertain, failed, ...facts } = report;
      if (report.journals > 0 || report.damagedEntries > 0 || report.quarantined.length > 0) {
        logger.info('Journals that earlier windows have left were recovered.', facts);
        this.#tellRecovery(facts);
      }
      if (failed > 0) this.#recoverLater();
      else {
        this.#failedRecoveries = 0;
        if (uncertain > 0) this.#recoverLater(recoverAgainMs);
      }
      await this.#retain();
    } catch (error) {
      if (this.#isEnding) return;
      logger.warn('Earlier journals could not be recovered yet.', messageOf(error));
      // A process that was given up does it when it is started again.
      if (!isAppError(error, 'store.unavailable')) this.#recoverLater();
    }
  }

  #recoverLater(waitMs = Math.min(recoverRetryMs * 2 ** this.#failedRecoveries++, recoverAgainMs)): void {
    this.#recoverAgain.value = this.options.clock.timer(waitMs, () => void this.#recover());
  }

  /** Lets go of traffic that is beyond the limits, now and every hour. */
  async #retain(): Promise<void> {
    const { clock, logger, maxBytes = defaultLimits.maxBytes, maxAgeMs = defaultLimits.maxAgeMs } = this.options;
    this.#retainAgain.value = clock.timer(retainEveryMs, () => void this.#retain());
    try {
      const limits: RetentionLimits = { maxBytes, maxAgeMs };
      const report = await this.sealer.call<RetentionReport>('retain', [limits]);
      if ((report.segments === 0 && !report.originals) || this.#isEnding) return;
      this.writer.append({ k: 'event', type: 'store.retention', data: { ...report, ...limits } }, clock.wallMs(), clock.monotonicUs(), undefined);
      logger.info('The oldest recorded traffic was removed, as the settings for the store say.', report);
      this.onMade();
    } catch (error) {
      if (!this.#isEnding) logger.warn('Old traffic could not be removed yet.', messageOf(error));
    }
  }
}
