/**
 * Owns reading a `text/event-stream` (WHATWG HTML, server-sent events) as bytes: data is handed on as it came, never
 * decoded. All three line ends count; a chunk may end anywhere, also within a line end.
 */
import { Buffer } from 'node:buffer';
import { letGo } from './letGo';

export interface SseEvent {
  /** `message` where the stream names none. */
  readonly type: string;
  /** Data lines joined by a line feed. */
  readonly data: Buffer;
  /** Id in force, where the stream has set one. */
  readonly id: string | undefined;
}

export interface SseLimit {
  readonly maxBytes: number;
  /** Called once; nothing is read after it. */
  onOverflow(): void;
}

const LF = 0x0a;
const CR = 0x0d;
const EMPTY = Buffer.alloc(0);
const LINE_FEED = Buffer.from('\n');

export class SseParser {
  #parts: Buffer[] = [];
  #data: Buffer[] = [];
  #type = 'message';
  #id: string | undefined;
  #skipLineFeed = false;
  /** Bytes of the event that is being read: of its lines, and of the line that is not whole yet. */
  #size = 0;
  #isOverflown = false;

  /** `onEvent` also hears events with empty data (they only carry an id); `onRetry` the server's delay, milliseconds. */
  constructor(
    private readonly onEvent: (event: SseEvent) => void,
    private readonly onRetry: (delayMs: number) => void = () => undefined,
    private readonly limit: SseLimit = { maxBytes: Infinity, onOverflow: () => undefined },
  ) {}

  push(chunk: Buffer): void {
    if (this.#isOverflown) return;
    let from = 0;
    if (this.#skipLineFeed && chunk.length > 0) {
      this.#skipLineFeed = false;
      if (chunk[0] === LF) from = 1;
    }
    // Carriage returns are rare; the search for them is redone only once the one found is behind.
    let cr = chunk.indexOf(CR, from);
    while (from < chunk.length) {
      let end = chunk.indexOf(LF, from);
      if (cr >= 0 && cr < from) cr = chunk.indexOf(CR, from);
      let next: number;
      if (cr >= 0 && (end < 0 || cr < end)) {
        end = cr;
        next = cr + 1;
        if (next === chunk.length) this.#skipLineFeed = true;
        else if (chunk[next] === LF) next++;
      } else if (end >= 0) next = end + 1;
      else break;
      const piece = chunk.subarray(from, end);
      from = next;
      if (!this.#hasRoom(piece.length)) return;
      if (this.#parts.length === 0) this.#line(piece);
      else {
        this.#parts.push(piece);
        const line = Buffer.concat(this.#parts);
        for (const part of this.#parts) letGo(part);
        this.#parts = [];
        this.#line(line);
      }
    }
    if (from === chunk.length || !this.#hasRoom(chunk.length - from)) return;
    this.#parts.push(from === 0 ? chunk : chunk.subarray(from));
  }

  #hasRoom(bytes: number): boolean {
    this.#size += bytes;
    if (this.#size <= this.limit.maxBytes) return true;
    this.#isOverflown = true;
    this.#parts = [];
    this.#data = [];
    this.limit.onOverflow();
    return false;
  }

  #line(line: Buffer): void {
    if (line.length === 0) {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(0x3a);
    if (colon === 0) {
      // A comment is over with its line; many of them are how streams are kept open.
      this.#size -= line.length;
      return;
    }
    const field = line.toString('latin1', 0, colon < 0 ? line.length : colon);
    const value = colon < 0 ? EMPTY : line.subarray(line[colon + 1] === 0x20 ? colon + 2 : colon + 1);
    switch (field) {
      case 'data':
        this.#data.push(value);
        break;
      case 'event':
        this.#type = value.toString('utf8') || 'message';
        break;
      case 'id':
        if (!value.includes(0)) this.#id = value.toString('utf8');
        break;
      case 'retry': {
        const text = value.toString('latin1');
        if (/^\d{1,9}$/.test(text)) this.onRetry(Number(text));
        break;
      }
    }
  }

  #dispatch(): void {
    const lines = this.#data;
    const type = this.#type;
    this.#data = [];
    this.#size = 0;
    this.#type = 'message';
    if (lines.length === 0) return;
    let data = lines[0]!;
    if (lines.length > 1) data = Buffer.concat(lines.flatMap((line, k) => (k === 0 ? [line] : [LINE_FEED, line])));
    this.onEvent({ type, data, id: this.#id });
  }
}

/** One event as bytes; JSON text with line ends becomes several data lines. */
export function encodeSseEvent(id: string, data: Buffer): Buffer {
  const head = `id: ${id}\ndata: `;
  let body: Buffer = data;
  if (data.indexOf(LF) >= 0 || data.indexOf(CR) >= 0) {
    body = Buffer.from(data.toString('latin1').replaceAll(/\r\n|\r|\n/g, '\ndata: '), 'latin1');
  }
  const out = Buffer.allocUnsafe(head.length + body.length + 2);
  out.write(head, 0, 'latin1');
  body.copy(out, head.length);
  out[out.length - 2] = LF;
  out[out.length - 1] = LF;
  return out;
}
