/**
 * Owns that one change of configurations is made at a time, over all windows: a lock file in the storage folder, renewed
 * while it is held. One whose process is gone, or that was not renewed for long, was left by a crash and is taken over.
 *
 * Invariant: only who holds the lock of taking over removes a lock that is not his, and he has looked at it since he holds
 * that. So of two windows that find a lock left behind, one alone gets in.
 */
import * as path from 'node:path';
import { isProcessAlive } from '../../store/processAlive';
import type { Clock } from '../../util/clock';
import { AppError } from '../../util/errors';
import { reason } from './drafts';
import { replaceFile, type RoutingFs } from './files';

export interface RoutingLockOptions {
  readonly fs: RoutingFs;
  readonly storageDir: string;
  readonly randomId: () => string;
  /** Unix epoch, milliseconds. */
  readonly now: () => number;
  readonly timer: Clock['timer'];
}

const LOCK_NAME = 'routing.lock';
const RENEWED_MS = 15_000;
const STALE_MS = 60_000;
/** A lock is written at once; one that makes no sense for longer than this was left so. */
const WRITING_MS = 200;
/** Locks of taking over a lock of taking over: each is left only by a crash within a moment. */
const MAX_DEPTH = 3;

interface Holder {
  readonly pid: number;
  readonly atMs: number;
  readonly id: string;
}

export class RoutingLock {
  constructor(private readonly options: RoutingLockOptions) {}

  /** Rejects with AppError `routing.busy` where another window has the lock, `routing.failed` where it cannot be written. */
  async run<T>(change: () => Promise<T>): Promise<T> {
    const { fs, storageDir, randomId } = this.options;
    const file = path.join(storageDir, LOCK_NAME);
    const id = randomId();
    await fs.mkdir(storageDir, 0o700);
    await this.#take(file, id, 0);
    const renewing = this.#renewing(file, id);
    try {
      return await change();
    } finally {
      await renewing.stop();
      // Left standing only where another window has taken it over.
      if (((await this.#holder(file))?.id ?? id) === id) await fs.unlink(file).catch(() => undefined);
    }
  }

  async #take(file: string, id: string, depth: number): Promise<void> {
    const { fs } = this.options;
    if (await this.#create(file, id)) return;
    if (depth >= MAX_DEPTH || !(await this.#isLeft(file))) throw busy();
    const taking = `${file}.take`;
    await this.#take(taking, id, depth + 1);
    try {
      // Another window may have been faster.
      if (!(await this.#isLeft(file))) throw busy();
      await fs.unlink(file).catch(() => undefined);
      if (!(await this.#create(file, id))) throw busy();
    } finally {
      await fs.unlink(taking).catch(() => undefined);
    }
  }

  /** False: there is one already. */
  async #create(file: string, id: string): Promise<boolean> {
    try {
      await this.options.fs.create(file, this.#content(id), 0o600);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw new AppError('routing.failed', `${file}: ${reason(error)}. Nothing was changed.`, { cause: error });
    }
  }

  async #isLeft(file: string): Promise<boolean> {
    let holder = await this.#holder(file);
    if (!holder) {
      await new Promise<void>((resolve) => void this.options.timer(WRITING_MS, resolve));
      holder = await this.#holder(file);
    }
    if (!holder || Math.abs(this.options.now() - holder.atMs) > STALE_MS) return true;
    return holder.pid !== process.pid && !isProcessAlive(holder.pid);
  }

  /** `undefined`: what stands there makes no sense, or nothing does. */
  async #holder(file: string): Promise<Holder | undefined> {
    try {
      const holder = JSON.parse(new TextDecoder().decode(await this.options.fs.read(file))) as Holder;
      return Number.isInteger(holder.pid) && holder.pid > 0 && typeof holder.atMs === 'number' ? holder : undefined;
    } catch {
      return undefined;
    }
  }

  #renewing(file: string, id: string): { stop(): Promise<void> } {
    const { fs, timer, randomId } = this.options;
    let last = Promise.resolve();
    const renew = async (): Promise<void> => {
      if ((await this.#holder(file))?.id === id) await replaceFile(fs, file, this.#content(id), 0o600, randomId()).catch(() => undefined);
    };
    const next = () =>
      timer(RENEWED_MS, () => {
        last = renew();
        waiting = next();
      });
    let waiting = next();
    return {
      stop: () => {
        waiting.dispose();
        return last;
      },
    };
  }

  #content(id: string): Uint8Array {
    return new TextEncoder().encode(JSON.stringify({ pid: process.pid, atMs: this.options.now(), id } satisfies Holder));
  }
}

function busy(): AppError {
  return new AppError('routing.busy', 'Another window is changing configurations right now. Try again in a moment.');
}
