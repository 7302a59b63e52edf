/**
 * Owns giving back the memory of chunks at once. A large message comes in chunks of 64 KB that are copied into one
 * buffer; left to the garbage collector they would count as much as the message itself, and make it run that much
 * more often.
 */
import type { Buffer } from 'node:buffer';

/** From this size on it is worth it. */
const LEAST_BYTES = 16 * 1024;

/**
 * Frees the memory of a chunk that has been copied; it must not be used again. One that shares its memory with others (a
 * part of a chunk, a pooled buffer) is left to the garbage collector.
 */
export function letGo(chunk: Buffer): void {
  const { buffer, byteLength } = chunk;
  if (byteLength < LEAST_BYTES || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  // ES2024; every Node that VS Code brings has it.
  (buffer as ArrayBuffer & { transfer?: (length: number) => ArrayBuffer }).transfer?.(0);
}
