/** Owns the two shapes in which frames travel inside the gateway: as they came, and as they are to leave. */
import type { Buffer } from 'node:buffer';
import type { Envelope } from '../mcp/envelope';

/** A frame that has arrived and is recorded. */
export interface Frame {
  readonly bytes: Buffer;
  readonly envelope: Envelope;
  /** The recorder's number. */
  readonly number: number;
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
  readonly cause?: number;
  readonly ownMessage?: boolean;
}

/** The frame passed on as it came. */
export function verbatim(frame: Frame, server?: string, cause?: number): Outgoing {
  return { bytes: frame.bytes, envelope: frame.envelope, server, forwards: frame.number, unchanged: true, cause };
}

/** The frame passed on with other bytes; `envelope` may stay where no span is read from it again. */
export function changed(frame: Frame, bytes: Buffer, envelope: Envelope, server?: string, cause?: number): Outgoing {
  return { bytes, envelope, server, forwards: frame.number, unchanged: false, cause };
}
