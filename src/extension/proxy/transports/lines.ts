/**
 * Owns cutting a byte stream into lines. Chunks are kept as they come and joined once per line, so a 64 MB line costs
 * one copy; small lines within one chunk cost none.
 */
import { Buffer } from 'node:buffer';
import { letGo } from './letGo';

const NEWLINE = 0x0a;
const RETURN = 0x0d;

export class LineSplitter {
  #parts: Buffer[] = [];
  #length = 0;

  /** `maxBytes`: a longer line goes to `onOverflow` once and is dropped to its end. */
  constructor(
    private readonly onLine: (line: Buffer) => void,
    private readonly maxBytes: number,
    private readonly onOverflow: () => void,
  ) {}

  /** The chunk is the splitter's from then on. */
  push(chunk: Buffer): void {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      if (end < 0) break;
      this.#line(chunk.subarray(from, end));
      from = end + 1;
    }
    if (from === chunk.length) return;
    const rest = from === 0 ? chunk : chunk.subarray(from);
    const before = this.#length;
    this.#length += rest.length;
    if (this.#length <= this.maxBytes) this.#parts.push(rest);
    else {
      this.#parts = [];
      if (before <= this.maxBytes) this.onOverflow();
    }
  }

  /** The stream has ended: what is left is the last line. */
  end(): void {
    if (this.#length > 0) this.#line(Buffer.alloc(0));
  }

  #line(last: Buffer): void {
    if (this.#length === 0) {
      this.#emit(last);
      return;
    }
    const parts = this.#parts;
    const overflown = this.#length > this.maxBytes;
    const length = this.#length + last.length;
    this.#parts = [];
    this.#length = 0;
    if (overflown) return;
    parts.push(last);
    const line = Buffer.concat(parts, length);
    // The last one may go on with the next line.
    for (let k = parts.length - 2; k >= 0; k--) letGo(parts[k]!);
    this.#emit(line);
  }

  #emit(line: Buffer): void {
    const trimmed = line[line.length - 1] === RETURN ? line.subarray(0, -1) : line;
    if (trimmed.length > 0) this.onLine(trimmed);
  }
}
