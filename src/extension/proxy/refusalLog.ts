/**
 * Owns what is written down of refused HTTP requests: each one, as long as there are few. Of a flood (a client with an old
 * token that asks again and again) the first ones of a minute are, and at the end of the minute how many more there were:
 * whoever may not come in must not be able to fill the audit log.
 */
import type { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Recorder } from '../capture/types';
import type { Envelope } from '../mcp/envelope';
import type { Clock } from '../util/clock';
import { tryParseJson } from '../util/json';
import { MutableDisposable, type Disposable } from '../util/lifecycle';

export const MAX_RECORDED_PATH = 200;
/** Of a message that is refused; one that is accepted is recorded whole. */
const MAX_RECORDED_BODY = 64 * 1024;
const RECORDED_HEADERS = ['user-agent', 'mcp-protocol-version', 'mcp-method', 'mcp-name', 'content-type', 'accept'] as const;
/** So many refusals of one kind are written down one by one within `PERIOD_MS`. */
const LEAST_DETAILED = 100;
const PERIOD_MS = 60_000;
/** Kinds that are counted each by itself; there are about twenty. */
const MAX_KINDS = 64;
const OTHERS = 'others';

export interface HttpRefusal {
  readonly method: string;
  /** Without the query: a client may have put a token there. */
  readonly path: string;
  readonly status: number;
  readonly reason: string;
}

interface Flood {
  seen: number;
  /** The latest that was not written down. */
  last: HttpRefusal | undefined;
  sinceMs: number;
}

export class RefusalLog implements Disposable {
  readonly #kinds = new Map<string, Flood>();
  readonly #period = new MutableDisposable<Disposable>();

  constructor(
    private readonly recorder: Recorder,
    private readonly clock: Clock,
  ) {}

  /** `more` is made only for what is written down. */
  record(refusal: HttpRefusal, more?: () => Readonly<Record<string, unknown>> | undefined): void {
    const flood = this.#floodOf(`${refusal.status} ${refusal.reason}`);
    if (++flood.seen <= LEAST_DETAILED) {
      this.recorder.event({ type: 'http.rejected', data: { ...refusal, ...more?.() } });
      return;
    }
    if (!flood.last) flood.sinceMs = this.clock.wallMs();
    flood.last = refusal;
  }

  /** Writes down what is not yet. */
  dispose(): void {
    this.#period.dispose();
    this.#sumUp();
  }

  #floodOf(kind: string): Flood {
    if (!this.#period.value) {
      this.#period.value = this.clock.timer(PERIOD_MS, () => {
        this.#period.clear();
        this.#sumUp();
      });
    }
    const key = this.#kinds.size < MAX_KINDS || this.#kinds.has(kind) ? kind : OTHERS;
    let flood = this.#kinds.get(key);
    if (!flood) this.#kinds.set(key, (flood = { seen: 0, last: undefined, sinceMs: 0 }));
    return flood;
  }

  #sumUp(): void {
    for (const { seen, last, sinceMs } of this.#kinds.values()) {
      if (!last) continue;
      // Path and method are the latest one's.
      this.recorder.event({ type: 'http.rejected', data: { ...last, count: seen - LEAST_DETAILED, sinceMs } });
    }
    this.#kinds.clear();
  }
}

/** What a refused message was, for the log: a client that speaks another revision is found out by it. */
export function messageFacts(request: IncomingMessage, body: Buffer, envelope: Envelope): Record<string, unknown> {
  const headers: Record<string, string> = {};
  for (const name of RECORDED_HEADERS) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value.slice(0, MAX_RECORDED_PATH);
  }
  const text = body.toString('utf8', 0, MAX_RECORDED_BODY);
  // As JSON where it is some: values under secret names are then found and redacted.
  return { bytes: body.length, rpcMethod: envelope.method?.slice(0, MAX_RECORDED_PATH), headers, body: tryParseJson(text) ?? text };
}
