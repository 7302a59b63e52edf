/**
 * Owns the SSE streams of one client session and what was sent on them, so that a client can take a stream up again with
 * `Last-Event-ID` (MCP 2025-11-25, transports, "Resumability and Redelivery"). What is kept is bounded by count and bytes
 * over the whole session: the oldest events go first, never the newest one. An answer that the client has not taken yet is
 * kept apart, however large, until it is taken or has waited too long: without it the client would wait for ever.
 */
import type { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { Clock } from '../util/clock';
import { FreshMap } from '../util/freshMap';
import { LazyQueue } from './lazyQueue';
import { encodeSseEvent } from './transports/sseParser';

/** Asked of clients that lose their stream, milliseconds. */
export const RETRY_MS = 1000;

const EVENT_ID = /^(\d+)-(\d+)$/;

const SSE_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** Answers that wait to be taken: how many, how large together, and for how long, milliseconds. */
const MAX_UNREAD_ANSWERS = 64;
const MAX_UNREAD_ANSWER_BYTES = 512 * 1024 * 1024;
const UNREAD_ANSWER_MS = 10 * 60_000;
/** Requests whose answers are gone, and the length of their ids, that are remembered so that a client can be told. */
const MAX_GONE = 1000;
const MAX_GONE_ID_LENGTH = 256;

interface KeptEvent {
  readonly stream: EventStream;
  readonly sequence: number;
  readonly chunk: Buffer;
  readonly question: string | undefined;
}

/** What a session tells its store, and hears of it. */
export interface EventStoreOwner {
  readonly clock: Clock;
  /** Number of the first stream; that of another session differs, so that its event ids are not taken for this one's. */
  readonly firstStream: number;
  /** A message is given up that the client has not read. `question`: id of the request, where it is one of a server. */
  onUnread(question: string | undefined): void;
}

export class EventStore {
  readonly #streams = new FreshMap<string, EventStream>();
  #kept: KeptEvent[] = [];
  /** Index of the oldest event in `#kept` that still counts; the array is cut now and then, not each time. */
  #from = 0;
  #bytes = 0;
  #nextStream: number;
  /** Final answers that may not have reached the client, oldest first. */
  readonly #answers = new FreshMap<EventStream, KeptEvent>();
  #answerBytes = 0;
  #ageing: LazyQueue<EventStream> | undefined;
  /** Streams that are gone, to the ids of the requests they answered. */
  readonly #gone = new FreshMap<string, readonly string[]>();

  constructor(
    private readonly maxEvents = 1000,
    private readonly maxBytes = 4 * 1024 * 1024,
    private readonly owner?: EventStoreOwner,
  ) {
    this.#nextStream = owner?.firstStream ?? 0;
  }

  /** A new stream; its id is part of its events' ids. `requests`: canonical ids of the requests it is to answer. */
  open(requests?: readonly string[]): EventStream {
    const stream = new EventStream(String(this.#nextStream++), this, requests);
    this.#streams.set(stream.id, stream);
    return stream;
  }

  /** The stream and the place in it that an event id names; `undefined` where it is not known (any more). */
  locate(eventId: string): { readonly stream: EventStream; readonly after: number } | undefined {
    const match = EVENT_ID.exec(eventId);
    const stream = match && this.#streams.get(match[1]!);
    return stream ? { stream, after: Number(match[2]) } : undefined;
  }

  /** The requests that the stream of an event id has answered, where nothing of the stream is left. */
  goneRequests(eventId: string): readonly string[] | undefined {
    const match = EVENT_ID.exec(eventId);
    return match ? this.#gone.get(match[1]!) : undefined;
  }

  keep(stream: EventStream, sequence: number, chunk: Buffer, question?: string): void {
    this.#kept.push({ stream, sequence, chunk, question });
    this.#bytes += chunk.length;
    while (
      this.#kept.length - this.#from > 1 &&
      (this.#bytes > this.maxBytes || this.#kept.length - this.#from > this.maxEvents)
    ) {
      const oldest = this.#kept[this.#from]!;
      this.#bytes -= oldest.chunk.length;
      this.#kept[this.#from] = undefined as unknown as KeptEvent;
      this.#from++;
      const { stream: from, sequence: at, question: asked } = oldest;
      // Of a stream that was discarded nobody misses anything, but for the server that asked on it.
      if (at > from.delivered && (asked !== undefined || this.#streams.has(from.id))) this.owner?.onUnread(asked);
      if (from.isFinished && at === from.lastSequence) this.#forget(from);
    }
    if (this.#from > 512) {
      this.#kept = this.#kept.slice(this.#from);
      this.#from = 0;
    }
  }

  /** Keeps the last event of a stream until `answerTaken`. */
  keepAnswer(stream: EventStream, sequence: number, chunk: Buffer): void {
    this.#answers.set(stream, { stream, sequence, chunk, question: undefined });
    this.#answerBytes += chunk.length;
    while (this.#answers.size > 1 && (this.#answers.size > MAX_UNREAD_ANSWERS || this.#answerBytes > MAX_UNREAD_ANSWER_BYTES)) {
      const [oldest] = this.#answers.keys();
      this.#giveUpAnswer(oldest!);
    }
  }

  /** The client has the last event of `stream`; from now on it is one event of many. */
  answerTaken(stream: EventStream): void {
    const answer = this.#takeAnswer(stream);
    if (answer) this.keep(stream, answer.sequence, answer.chunk);
  }

  /** The client is gone and may not have the last event of `stream`. */
  answerUntaken(stream: EventStream): void {
    const { owner } = this;
    if (!owner || !this.#answers.has(stream)) return;
    this.#ageing ??= new LazyQueue(UNREAD_ANSWER_MS, owner.clock, (late: EventStream) => this.#giveUpAnswer(late));
    this.#ageing.add(stream);
  }

  #takeAnswer(stream: EventStream): KeptEvent | undefined {
    const answer = this.#answers.get(stream);
    if (!answer) return undefined;
    this.#answers.delete(stream);
    this.#answerBytes -= answer.chunk.length;
    this.#ageing?.settle(stream);
    return answer;
  }

  #giveUpAnswer(stream: EventStream): void {
    if (!this.#takeAnswer(stream)) return;
    this.#forget(stream);
    this.owner?.onUnread(undefined);
  }

  #forget(stream: EventStream): void {
    this.#streams.delete(stream.id);
    const { requests } = stream;
    if (!requests || requests.length > MAX_GONE || requests.some((id) => id.length > MAX_GONE_ID_LENGTH)) return;
    this.#gone.set(stream.id, requests);
    if (this.#gone.size <= MAX_GONE) return;
    const [oldest] = this.#gone.keys();
    this.#gone.delete(oldest!);
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
    const answer = this.#answers.get(stream);
    if (answer && answer.sequence > sequence) chunks.push(answer.chunk);
    return chunks;
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.detach();
    this.#streams.clear();
    this.#ageing?.dispose();
    this.#answers.clear();
    this.#answerBytes = 0;
    this.#gone.clear();
    this.#kept = [];
    this.#from = 0;
    this.#bytes = 0;
  }
}

/** One SSE stream; outlives the HTTP responses it is written to. */
export class EventStream {
  #response: ServerResponse | undefined;
  /** What the last event was written to, until it is sent or lost. */
  #ending: ServerResponse | undefined;
  #sequence = 0;
  #delivered = 0;
  #finished = false;

  constructor(
    readonly id: string,
    private readonly store: EventStore,
    readonly requests?: readonly string[],
  ) {}

  get isFinished(): boolean {
    return this.#finished;
  }

  get lastSequence(): number {
    return this.#sequence;
  }

  /** The last event that was written to somebody who listened. */
  get delivered(): number {
    return this.#delivered;
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
      if (this.#ending !== response) return;
      this.#ending = undefined;
      // A response that is through lets go of its socket; one that was cut off does not.
      if (response.writableFinished && response.socket === null) this.store.answerTaken(this);
      else this.store.answerUntaken(this);
    });
    response.writeHead(200, { ...SSE_HEADERS, ...options.headers });
    const { after } = options;
    if (after !== undefined) {
      for (const chunk of this.store.after(this, after)) response.write(chunk);
      this.#delivered = this.#sequence;
      if (this.#finished) {
        this.#response = undefined;
        this.#ending = response;
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

  /**
   * Sends one message; `last` ends the stream. Kept for resumption whether or not somebody listens. `question`: canonical
   * id, where it is a request of a server.
   */
  push(message: Buffer, last: boolean, question?: string): void {
    const sequence = ++this.#sequence;
    const chunk = encodeSseEvent(`${this.id}-${sequence}`, message);
    const response = this.#response;
    if (response) this.#delivered = sequence;
    if (!last) {
      this.store.keep(this, sequence, chunk, question);
      response?.write(chunk);
      return;
    }
    this.#finished = true;
    this.store.keepAnswer(this, sequence, chunk);
    this.#response = undefined;
    this.#ending = response;
    if (response) response.end(chunk);
    else this.store.answerUntaken(this);
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
