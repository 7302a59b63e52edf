/**
 * Owns finding the places of a message that need a look sixteen bytes at a time, with `hotBytes.wat` (WebAssembly SIMD).
 * The message is copied into the module's one page of memory piece by piece, each only when the scan gets there.
 */
import { startWasm } from '../util/wasm';
import { hotBytes } from './hotBytes';

/** Looks for the places of a message that need a look. One scan at a time: there is one list. */
export interface HotPlaces {
  /** What was found, in order, counted from `FIRST`. A quote right behind a backslash may be missing. */
  readonly list: Uint16Array;
  /** Looks through the piece of `b` from `from` to `from + PIECE_BYTES` or its end; gives how many places are listed. */
  look(b: Uint8Array, from: number): number;
}

/** Bytes looked at in one go. */
export const PIECE_BYTES = 16_384;
/**
 * What stands in the list for the first byte of a piece. Places up to two bytes before are listed where one begins there
 * and ends in the piece; others before it are to be passed over.
 */
export const FIRST = 128;

/** Three neighbours by the characters each of them may be. */
export type Triple = readonly [string, string, string];

/** Stands for every byte. */
export const ANY = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  find(at: number, end: number, list: number): number;
}

// As in `hotBytes.wat`. The list has room for every byte of a piece, and of the blocks it begins and ends in.
const FIFTEENS = 96;
const LIST = FIRST + PIECE_BYTES;
/** A triple may begin in the piece before. */
const OVERLAP = 2;

/**
 * Up to eight triples, the places of which are their third bytes'; those of the seventh are its second byte's, and take
 * the place of others with the same third byte; those of the eighth are its first byte's. Of these all are found, and few
 * others. `undefined` where there is no WebAssembly with SIMD.
 */
export function createHotPlaces(triples: readonly Triple[]): HotPlaces | undefined {
  const kernel = startWasm<Kernel>(hotBytes);
  if (!kernel) return undefined;
  const memory = new Uint8Array(kernel.memory.buffer);
  for (const [bit, sets] of triples.entries()) {
    for (const [which, set] of sets.entries()) {
      for (let k = 0; k < set.length; k++) {
        const code = set.charCodeAt(k);
        memory[which * 32 + (code & 15)]! |= 1 << bit;
        memory[which * 32 + 16 + (code >> 4)]! |= 1 << bit;
      }
    }
  }
  memory.fill(15, FIFTEENS, FIFTEENS + 16);
  const list = new Uint16Array(kernel.memory.buffer, LIST);
  return {
    list,
    look(b, from) {
      const end = Math.min(b.length, from + PIECE_BYTES);
      const before = Math.min(OVERLAP, from);
      // Nothing of an earlier message stands before the first byte.
      if (before === 0) memory[FIRST - 1] = 0;
      memory.set(b.length <= PIECE_BYTES && from === 0 ? b : b.subarray(from - before, end), FIRST - before);
      let count = (kernel.find(FIRST, FIRST + end - from, LIST) - LIST) >> 1;
      // What is left of earlier pieces stands behind a shorter one.
      while (count > 0 && list[count - 1]! >= FIRST + end - from) count--;
      return count;
    },
  };
}
