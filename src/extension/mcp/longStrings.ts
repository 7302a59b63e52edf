/**
 * Owns finding the end of long strings with many escapes sixteen bytes at a time, with `stringBytes.wat` (WebAssembly
 * SIMD). The string is copied into the module's one page of memory in growing pieces: it may end soon.
 */
import type { Buffer } from 'node:buffer';
import { startWasm } from '../util/wasm';
import { stringBytes } from './stringBytes';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  find(at: number, end: number): number;
}

/** Said where something stands in the string that strict JSON does not allow, or where there is no WebAssembly. */
export const UNSURE = -2;

/** Where pieces stand in the module's memory. */
const START = 16;
const FIRST_PIECE_BYTES = 256;
const LARGEST_PIECE_BYTES = 16_384;
/** A quote so far away is quicker to find by the native search. */
const FAR_BYTES = 4096;
/** `\u0000` */
const LONGEST_ESCAPE = 6;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Made when it is needed first: it takes a millisecond. `null` where there can be none. */
let search: { readonly memory: Uint8Array; readonly find: Kernel['find'] } | null | undefined;

function createSearch(): typeof search {
  const kernel = startWasm<Kernel>(stringBytes);
  return kernel ? { memory: new Uint8Array(kernel.memory.buffer), find: kernel.find } : null;
}

/**
 * Index after the string that `i` stands in, at its beginning or behind an escape; -1 where it does not end, else
 * `UNSURE`. Every byte is looked at but those between a run of `trusted` bytes without an escape and the next quote,
 * where `skipString` does not look either.
 */
export function endOfLongString(b: Buffer, i: number, trusted: number): number {
  if (search === undefined) search = createSearch();
  if (!search) return UNSURE;
  const { memory, find } = search;
  const { length } = b;
  let size = FIRST_PIECE_BYTES;
  /** The next quote, unless it has been passed. */
  let quote = -1;
  while (i < length) {
    const end = Math.min(i + size, length);
    b.copy(memory, START, i, end);
    const found = find(START, START + end - i);
    if (found > 0) return i + found - START + 1;
    if (found === 0) return UNSURE;
    i += -found - START;
    // What is cut off at the end of the message may be no escape.
    if (end === length) return i === length ? -1 : UNSURE;
    if (size < LARGEST_PIECE_BYTES) size *= 4;
    if (quote < i) {
      quote = b.indexOf(QUOTE, i);
      if (quote < 0) return -1;
    }
    if (quote - i >= FAR_BYTES && i - b.lastIndexOf(BACKSLASH, i - 1) >= LONGEST_ESCAPE + trusted) {
      let slashes = quote;
      while (b[slashes - 1] === BACKSLASH) slashes--;
      if (((quote - slashes) & 1) === 0) return quote + 1;
      i = quote + 1;
    }
  }
  return -1;
}
