/**
 * Owns telling which other calls ask for the same thing as this one: same session, server, method and parameters (but for their
 * `_meta`), at most a minute away. A client that tries again after a failure looks like that. Pure.
 */
import type { CallDetail, CallRow, FrameText } from '../../../extension/contract/traffic';
import { literalTerm } from '../../../extension/query/print';
import { isJsonObject, isTooDeep, type JsonValue } from '../../../extension/util/json';
import { ExactNumber, parseExact } from '../../components/exactNumbers';

const WITHIN_MS = 60_000;
/** Ids, progress tokens and other meta data make no more difference in length, bytes. */
const META_BYTES = 1_000;
export const MAX_ATTEMPTS = 100;
/** Requests that are read to be compared: the nearest in time. */
const MAX_COMPARED = 24;

/** The filter for calls to look among; `undefined` where nobody would try again. */
export function attemptsFilter({ session, method, name, timeMs, origin }: CallRow): string | undefined {
  if (name === undefined || origin !== 'client') return undefined;
  const at = (ms: number): string => new Date(ms).toISOString();
  return [literalTerm('session', session), literalTerm('method', method), literalTerm('name', name), `since:${at(timeMs - WITHIN_MS)}`, `until:${at(timeMs + WITHIN_MS)}`].join(' ');
}

/** Those whose requests are worth reading: nearest first. */
export function candidatesAmong(row: CallRow, rows: readonly CallRow[]): CallRow[] {
  const mayBe = rows.filter((other) => other.id !== row.id && other.server === row.server && other.name === row.name && other.method === row.method && Math.abs(other.requestBytes - row.requestBytes) <= META_BYTES);
  const apart = (other: CallRow): number => Math.abs(other.timeMs - row.timeMs);
  return isTriedAgain(row, mayBe) ? mayBe.toSorted((a, b) => apart(a) - apart(b)).slice(0, MAX_COMPARED) : [];
}

/** Oldest first. `read`: the candidates that could be read. */
export function attemptsAmong({ row, request }: CallDetail, read: readonly CallDetail[]): CallRow[] {
  const asked = paramsOf(request);
  const same = read.filter((other) => asked !== undefined && paramsOf(other.request) === asked).map((other) => other.row);
  return isTriedAgain(row, same) ? same.toSorted((a, b) => a.timeMs - b.timeMs) : [];
}

/** A client that asks for the same again after it was answered well does not try again. */
function isTriedAgain(row: CallRow, others: readonly CallRow[]): boolean {
  return row.status !== 'ok' || others.some(({ status, timeMs }) => status !== 'ok' && timeMs < row.timeMs);
}

/** What is asked for, as a text that is the same for the same; `undefined` where that cannot be told, as of a request that was cut. */
function paramsOf({ text, truncated }: FrameText): string | undefined {
  const message = truncated ? undefined : parseExact(text);
  const params = isJsonObject(message) ? message['params'] : undefined;
  if (!isJsonObject(params) || isTooDeep(params)) return undefined;
  const { _meta: _, ...asked } = params;
  return canonical(asked);
}

/** Whatever the order of keys, and with every digit. */
function canonical(value: JsonValue | undefined): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}
