/**
 * Owns rows that are made of events, not of frames: refused requests, and what is not in the log. The latter are shown among
 * the calls, and are none: whatever counts calls leaves them out.
 */
import { GAP_METHOD, PAUSE_METHOD } from '../../contract/traffic';
import type { CallRecord, CorrelatedEvent } from './callRecords';
import { countOf } from './callRules';
import { preview } from './messageFacts';

/** A request that was refused before it was one: its event is all there is of it. */
export function rejectedCall(entry: CorrelatedEvent): CallRecord {
  const { n, timeMs, us, meta, data } = entry;
  const say = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  const code = data['status'] ?? data['statusCode'];
  const reason = say(data['reason']) ?? say(data['message']);
  const rpcMethod = say(data['rpcMethod']);
  const one = rpcMethod === undefined ? reason : `${rpcMethod}: ${reason ?? 'refused'}`;
  // One event for the rest of a flood.
  const count = countOf(data['count']);
  const message = count > 0 ? `${one ?? 'refused'} (${count} more like the ones before)` : one;
  return {
    frame: n,
    part: 0,
    timeMs,
    startUs: us,
    origin: 'http',
    session: meta.s ?? '',
    server: meta.srv,
    method: (say(data['method']) ?? 'HTTP').slice(0, 20),
    name: (say(data['path']) ?? say(data['url']))?.slice(0, 500),
    detail: preview(message),
    status: 'blocked',
    durationUs: 0,
    requestBytes: typeof data['bytes'] === 'number' ? data['bytes'] : 0,
    errorCode: typeof code === 'number' ? code : undefined,
    errorMessage: message,
    leg: 'downstream',
  };
}

/** Methods of rows that stand for what is not in the log, and the events they are made of. */
export const standIns: readonly string[] = [PAUSE_METHOD, GAP_METHOD];
export const standInEvents: readonly string[] = ['recording.paused', 'recording.resumed', 'store.gap'];

/** Whether rows with this method stand for what is not in the log. */
export const isStandIn = (method: string): boolean => standIns.includes(method);

/** In SQL: the row stands for what is not in the log. */
export const isStandInSql = `method IN (${standIns.map((method) => `'${method}'`).join(', ')})`;

/** A row that stands for what is not in the log. */
export function missingCall({ n, timeMs, us }: CorrelatedEvent, method: string, detail: string, more: Partial<CallRecord>): CallRecord {
  return {
    frame: n,
    part: 0,
    timeMs,
    startUs: us,
    origin: 'gateway',
    session: '',
    method,
    detail: preview(detail),
    errorMessage: detail,
    status: 'unrecorded',
    requestBytes: 0,
    leg: 'downstream',
    ...more,
  };
}
