/**
 * Owns giving back memory at once. Large chunks are copied into one buffer, and large messages have had their use when they are
 * answered; left to the garbage collector they make it run over the whole heap every few megabytes, and the next ones find no
 * memory that is warm.
 */
import type { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Envelope } from '../../mcp/envelope';

/** From this size on it is worth it. */
const LEAST_BYTES = 16 * 1024;
/** What their requests and answers say is for the two sides only: the gateway keeps nothing of it, as it does of lists. */
const PASSING: ReadonlySet<string> = new Set(['tools/call', 'resources/read', 'prompts/get', 'completion/complete']);

/** How many still need a message. */
const held = new WeakMap<Uint8Array, number>();

/**
 * Frees the memory of a chunk that has been copied; it must not be used again. One that shares its memory with others (a
 * part of a chunk, a pooled buffer) is left to the garbage collector.
 */
export function letGo(chunk: Uint8Array): void {
  const { buffer, byteLength } = chunk;
  if (byteLength < LEAST_BYTES || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  // ES2024; every Node that VS Code brings has it.
  (buffer as ArrayBuffer & { transfer?: (length: number) => ArrayBuffer }).transfer?.(0);
}

const keep = (): void => undefined;

/**
 * For the chunks of an answer, to be called with each: frees what was read from the socket as well, which Node copies into the
 * chunks and then drops. Of plain sockets only, where nobody but Node listens. `bytes`: how long the answer will be, where that is known.
 */
export function letGoOfReads(response: IncomingMessage, bytes = Infinity): (chunk: Buffer) => void {
  const { socket } = response;
  if (bytes < LEAST_BYTES || 'encrypted' in socket) return keep;
  let last: Buffer | undefined;
  let isListening = false;
  const read = (given: Buffer): void => {
    if (given.buffer !== last?.buffer) letGo(given);
  };
  return (chunk) => {
    last = chunk;
    if (isListening || chunk.byteLength < LEAST_BYTES) return;
    isListening = true;
    // After Node's own listener, and so from the next read on.
    socket.on('data', read);
    const stop = (): void => void socket.off('data', read);
    response.once('end', stop);
    response.once('close', stop);
  };
}

/** Says, of one who needed a message, that it does not any more. Only the first time counts: nobody gives up what others need. */
export type Release = () => void;

/**
 * Says that one more needs a message of a request of this method, until what is returned is called. Its memory goes when the last
 * one who needed it has said so: never, where somebody does not, which is what to do where it is not sure. Before that the message must
 * have left the process: the system may still read it. `undefined`: it stays anyway.
 */
export function hold(message: Uint8Array, method: Envelope['method']): Release | undefined {
  if (message.length < LEAST_BYTES || method === undefined || !PASSING.has(method)) return undefined;
  held.set(message, (held.get(message) ?? 0) + 1);
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    const others = held.get(message)! - 1;
    held.set(message, others);
    if (others === 0) letGo(message);
  };
}
