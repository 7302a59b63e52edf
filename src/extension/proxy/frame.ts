/** Owns the two shapes in which frames travel inside the gateway: as they came, and as they are to leave. */
import type { Buffer } from 'node:buffer';
import type { EditedBytes } from '../capture/types';
import { movedEnvelope, scanEnvelope, type Envelope } from '../mcp/envelope';
import { placesAfter, splice, type Edit } from '../mcp/spans';
import type { Release } from './transports/letGo';

/** A frame that has arrived and is recorded. */
export interface Frame {
  readonly bytes: Buffer;
  readonly envelope: Envelope;
  /** The recorder's number. */
  readonly number: number;
  /** Of an answer: for whoever has sent its bytes on, and is the last to need them. */
  readonly release?: Release;
}

/** A frame to be recorded and sent. */
export interface Outgoing {
  readonly bytes: Buffer;
  readonly envelope: Envelope;
  readonly server?: string;
  /** Number of the frame it passes on. */
  readonly forwards?: number;
  /** `bytes` equal those of `forwards`. */
  readonly unchanged?: boolean;
  /** How `bytes` were made of those of `forwards`, where that is known. */
  readonly edited?: EditedBytes;
  readonly cause?: number;
  readonly ownMessage?: boolean;
  /** Of an answer of the gateway itself: what its server calls the tool or prompt that was asked for. */
  readonly name?: string;
  /** For when `bytes` have left; see `Frame.release`. */
  readonly release?: Release;
}

/** The frame passed on as it came. */
export function verbatim(frame: Frame, server?: string, cause?: number): Outgoing {
  return { bytes: frame.bytes, envelope: frame.envelope, server, forwards: frame.number, unchanged: true, cause, release: frame.release };
}

/** A message of the gateway itself. `cause`: number of the frame that has brought it about. */
export function ownMessage(bytes: Buffer, server?: string, cause?: number): Outgoing {
  return { bytes, envelope: scanEnvelope(bytes), server, cause, ownMessage: true };
}

/** The frame passed on with whatever replaced, its id too. */
export function rewritten(frame: Frame, edits: readonly Edit[], server?: string, cause?: number): Outgoing {
  const bytes = splice(frame.bytes, edits);
  return { bytes, envelope: scanEnvelope(bytes), server, forwards: frame.number, unchanged: false, cause };
}

/** The frame passed on with values in its params or result replaced, never its id or method. */
export function edited(frame: Frame, edits: readonly Edit[], server?: string, cause?: number): Outgoing {
  if (edits.length === 0) return verbatim(frame, server, cause);
  return {
    bytes: splice(frame.bytes, edits),
    envelope: movedEnvelope(frame.envelope, edits),
    server,
    forwards: frame.number,
    unchanged: false,
    cause,
    edited: { from: frame.bytes, places: placesAfter(edits) },
  };
}
