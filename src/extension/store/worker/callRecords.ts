/** Owns what calls and sessions are between the correlator, which makes them of frames, and those who file them. */
import type { CallOrigin, CallStatus, Leg } from '../../contract/traffic';
import type { EventMeta, FrameMeta } from '../types';
import type { AnswerFacts } from './messageFacts';

/** A call as the store files it. Numbers are frame numbers of one writer. */
export interface CallRecord {
  readonly frame: number;
  /** Place within a batch, else 0. */
  readonly part: number;
  readonly timeMs: number;
  readonly startUs: number;
  readonly origin: CallOrigin;
  readonly session: string;
  client?: string;
  server?: string;
  readonly method: string;
  name?: string;
  detail?: string;
  status: CallStatus;
  durationUs?: number;
  upstreamUs?: number;
  requestBytes: number;
  responseBytes?: number;
  errorCode?: number;
  errorMessage?: string;
  responseFrame?: number;
  /** The same exchange on the other leg. */
  otherRequestFrame?: number;
  otherResponseFrame?: number;
  /** Request frame of the call in whose course this one was made. */
  parentFrame?: number;
  conversation?: string;
  prompt?: string;
  traceparent?: string;
  /** First 16 hex digits of the hash of the definition it ran under. */
  definition?: string;
  /** The leg of the side that asked. */
  readonly leg: Leg;
  otherStartUs?: number;
  /** What the answer said, and the one on the other leg; absent while there is none, and where its text is lost. */
  facts?: AnswerFacts;
  otherFacts?: AnswerFacts;
  /** Who follows the journal has it in his list (recentCalls.ts). */
  isListed?: boolean;
}

export interface SessionRecord {
  readonly id: string;
  readonly startedMs: number;
  endedMs?: number;
  clientName?: string;
  clientVersion?: string;
  protocolVersion?: string;
  /** Who made it, where that is not a client from outside. */
  kind?: 'playground';
}

export interface CorrelatedFrame {
  readonly n: number;
  readonly timeMs: number;
  readonly us: number;
  readonly meta: FrameMeta;
  /** Empty where the frame repeats another one's bytes or its text is lost. */
  readonly body: Buffer;
  /** Its text cannot be read, nor the one that it is to have in common with another frame. */
  readonly isLost?: boolean;
}

export interface CorrelatedEvent {
  readonly n: number;
  readonly timeMs: number;
  readonly us: number;
  readonly meta: Omit<EventMeta, 'data'>;
  readonly data: Readonly<Record<string, unknown>>;
}
