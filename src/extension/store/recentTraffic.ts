/**
 * Owns what is shown while the worker that answers questions is lost: the newest traffic of this window, in memory of bounded size on
 * this thread. It begins with the end of the journal and is told of every entry from then on. Nothing of it is needed while the
 * worker lives, so nothing of it is there then.
 */
import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Throttle } from '../util/async';
import type { Clock } from '../util/clock';
import { AppError, messageOf } from '../util/errors';
import type { Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { journalName } from './fileNames';
import type { JournalEntry } from './journalFormat';
import { JournalReader, readAtOf } from './journalReader';
import type { JournalPosition } from './journalWriter';
import type { EntryMeta } from './types';
import type { QueryWorkerApi } from './worker/api';
import type { RecentView } from './worker/recentView';
import { lossWords } from './workerHandle';

export interface RecentTrafficOptions {
  readonly dir: string;
  readonly wasmFile: string;
  readonly writer: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onAdvanced: (through: number) => void;
}

/** So much of the journal's end is read, and for so long at once. */
const mostReadBytes = 2 << 20;
const sliceMs = 10;
/** What comes while that is read, bytes: the oldest goes when there is more. */
const mostWaitingBytes = 8 << 20;
/** An entry takes about so much besides its text. */
const besides = 512;
const tellEveryMs = 100;
const nothing = Buffer.alloc(0);

export class RecentTraffic implements Disposable {
  readonly #view: Promise<RecentView>;
  readonly #told: Throttle;
  /** Until the end of the journal is read. */
  #waiting: JournalEntry[] | undefined = [];
  #waitingBytes = 0;
  #opened: RecentView | undefined;
  #isDisposed = false;
  #begun: Promise<void> = Promise.resolve();

  constructor(private readonly options: RecentTrafficOptions) {
    const { dir, wasmFile, writer, clock, logger, onAdvanced } = options;
    // Loaded only now: a window whose worker lives does without.
    this.#view = Promise.all([import('./worker/sqlEngine'), import('./worker/recentView')]).then(async ([{ SqlEngine }, { RecentView }]) => {
      const engine = await SqlEngine.start(wasmFile, tmpdir());
      const view = new RecentView({ dir, engine, now: () => clock.wallMs(), breathe, warn: (message) => logger.warn(message), onSearched: () => this.#told.trigger() }, writer);
      if (this.#isDisposed) view.close();
      else this.#opened = view;
      return view;
    });
    this.#view.catch((error: unknown) => logger.error('The latest traffic cannot be shown from memory either.', messageOf(error)));
    this.#told = new Throttle(() => this.#opened && onAdvanced(this.#opened.last), tellEveryMs, clock);
  }

  /** Reads the end of the journal, up to where it stands now. Never rejects. */
  begin(position: JournalPosition): Promise<void> {
    this.#begun = this.#begin(position).catch((error: unknown) => this.options.logger.warn('The end of the journal could not be read.', messageOf(error)));
    return this.#begun;
  }

  async #begin({ k, length, last }: JournalPosition): Promise<void> {
    const view = await this.#view;
    try {
      if (length > 0) await this.#readEnd(view, k, length, last);
    } finally {
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      if (!this.#isDisposed) for (const entry of waiting) view.add(entry);
      this.#told.trigger();
    }
  }

  async #readEnd(view: RecentView, k: number, length: number, last: number): Promise<void> {
    const { dir, writer } = this.options;
    const fd = openSync(join(dir, journalName(writer, k)), 'r');
    try {
      const reader = new JournalReader(readAtOf(fd), writer, k);
      let until = 0;
      let isNear = false;
      const take = (entry: JournalEntry): boolean => {
        // What the beginning of the file says has to be known, and no more than that.
        isNear ||= entry.offset >= length - mostReadBytes;
        if (isNear && entry.n <= last) view.add({ ...entry, body: Buffer.from(entry.body) });
        if (!isNear) reader.skipTo(length - mostReadBytes);
        return isNear && performance.now() < until;
      };
      while (!this.#isDisposed && !reader.read(length, true, take)) {
        await breathe();
        until = performance.now() + sliceMs;
      }
    } finally {
      closeSync(fd);
    }
  }

  /** Takes an entry that is appended to the journal. Never throws. */
  record(n: number, meta: EntryMeta, timeMs: number, us: number, given: Uint8Array | undefined): void {
    try {
      const body = meta.k === 'event' ? Buffer.from(JSON.stringify(meta.data)) : given ? Buffer.from(given) : nothing;
      const entry: JournalEntry = { n, timeMs, us, meta, body, offset: 0, bodyOffset: 0, damaged: false };
      if (!this.#waiting) {
        this.#opened?.add(entry);
        this.#told.trigger();
        return;
      }
      this.#waiting.push(entry);
      this.#waitingBytes += body.length + besides;
      while (this.#waitingBytes > mostWaitingBytes) this.#waitingBytes -= (this.#waiting.shift()?.body.length ?? 0) + besides;
    } catch (error) {
      this.options.logger.warn('An entry cannot be shown from memory.', messageOf(error));
    }
  }

  /** Answers as the worker would, of what is in memory. Rejects with `store.unavailable` for a call that is not there, and where nothing can be shown. */
  async ask<T>(method: keyof QueryWorkerApi, args: readonly unknown[], signal?: AbortSignal): Promise<T> {
    let view: RecentView;
    try {
      view = await this.#view;
    } catch {
      throw unavailable();
    }
    await this.#begun;
    if (this.#isDisposed) throw unavailable();
    await view.refresh();
    try {
      return (await answer(view, this.options.writer, method, args, signal)) as T;
    } catch (error) {
      throw error instanceof AppError && error.code === 'notFound' ? unavailable() : error;
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#told.dispose();
    this.#opened?.close();
    this.#opened = undefined;
  }
}

async function answer(view: RecentView, writer: string, method: keyof QueryWorkerApi, args: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
  const through = (): number => view.last;
  const given = args as readonly never[];
  switch (method) {
    case 'page':
    case 'groups':
    case 'timeline':
    case 'statistics':
      return view[method](given[0]!, through, signal);
    case 'summary':
      return view.summary(given[0]!, signal);
    case 'call': {
      const found = await view.call(given[0]!);
      if (!found) throw unavailable();
      return found;
    }
    case 'body':
      return view.body(given[0]!, given[1]!, given[2]!);
    case 'annotate':
      return view.annotate(given[0]!, given[1]!, writer);
    case 'catchUp':
      return view.last;
  }
}

const unavailable = (): AppError => new AppError('store.unavailable', lossWords.query);
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
