/** Owns the rules by which frames become calls: what a request is known by, who asked, how an answer ends its call. Pure. */
import type { CallOrigin, CallStatus } from '../../contract/traffic';
import { BLOCKED_BY_POLICY, SERVER_UNAVAILABLE } from '../../mcp/messages';
import type { FrameMeta } from '../types';
import type { CallRecord } from './callRecords';
import { noError, type AnswerFacts } from './messageFacts';

export function keyOf(meta: FrameMeta, direction: string, id: string | undefined): string {
  return keyText(meta.leg, direction, id, meta.s, meta.srv);
}

export function keyText(leg: string, direction: string, id: string | undefined, session: string, server: string | undefined): string {
  // Downstream a request may not know its server yet when its answer does.
  return `${leg}\n${direction}\n${id ?? ''}\n${session}\n${leg === 'upstream' ? (server ?? '') : ''}`;
}

export function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

export function messages(count: number): string {
  return count === 1 ? '1 message' : `${count.toLocaleString('en-US')} messages`;
}

export function originOf(meta: FrameMeta): CallOrigin {
  if (meta.own) return 'gateway';
  if (meta.leg === 'downstream') return meta.dir === 'toServer' ? 'client' : 'gateway';
  return meta.dir === 'toClient' ? 'server' : 'gateway';
}

/** Of a call whose answer is lost: nobody can say whether it was a tool's error. */
export const UNREADABLE_ANSWER = 'The text of the answer cannot be read, so what it said is not known.';

/** `said`: what is known of the answer's text; `undefined`: nothing, since it is lost. */
export function statusOf(call: CallRecord, meta: FrameMeta, kind: 'result' | 'error', said: AnswerFacts | undefined): CallStatus {
  if (call.status === 'cancelled' || call.status === 'timedOut') return call.status;
  if (kind === 'result') return !said ? 'unrecorded' : said.toolError ? 'toolError' : 'ok';
  // That it is an error is said outside of the text.
  const facts = said ?? noError;
  if (meta.own && facts.errorCode === BLOCKED_BY_POLICY) return 'blocked';
  if (call.status === 'transportError') return 'transportError';
  // The gateway answers for a server that did not, or that was not there to be asked: the connection failed, not the call.
  if (meta.own && facts.errorCode === SERVER_UNAVAILABLE) return 'transportError';
  if (meta.own && call.otherRequestFrame !== undefined && call.otherResponseFrame === undefined) return 'transportError';
  if (facts.errorCode === GIVEN_UP && isTimeout(facts.errorMessage)) return 'timedOut';
  return 'error';
}

/** The SDKs' code for a request that was given up waiting for. */
const GIVEN_UP = -32001;

/**
 * What a cancellation makes of a call. Clients that have waited too long cancel, and only the reason says why: the SDK's is
 * "McpError: MCP error -32001: Request timed out".
 */
export function cancelledStatus(reason: string | undefined): 'cancelled' | 'timedOut' {
  return isTimeout(reason) ? 'timedOut' : 'cancelled';
}

function isTimeout(text: string | undefined): boolean {
  return text !== undefined && /\btim(?:ed?|ing)[- ]?out\b|\bdeadline exceeded\b/i.test(text);
}

export function reasonOf(data: Readonly<Record<string, unknown>>, otherwise: string): string {
  const said = data['message'] ?? data['reason'];
  return typeof said === 'string' && said !== '' ? said : otherwise;
}
