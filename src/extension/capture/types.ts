/**
 * Owns the capture port: how gateway and transports hand over what passes through them. The recorder gives every entry
 * its number and both clocks, redacts it and appends it to the journal **before** the caller passes the frame on.
 */
import type { Direction, Leg } from '../contract/traffic';
import type { Envelope } from '../mcp/envelope';

export interface CapturedFrame {
  readonly leg: Leg;
  readonly direction: Direction;
  /** The store's session id, made by the gateway; not the wire's `Mcp-Session-Id`. */
  readonly session: string;
  /** Configured name; on the downstream leg of the aggregate it is absent until routing knows it. */
  readonly server?: string;
  readonly envelope: Envelope;
  /** The message exactly as received or about to be sent, without line ends or SSE framing. */
  readonly bytes: Uint8Array;
  /** Number of the frame on the other leg that this frame passes on. */
  readonly forwards?: number;
  /** The bytes equal those of `forwards`, so they need not be kept twice. */
  readonly unchanged?: boolean;
  /** Where `bytes` differ from those of `forwards`, in order, and nowhere else; absent where that is not known. */
  readonly edited?: EditedBytes;
  /** Number of the request frame in whose course this frame came (progress, log message, nested request). */
  readonly cause?: number;
  /** The gateway itself made this message (own lists, own handshake), nobody passed it in. */
  readonly ownMessage?: boolean;
  /**
   * It has only arrived: nothing is sent, and nobody told, before the next record. It may be written together with that
   * one, at the latest when the event loop turns.
   */
  readonly arrived?: boolean;
  /** First 16 hex digits of the hash of the definition that a request runs under. */
  readonly definition?: string;
  /** Of an answer of the gateway itself: what its server calls the tool or prompt that was asked for. */
  readonly name?: string;
  /** HTTP request headers of the frame, where it came by HTTP; secrets are redacted by the recorder. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Bytes that were made of others by replacing a few values. */
export interface EditedBytes {
  /** What they were made of: the very object that was recorded. */
  readonly from: Uint8Array;
  /** What stands in place of what was replaced. */
  readonly places: readonly { readonly start: number; readonly end: number }[];
}

export type CapturedEventType =
  | 'session.opened'
  | 'session.closed'
  | 'server.starting'
  | 'server.running'
  | 'server.stopped'
  | 'server.failed'
  | 'server.stderr'
  | 'server.strayStdout'
  | 'server.requestRepeated'
  | 'client.answerDropped'
  | 'client.messagesLost'
  | 'http.rejected'
  | 'gateway.started'
  | 'gateway.stopped'
  | 'policy.waiting'
  | 'policy.approved'
  | 'policy.refused'
  | 'policy.definitions'
  | 'policy.definitionsApproved'
  | 'policy.blocked'
  | 'policy.limit'
  | 'config.changed'
  | 'config.invalid'
  | 'recording.paused'
  | 'recording.resumed'
  | 'recording.ended'
  | 'store.recovered'
  | 'store.retention'
  | 'store.gap';

export interface CapturedEvent {
  readonly type: CapturedEventType;
  readonly session?: string;
  readonly server?: string;
  /** JSON facts; redacted by the recorder. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Recorder {
  /**
   * Gives the frame's number; a negative one stands for a frame that is not recorded (see RecordingGate). Without `send`, this frame and all before it are written when it returns, except for one
   * that has only `arrived`. With `send`, they are written together with what else comes in the same turn of the event
   * loop, and then, in order, each is sent by its `send`: what passes at once costs one write. Never throws: what cannot
   * be kept becomes a Gap, and is sent all the same.
   */
  frame(frame: CapturedFrame, send?: () => void): number;
  /** Writes and sends what waits, now. */
  flush(): void;
  event(event: CapturedEvent): number;
}
