/**
 * Owns everything that is known of one call: its messages on both legs, what came in its course, what its server wrote
 * meanwhile, and its texts, whole or in part.
 */
import type { BodyPart, CallDetail, CallRow, FrameText, ServerOutput } from '../../contract/traffic';
import { MAX_INLINE_TEXT, REPEATED_METHOD } from '../../contract/traffic';
import type { PayloadPart } from '../../contract/trafficApi';
import { AppError } from '../../util/errors';
import { isJsonObject, tryParseJson } from '../../util/json';
import { answerStack } from './messageFacts';
import { callColumns, find, foundOf, type Found } from './places';
import { meanwhileTypes, reaches, reachesEvents } from './reaches';
import { writerFactor } from './schema';
import { findSession } from './sessions';
import { isIncomplete, optional, rows, withFrames, type Source } from './source';
import type { SqlValue } from './sqlEngine';
import { outputSchemaOf } from './toolSchemas';

const frameColumns = 'f.frame, f.leg, f.direction, f.kind, f.method, f.time_ms, f.us, f.bytes, f.body, f.headers, f.rpc_id, f.damaged';
const maxRelated = 1000;
const maxNested = 1000;
const maxOutputLines = 500;

export function detail(sources: readonly Source[], id: string): CallDetail | undefined {
  const found = find(sources, id);
  if (!found) return undefined;
  const { source, key, part, row } = found;
  const facts = factsOf(found);
  const frame = (wanted: number | null): FrameText | undefined => {
    if (wanted === null) return undefined;
    const [values] = rows(withFrames(source), `SELECT ${frameColumns} FROM frame f WHERE frame = ?`, [wanted]);
    return values && frameText(source, values, facts.startUs);
  };
  const response = frame(facts.response);
  const session = findSession(sources, row.session);
  const request = frame(key) ?? eventText(source, key, row);
  const upstreamRequest = frame(facts.otherRequest);
  const upstream = [upstreamRequest, request].find((each) => each?.leg === 'upstream');
  const meanwhile = meanwhileOf(sources, found, facts.startUs);
  return {
    row,
    session: session && withoutKind(session),
    request,
    response,
    upstreamRequest,
    upstreamResponse: frame(facts.otherResponse),
    related: [
      ...relatedOf(sources, found, new Set([key, facts.response, facts.otherRequest, facts.otherResponse].map((wanted) => (wanted === null ? -1 : wanted % writerFactor))), facts.startUs),
      ...repeatsOf(meanwhile, upstream?.rpcId, facts.startUs),
    ].sort((a, b) => a.frame - b.frame),
    errorMessage: facts.errorMessage ?? undefined,
    errorStack: response?.kind === 'error' ? answerStack(response.text) : undefined,
    nested: nestedOf(sources, found, part),
    output: outputOf(meanwhile, facts.startUs),
    outputSchema: outputSchemaOf(sources, row),
  };
}

function withoutKind({ id, clientName, clientVersion, protocolVersion, startedMs, endedMs }: NonNullable<ReturnType<typeof findSession>>): CallDetail['session'] {
  return { id, clientName, clientVersion, protocolVersion, startedMs, endedMs };
}

interface Facts {
  readonly startUs: number;
  readonly response: number | null;
  readonly otherRequest: number | null;
  readonly otherResponse: number | null;
  readonly errorMessage: string | null;
}

function factsOf({ source, key, part }: Found): Facts {
  const [facts] = rows(source.db, 'SELECT start_us, response_frame, other_request_frame, other_response_frame, error_message FROM call WHERE frame = ? AND part = ?', [key, part]);
  const [startUs, response, otherRequest, otherResponse, errorMessage] = facts as [number, number | null, number | null, number | null, string | null];
  return { startUs, response, otherRequest, otherResponse, errorMessage };
}

/** Messages that belong to a call besides its own. A call that outlived a journal has some in the one before, too. */
function relatedOf(sources: readonly Source[], found: Found, own: ReadonlySet<number>, startUs: number): FrameText[] {
  const related = new Map<number, FrameText>();
  for (const other of sources) {
    const there = keyIn(other, found);
    if (there === undefined || !(reaches(other, 'messages', there) || reaches(other, 'nested', there))) continue;
    for (const values of rows(
      withFrames(other),
      `SELECT ${frameColumns} FROM frame f WHERE f.call = ?1 AND ifnull(f.call_part, 0) = ?2
       UNION ALL SELECT ${frameColumns} FROM frame f WHERE f.call IN (SELECT frame FROM call WHERE parent_frame = ?1)
       ORDER BY f.frame LIMIT ${maxRelated}`,
      [there, found.part],
    )) {
      const number = (values[0] as number) % writerFactor;
      if (!own.has(number) && related.size < maxRelated) related.set(number, frameText(other, values, startUs));
    }
  }
  return [...related.values()];
}

/** That the request went out to its server more than once: an event that names it by its id on that leg. */
function repeatsOf(meanwhile: readonly Meanwhile[], id: string | undefined, startUs: number): FrameText[] {
  return meanwhile.flatMap(({ frame, timeMs, us, type, data: text }): FrameText[] => {
    const facts = type === REPEATED_METHOD ? tryParseJson(text) : undefined;
    if (id === undefined || !isJsonObject(facts) || facts['id'] !== id) return [];
    return [{ frame, leg: 'upstream', direction: 'toServer', kind: 'invalid', method: REPEATED_METHOD, timeMs, sinceRequestUs: us - startUs, bytes: 0, text, truncated: false, rpcId: id }];
  });
}

function keyIn(source: Source, { writer, n }: Pick<Found, 'writer' | 'n'>): number | undefined {
  const w = source.writers.indexOf(writer);
  return w < 0 ? undefined : w * writerFactor + n;
}

function nestedOf(sources: readonly Source[], found: Found, part: number): readonly CallRow[] | undefined {
  // Of a batch nobody can say which of its calls another was made in: they are shown with the first.
  if (part > 0) return undefined;
  const nested = new Map<string, CallRow>();
  for (const other of sources) {
    const there = keyIn(other, found);
    if (there === undefined || !reaches(other, 'nested', there)) continue;
    for (const values of rows(other.db, `SELECT ${callColumns} FROM call WHERE parent_frame = ? ORDER BY frame LIMIT ${maxNested}`, [there])) {
      const { row } = foundOf(other, values);
      nested.set(row.id, row);
    }
  }
  return nested.size > 0 ? [...nested.values()].sort((a, b) => a.frame - b.frame).slice(0, maxNested) : undefined;
}

/** What was recorded of the call's server from request to answer, besides messages. */
interface Meanwhile {
  readonly frame: number;
  readonly timeMs: number;
  readonly us: number;
  readonly type: string;
  readonly data: string;
}

/** By the clock of the writer that recorded both. */
function meanwhileOf(sources: readonly Source[], { writer, row }: Found, startUs: number): Meanwhile[] {
  if (row.server === undefined) return [];
  const endUs = row.durationUs === undefined ? Number.MAX_SAFE_INTEGER : startUs + row.durationUs;
  const found: Meanwhile[] = [];
  for (const source of sources) {
    const w = source.writers.indexOf(writer);
    if (w < 0 || !reachesEvents(source, w * writerFactor + row.frame, startUs, endUs)) continue;
    for (const [frame, timeMs, us, type, data] of rows(
      source.db,
      `SELECT frame, time_ms, us, type, data FROM event WHERE frame BETWEEN ? AND ? AND type IN ${meanwhileTypes}
       AND server = ? AND us BETWEEN ? AND ? AND (session IS NULL OR session = ?) ORDER BY frame LIMIT ${maxOutputLines}`,
      [w * writerFactor + row.frame, (w + 1) * writerFactor - 1, row.server, startUs, endUs, row.session],
    )) {
      found.push({ frame: (frame as number) % writerFactor, timeMs: timeMs as number, us: us as number, type: type as string, data: data as string });
    }
  }
  return found;
}

/** What the call's server wrote. */
function outputOf(meanwhile: readonly Meanwhile[], startUs: number): readonly ServerOutput[] | undefined {
  const output = meanwhile
    .filter(({ type }) => type !== REPEATED_METHOD)
    .flatMap(({ timeMs, us, type, data }) =>
      linesOf(data).map((text): ServerOutput => ({ timeMs, sinceRequestUs: us - startUs, stream: type === 'server.stderr' ? 'stderr' : 'stdout', text })),
    );
  return output.length > 0 ? output.sort((a, b) => a.sinceRequestUs - b.sinceRequestUs).slice(0, maxOutputLines) : undefined;
}

function linesOf(data: string): string[] {
  const facts = tryParseJson(data);
  if (!isJsonObject(facts)) return [];
  const { lines, text } = facts;
  return (Array.isArray(lines) ? lines : [text]).filter((each) => typeof each === 'string');
}

export interface CallTexts {
  readonly request?: string;
  readonly response?: string;
  /** Of these, not all can be read, or nothing: damaged on disk. */
  readonly damaged?: readonly ('request' | 'response')[];
}

/** Recorded text of request and answer, whole. */
export function texts(found: Found): CallTexts {
  const { source, key } = found;
  const damaged: ('request' | 'response')[] = [];
  const text = (part: 'request' | 'response', frame: number | null): string | undefined => {
    const there = frame === null ? undefined : bodyOf(source, frame);
    if (!there) return undefined;
    const recorded = there.body === null ? noText.bytes : source.body(there.body);
    if (isIncomplete(source, there.body, there.isDamaged, there.bytes, recorded.length)) damaged.push(part);
    return there.body === null ? undefined : recorded.toString('utf8');
  };
  const said = { request: text('request', key), response: text('response', factsOf(found).response) };
  return damaged.length > 0 ? { ...said, damaged } : said;
}

interface Body {
  /** `null`: there is no text. */
  readonly body: number | null;
  readonly isDamaged: boolean;
  /** On the wire. */
  readonly bytes: number;
}

function bodyOf(source: Source, frame: number): Body | undefined {
  const [values] = rows(withFrames(source), 'SELECT body, damaged, bytes FROM frame WHERE frame = ?', [frame]);
  if (!values) return undefined;
  const [body, damaged, bytes] = values as [number | null, number, number];
  return { body, isDamaged: damaged === 1, bytes };
}

/** Part of a recorded text. Throws `notFound` where there is no such text. */
export function bodyPart(sources: readonly Source[], id: string, part: PayloadPart, fromByte: number, limit: number): BodyPart {
  const found = find(sources, id);
  const facts = found && factsOf(found);
  const frame = facts && { request: found.key, response: facts.response, upstreamRequest: facts.otherRequest, upstreamResponse: facts.otherResponse }[part];
  const there = found && typeof frame === 'number' ? bodyOf(found.source, frame) : undefined;
  const body = there?.body ?? undefined;
  if (!found || body === undefined) {
    const isDamaged = there !== undefined && (there.isDamaged || there.bytes > 0);
    throw new AppError('notFound', isDamaged ? `The ${part} of this call cannot be read: it was damaged on disk.` : `The ${part} of this call is not in the audit log.`);
  }
  const { source } = found;
  // Three bytes more on either side: enough to see where the characters at the edges begin.
  const start = Math.max(0, fromByte - 3);
  const { bytes, total } = source.bodyRange(body, start, fromByte + limit + 3);
  const from = Math.min(fromByte, total);
  // It has become shorter, since some of it is damaged.
  if (from < start) return { text: '', fromByte: from, toByte: from, totalBytes: total };
  const first = boundary(bytes, from - start);
  let last = boundary(bytes, Math.min(from + limit, total) - start);
  // Never nothing where there is something: whoever asks for less than a character gets one.
  if (last <= first && first < bytes.length) for (last = first + 1; last < bytes.length && (bytes[last]! & 0xc0) === 0x80; last++);
  return { text: bytes.toString('utf8', first, last), fromByte: start + first, toByte: start + last, totalBytes: total };
}

/** The place at or before `at` where a character begins; in bytes that are no UTF-8, anywhere. */
function boundary(bytes: Buffer, at: number): number {
  if (at >= bytes.length) return bytes.length;
  for (let back = 0; back < 4 && at - back >= 0; back++) if ((bytes[at - back]! & 0xc0) !== 0x80) return at - back;
  return at;
}

const noText = { bytes: Buffer.alloc(0), total: 0 };

function frameText(source: Source, values: readonly SqlValue[], startUs: number): FrameText {
  const [key, leg, direction, kind, method, timeMs, us, bytes, body, headers, rpcId, damaged] = values;
  // Four bytes hold any character: what lies behind cannot be within the limit.
  const { bytes: recorded, total } = body === null ? noText : source.bodyRange(body as number, 0, MAX_INLINE_TEXT * 4);
  const isAbsent = source.isAbsent?.(key as number) === true;
  const isDamaged = !isAbsent && isIncomplete(source, body as number | null, damaged === 1, bytes as number, total);
  const text = recorded.toString('utf8');
  const truncated = text.length > MAX_INLINE_TEXT;
  const known = typeof headers === 'string' ? tryParseJson(headers) : undefined;
  return {
    frame: (key as number) % writerFactor,
    leg: leg as FrameText['leg'],
    direction: direction as FrameText['direction'],
    kind: kind as FrameText['kind'],
    method: optional<string>(method),
    timeMs: timeMs as number,
    sinceRequestUs: (us as number) - startUs,
    bytes: bytes as number,
    text: truncated ? text.slice(0, MAX_INLINE_TEXT).replace(/[\uD800-\uDBFF]$/, '') : text,
    truncated,
    headers: isJsonObject(known) ? (known as Record<string, string>) : undefined,
    rpcId: optional<string>(rpcId),
    damaged: isDamaged || undefined,
    isOutOfReach: isAbsent || undefined,
  };
}

/** A refused HTTP request has no frame: what is known of it is in the event. */
function eventText(source: Source, key: number, row: CallRow): FrameText {
  const [values] = rows(source.db, 'SELECT data FROM event WHERE frame = ?', [key]);
  const text = optional<string>(values?.[0]) ?? '';
  return { frame: row.frame, leg: 'downstream', direction: 'toServer', kind: 'invalid', timeMs: row.timeMs, sinceRequestUs: 0, bytes: row.requestBytes, text, truncated: false };
}
