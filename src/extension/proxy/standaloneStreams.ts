/**
 * Owns the standalone streams (GET) of a client session, and what waits for a client that has none: bounded, with what
 * finds no room refused rather than dropped unseen.
 */
import type { Buffer } from 'node:buffer';
import type { EventStore, EventStream } from './eventStream';

/** Messages kept for a client that has no stream open. */
const MAX_WAITING = 1000;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Standalone streams, open or resumable, of one client. */
const MAX_LISTENING = 16;
/** What may wait for a client that does not read its stream before its server is held back. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

interface Waiting {
  readonly message: Buffer;
  readonly question: string | undefined;
}

export class StandaloneStreams {
  /** Newest last. */
  readonly #streams: EventStream[] = [];
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Room that is promised to messages which are on their way. */
  #promised = 0;
  #promisedBytes = 0;

  constructor(private readonly store: EventStore) {}

  get isListening(): boolean {
    return this.#streams.some((stream) => stream.isAttached);
  }

  /** The stream that what comes next goes to, where its client leaves too much of it unread. */
  get flooded(): EventStream | undefined {
    const stream = this.#current();
    return stream && stream.waitingBytes > MAX_UNREAD_BYTES ? stream : undefined;
  }

  #current(): EventStream | undefined {
    return this.#streams.findLast((one) => one.isAttached) ?? this.#streams.at(-1);
  }

  /** A new stream; the caller attaches it, and gives it what waits by `flush`. */
  open(): EventStream {
    const stream = this.store.open();
    this.#streams.push(stream);
    while (this.#streams.length > MAX_LISTENING) {
      const idle = this.#streams.findIndex((one) => one !== stream && !one.isAttached);
      const [oldest] = this.#streams.splice(Math.max(idle, 0), 1);
      if (oldest) this.store.discard(oldest);
    }
    return stream;
  }

  /** Sends what waits on `stream`, where it is a standalone one. */
  flush(stream: EventStream): void {
    if (this.#waiting.length === 0 || !this.#streams.includes(stream)) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { message, question } of waiting) stream.push(message, false, question);
  }

  /**
   * Whether a message of so many bytes can be taken: `promised` where it may have to wait, for which room is kept until
   * `push`; `refused` where there is none.
   */
  ask(bytes: number): 'streamed' | 'promised' | 'refused' {
    if (this.#streams.length > 0) return 'streamed';
    if (this.#waiting.length + this.#promised >= MAX_WAITING) return 'refused';
    if (this.#waitingBytes + this.#promisedBytes + bytes > MAX_WAITING_BYTES) return 'refused';
    this.#promised++;
    this.#promisedBytes += bytes;
    return 'promised';
  }

  /** The message needs the room no more that `ask` has promised. */
  release(bytes: number): void {
    this.#promised--;
    this.#promisedBytes -= bytes;
  }

  /** Sends a message, or lets it wait; `false` where it can do neither. */
  push(message: Buffer, question: string | undefined): boolean {
    const stream = this.#current();
    if (stream) {
      stream.push(message, false, question);
      return true;
    }
    if (this.#waiting.length >= MAX_WAITING || this.#waitingBytes + message.length > MAX_WAITING_BYTES) return false;
    this.#waiting.push({ message, question });
    this.#waitingBytes += message.length;
    return true;
  }

  close(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
