/**
 * Owns whether what passes is written down, and what a pause leaves behind. An exchange that began in a pause is left
 * out whole, also where it ends later, so that the log never holds half of one; a call that was recorded and ended in a
 * pause is named afterwards (`takeEnded`), so that it does not seem to run for ever.
 *
 * Invariant: while nothing was ever paused, a frame costs one comparison.
 */
import type { RecordingState } from '../contract/status';
import type { Direction, Leg } from '../contract/traffic';
import { isJsonObject, tryParseJson } from '../util/json';
import type { CapturedFrame } from './types';

/** The request side of an exchange, as the log names it. */
export interface ExchangeRef {
  readonly leg: Leg;
  /** Of the request. */
  readonly dir: Direction;
  /** Raw JSON text of the JSON-RPC id; absent: any call of the session may have ended. */
  readonly id?: string;
  readonly s: string;
  readonly srv?: string;
}

/** More are not named one by one. */
const MAX_ENDED = 10_000;

export class RecordingGate {
  #paused: { readonly sinceMs: number } | undefined;
  #frames = 0;
  /** Unanswered requests that passed unrecorded. */
  readonly #unrecorded = new Map<string, string>();
  #ended = new Map<string, ExchangeRef>();
  #isIdle = true;
  #placeholder = 0;

  get state(): RecordingState {
    return this.#paused ? { kind: 'paused', sinceMs: this.#paused.sinceMs, frames: this.#frames } : { kind: 'on' };
  }

  /** Gives false where it was paused already. */
  pause(nowMs: number): boolean {
    if (this.#paused) return false;
    this.#paused = { sinceMs: nowMs };
    this.#frames = 0;
    this.#isIdle = false;
    return true;
  }

  /** Gives what passed meanwhile; `undefined` where it was not paused. */
  resume(): { readonly sinceMs: number; readonly frames: number } | undefined {
    const paused = this.#paused;
    this.#paused = undefined;
    this.#rest();
    return paused && { sinceMs: paused.sinceMs, frames: this.#frames };
  }

  /**
   * Whether a frame is to be written. Where it is not, `number` stands for it: negative and never given twice, so that
   * it cannot be taken for a frame of the log.
   */
  admit(frame: CapturedFrame): { readonly number: number } | undefined {
    if (this.#isIdle) return undefined;
    const { kind } = frame.envelope;
    const isAnswer = kind === 'result' || kind === 'error';
    const key = keyOf(frame, isAnswer);
    // The gateway's own messages are exchanges of their own, whatever made it send them.
    const isFollower = frame.forwards !== undefined && frame.forwards < 0 && !isAnswer && !frame.ownMessage;
    if (isAnswer && this.#unrecorded.delete(key)) {
      this.#rest();
      return this.#leaveOut();
    }
    if (!this.#paused && !isFollower) return undefined;
    if (kind === 'request') this.#unrecorded.set(key, frame.session);
    else if (this.#paused) this.#noteEnd(frame, key, isAnswer);
    return this.#leaveOut();
  }

  /** A session is over: nothing of it will be answered. */
  forget(session: string): void {
    for (const [key, of] of this.#unrecorded) if (of === session) this.#unrecorded.delete(key);
    this.#rest();
  }

  /** Recorded calls that ended unrecorded since this was asked last. */
  takeEnded(): readonly ExchangeRef[] {
    const ended = [...this.#ended.values()];
    this.#ended = new Map();
    return ended;
  }

  #noteEnd(frame: CapturedFrame, key: string, isAnswer: boolean): void {
    const { envelope, session, leg, direction, server } = frame;
    const where = { leg, s: session, ...(server === undefined ? {} : { srv: server }) };
    const opposite: Direction = direction === 'toClient' ? 'toServer' : 'toClient';
    if (isAnswer) this.#end(key, { ...where, dir: opposite, ...(envelope.id === undefined ? {} : { id: envelope.id }) });
    // Which calls a batch answers is not looked into here.
    else if (envelope.kind === 'batch') this.#end(`${session}\n${opposite}`, { ...where, dir: opposite });
    else if (envelope.method === 'notifications/cancelled') {
      const id = cancelledId(frame.bytes);
      if (id !== undefined && !this.#unrecorded.delete(keyText(frame, direction, id))) this.#end(keyText(frame, direction, id), { ...where, dir: direction, id });
    }
  }

  #end(key: string, ref: ExchangeRef): void {
    if (this.#ended.size < MAX_ENDED) this.#ended.set(key, ref);
    else this.#ended.set(`${ref.s}\n${ref.dir}`, { leg: ref.leg, dir: ref.dir, s: ref.s, ...(ref.srv === undefined ? {} : { srv: ref.srv }) });
  }

  #leaveOut(): { readonly number: number } {
    this.#frames += 1;
    this.#placeholder -= 1;
    return { number: this.#placeholder };
  }

  #rest(): void {
    this.#isIdle = this.#paused === undefined && this.#unrecorded.size === 0;
  }
}

function keyOf(frame: CapturedFrame, isAnswer: boolean): string {
  const { direction, envelope } = frame;
  const dir = isAnswer ? (direction === 'toClient' ? 'toServer' : 'toClient') : direction;
  return keyText(frame, dir, envelope.id ?? '');
}

/** As the store matches answers: downstream a request may not know its server yet when its answer does. */
function keyText({ leg, session, server }: CapturedFrame, dir: Direction, id: string): string {
  return `${leg}\n${dir}\n${id}\n${session}\n${leg === 'upstream' ? (server ?? '') : ''}`;
}

function cancelledId(bytes: Uint8Array): string | undefined {
  const message = tryParseJson(Buffer.from(bytes).toString());
  const params = isJsonObject(message) ? message['params'] : undefined;
  const id = isJsonObject(params) ? params['requestId'] : undefined;
  return typeof id === 'string' || typeof id === 'number' ? JSON.stringify(id) : undefined;
}
