/**
 * Owns the thread in which values are checked against schemas, one after the other: started with the first check, ended when
 * a check takes too long or too much memory, and after a while without any. Schemas come from servers and may be made to hang.
 */
import { Worker } from 'node:worker_threads';
import type { SchemaCheck } from '../contract/trafficApi';
import { Peer } from '../rpc/peer';
import { Deferred, SerialQueue, withDeadline } from '../util/async';
import type { Clock } from '../util/clock';
import { AppError, messageOf } from '../util/errors';
import { Emitter } from '../util/event';
import { MutableDisposable, type Disposable } from '../util/lifecycle';

/** The time one check may take, milliseconds. */
export const CHECK_LIMIT_MS = 2_000;
const START_LIMIT_MS = 10_000;
const REST_AFTER_MS = 30_000;
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 };

export interface SchemaValidator extends Disposable {
  /** Both as JSON text. Never rejects, except after `dispose`: what cannot be checked is `unusable`. */
  checkSchema(schemaText: string, valueText: string): Promise<SchemaCheck>;
}

export interface ValidatorOptions {
  /** `validationWorker.js`. */
  readonly workerFile: string;
  readonly clock: Clock;
}

interface Thread {
  readonly worker: Worker;
  readonly peer: Peer;
  readonly ready: Deferred<void>;
  /** Why it is over; rejected, never resolved. */
  readonly ended: Deferred<never>;
}

export function createValidator(options: ValidatorOptions): SchemaValidator {
  return new Validator(options);
}

class Validator implements SchemaValidator {
  readonly #queue = new SerialQueue();
  readonly #rest = new MutableDisposable<Disposable>();
  #thread: Thread | undefined;
  #disposed = false;

  constructor(private readonly options: ValidatorOptions) {}

  checkSchema(schemaText: string, valueText: string): Promise<SchemaCheck> {
    return this.#queue.run(() => this.#check(schemaText, valueText));
  }

  async #check(schemaText: string, valueText: string): Promise<SchemaCheck> {
    if (this.#disposed) throw new AppError('cancelled', 'Checking has ended.', { userFacing: false });
    const { clock } = this.options;
    this.#rest.clear();
    const thread = (this.#thread ??= this.#start());
    thread.worker.ref();
    try {
      const isUp = await withDeadline(Promise.race([thread.ready.promise, thread.ended.promise]), START_LIMIT_MS, clock);
      if (isUp === 'late') return this.#giveUp(thread, 'the thread that checks did not start.');
      const answer = thread.peer.call('check', [schemaText, valueText]) as Promise<SchemaCheck>;
      // Whoever comes second in the race has nobody to tell.
      answer.catch(() => undefined);
      const result = await withDeadline(Promise.race([answer, thread.ended.promise]), CHECK_LIMIT_MS, clock);
      if (result === 'late') return this.#giveUp(thread, `checking took longer than ${CHECK_LIMIT_MS / 1000} s.`);
      return result;
    } catch (error) {
      return this.#giveUp(thread, messageOf(error));
    } finally {
      if (this.#thread === thread) {
        thread.worker.unref();
        this.#rest.value = clock.timer(REST_AFTER_MS, () => this.#end(thread));
      }
    }
  }

  #giveUp(thread: Thread, message: string): SchemaCheck {
    this.#end(thread);
    return { kind: 'unusable', message };
  }

  #start(): Thread {
    const worker = new Worker(this.options.workerFile, { name: 'mcp-shark-validation', resourceLimits, env: {}, stdout: true, stderr: true });
    const messages = new Emitter<unknown>();
    const peer = new Peer({ post: (message) => worker.postMessage(message), onMessage: messages.event });
    const thread: Thread = { worker, peer, ready: new Deferred<void>(), ended: new Deferred<never>() };
    thread.ended.promise.catch(() => undefined);
    const over = (message: string): void => {
      thread.ended.reject(new AppError('internal', message));
      if (this.#thread === thread) this.#thread = undefined;
      peer.dispose();
    };
    peer.on('ready')(() => thread.ready.resolve());
    worker.on('message', (message) => messages.fire(message));
    worker.on('error', (error) => over((error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'checking took too much memory.' : `checking failed: ${messageOf(error)}`));
    worker.on('exit', () => over('the thread that checks has ended.'));
    return thread;
  }

  #end(thread: Thread): void {
    this.#rest.clear();
    if (this.#thread === thread) this.#thread = undefined;
    thread.ended.reject(new AppError('internal', 'the thread that checks has ended.'));
    thread.peer.dispose();
    void thread.worker.terminate();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#thread) this.#end(this.#thread);
    this.#rest.dispose();
  }
}
