/** Owns reading what a server sends: batches taken apart, bytes that are no UTF-8 healed, the answer to `initialize`. */
import { Buffer, isUtf8 } from 'node:buffer';
import { scanEnvelope, splitBatch, type Envelope } from '../mcp/envelope';
import { rawText } from '../mcp/spans';
import { isJsonObject, tryParseJson, type JsonObject } from '../util/json';
import type { Frame } from './frame';

export interface Incoming {
  readonly bytes: Buffer;
  /** `invalid` or `batch`: nothing that could be passed on. */
  readonly envelope: Envelope;
}

/** The messages in what a server sent. `scanned`: where the transport has read it. */
export function readIncoming(received: Buffer, scanned?: Envelope, inBatch = false): Incoming[] {
  let bytes = received;
  let envelope = scanned ?? scanEnvelope(bytes);
  if (envelope.malformed && !isUtf8(bytes)) {
    // Clients decode leniently, so a wrong byte in a text must not cost the whole message.
    bytes = Buffer.from(bytes.toString('utf8'));
    envelope = scanEnvelope(bytes);
  }
  const parts = envelope.kind === 'batch' && !inBatch ? splitBatch(bytes) : [];
  if (parts.length > 0) return parts.flatMap((part) => readIncoming(part, undefined, true));
  return [{ bytes, envelope }];
}

/** The result of an answer to `initialize`, or why there is none. */
export function readHandshake({ bytes, envelope }: Frame): JsonObject | string {
  const result = envelope.resultSpan ? tryParseJson(rawText(bytes, envelope.resultSpan)) : undefined;
  if (isJsonObject(result)) return result;
  const error = envelope.errorSpan ? tryParseJson(rawText(bytes, envelope.errorSpan)) : undefined;
  return isJsonObject(error) && typeof error.message === 'string' ? error.message : 'no valid answer';
}
