/**
 * Owns bytes that views read by place, whether they are all here or come in parts. Reading never waits: what is not here yet is
 * `undefined`, is asked for, and `revision` grows when it comes.
 */
import { signal, type ReadonlySignal } from '@preact/signals';

export interface ByteSource {
  readonly length: number;
  /** Bytes from `from` to `to` (exclusive), or `undefined` where some are not here yet; then they are asked for. */
  read(from: number, to: number): Uint8Array | undefined;
  /** Grows with everything that comes in; reading it in a component draws that again. */
  readonly revision: ReadonlySignal<number>;
}

const NEVER: ReadonlySignal<number> = signal(0);

/** The bytes of a text that is all here. */
export function textBytes(text: string): ByteSource {
  const bytes = new TextEncoder().encode(text);
  return { length: bytes.length, revision: NEVER, read: (from, to) => bytes.subarray(from, to) };
}
