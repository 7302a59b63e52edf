/**
 * Owns the SSE streams of one client session and what was sent on them, so that a client can take a stream up again with
 * `Last-Event-ID` (MCP 2025-11-25, transports, "Resumability and Redelivery"). What is kept is bounded by count and bytes
 * over the whole session: the oldest events go first, never the newest one.
 */
import type { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import { FreshMap } from '../util/freshMap';
import { encodeSseEvent } from './transports/sseParser';

/** Asked of clients that lose their stream, milliseconds. */
export const RETRY_MS = 1000;

const SSE_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

interface KeptEvent {
  readonly stream: EventStream;
  readonly sequence: number;
  readonly chunk: Buffer;
}

export class EventStore {
  readonly #streams = new FreshMap<string, EventStream>();
  #kept: KeptEvent[] = [];
  /** Index of the oldest event in `#kept` that still counts; the array is cut now and then, not each time. */
  #from = 0;
  #bytes = 0;
  #nextStream = 0;

  constructor(
    private readonly maxEvents = 1000,
    private readonly maxBytes = 4 * 1024 * 1024,
  ) {}

  /** A new stream; its id is part of its events' ids. */
  open(): EventStream {
    const stream = new EventStream(String(this.#nextStream++), this);
    this.#streams.set(stream.id, stream);
    return stream;
  }

  /** The stream and the place in it that an event id names; `undefined` where it is not known (any more). */
  locate(eventId: string): { readonly stream: EventStream; readonly after: number } | undefined {
    const match = /^(\d+)-(\d+)$/.exec(eventId);
    const stream = match && this.#streams.get(match[1]!);
    return stream ? { stream, after: Number(match[2]) } : undefined;
  }

  keep(stream: EventStream, sequence: number, chunk: Buffer): void {
    this.#kept.push({ stream, sequence, chunk });
    this.#bytes += chunk.length;
    while (
      this.#kept.length - this.#from > 1 &&
      (this.#bytes > this.maxBytes || this.#kept.length - this.#from > this.maxEvents)
    ) {
      const oldest = this.#kept[this.#from]!;
      this.#bytes -= oldest.chunk.length;
      this.#kept[this.#from] = undefined as unknown as KeptEvent;
      this.#from++;
      if (oldest.stream.isFinished && oldest.sequence === oldest.stream.lastSequence) this.#streams.delete(oldest.stream.id);
    }
    if (this.#from > 512) {
      this.#kept = this.#kept.slice(this.#from);
      this.#from = 0;
    }
  }

  /** Forgets a stream that nobody will take up again; what is kept of it goes in its turn. */
  discard(stream: EventStream): void {
    stream.detach();
    this.#streams.delete(stream.id);
  }

  after(stream: EventStream, sequence: number): Buffer[] {
    const chunks: Buffer[] = [];
    for (let k = this.#from; k < this.#kept.length; k++) {
      const event = this.#kept[k]!;
      if (event.stream === stream && event.sequence > sequence) chunks.push(event.chunk);
    }
    return chunks;
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.detach();
    this.#streams.clear();
    this.#kept = [];
    this.#from = 0;
    this.#bytes = 0;
  }
}

/** One SSE stream; outlives the HTTP responses it is written to. */
export class EventStream {
  #response: ServerResponse | undefined;
  #sequence = 0;
  #finished = false;

  constructor(
    readonly id: string,
    private readonly store: EventStore,
  ) {}

  get isFinished(): boolean {
    return this.#finished;
  }

  get lastSequence(): number {
    return this.#sequence;
  }

  get isAttached(): boolean {
    return this.#response !== undefined;
  }

  /** Bytes that wait for a slow client. */
  get waitingBytes(): number {
    return this.#response?.writableLength ?? 0;
  }

  /**
   * Writes the stream to `response` from now on, starting with what came after event `after`. `priming`: begin with an
   * event that carries only an id, so that the client can resume even before the first message (protocol 2025-11-25 on;
   * earlier clients take it for a broken message).
   */
  attach(
    response: ServerResponse,
    options: { readonly headers?: Record<string, string>; readonly priming: boolean; readonly after?: number },
  ): void {
    this.#response?.end();
    this.#response = response;
    response.once('close', () => {
      if (this.#response === response) this.#response = undefined;
    });
    response.writeHead(200, { ...SSE_HEADERS, ...options.headers });
    const { after } = options;
    if (after !== undefined) {
      for (const chunk of this.store.after(this, after)) response.write(chunk);
      if (this.#finished) {
        this.#response = undefined;
        response.end();
        return;
      }
      response.flushHeaders();
    } else if (options.priming) response.write(`id: ${this.id}-${this.#sequence}\nretry: ${RETRY_MS}\ndata: \n\n`);
    else response.flushHeaders();
  }

  detach(): void {
    this.#response?.end();
    this.#response = undefined;
  }

  /** Sends one message; `last` ends the stream. Kept for resumption whether or not somebody listens. */
  push(message: Buffer, last: boolean): void {
    const sequence = ++this.#sequence;
    const chunk = encodeSseEvent(`${this.id}-${sequence}`, message);
    if (last) this.#finished = true;
    this.store.keep(this, sequence, chunk);
    const response = this.#response;
    if (!response) return;
    if (last) {
      this.#response = undefined;
      response.end(chunk);
    } else response.write(chunk);
  }

  /** Runs `fn` once the client has taken what waits for it, or is gone. */
  onDrained(fn: () => void): void {
    const response = this.#response;
    if (!response || response.writableLength === 0) {
      fn();
      return;
    }
    let done = false;
    const once = (): void => {
      if (done) return;
      done = true;
      response.off('drain', once);
      response.off('close', once);
      fn();
    };
    response.once('drain', once);
    response.once('close', once);
  }
}
