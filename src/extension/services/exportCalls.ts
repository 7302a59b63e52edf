/**
 * Owns writing calls to a file: page by page out of the store, oldest first, in constant memory. The file appears whole
 * or not at all: it is written beside its place and renamed. What comes in meanwhile is not exported.
 */
import { open, rename, rm } from 'node:fs/promises';
import type { CallDetail, CallPage, CallQuery, CallRow, FrameText, Scope } from '../contract/traffic';
import type { ExportFormat } from '../contract/trafficApi';
import { AppError } from '../util/errors';
import { exactJson } from '../util/json';
import { callText, textHead } from './exportText';

/** What an export reads; the store is one. */
export interface ExportSource {
  page(query: CallQuery, signal?: AbortSignal): Promise<CallPage>;
  call(id: string, signal?: AbortSignal): Promise<CallDetail | undefined>;
}

export interface ExportJob {
  readonly filter: string;
  /** Absent: everything in the audit log. */
  readonly scope?: Scope;
  readonly format: ExportFormat;
  /** Absolute path; what stands there is replaced. */
  readonly file: string;
  readonly signal: AbortSignal;
  /** Called now and then. */
  readonly onProgress: (done: number, total: number) => void;
}

const PAGE = 500;
/** Bodies asked for at once. */
const AT_ONCE = 8;

/** Gives how many calls were written. Rejects with `cancelled` when aborted; then, as after any failure, no file is left. */
export async function exportCalls(source: ExportSource, job: ExportJob): Promise<number> {
  const partial = `${job.file}.${process.pid}-${Date.now().toString(36)}.partial`;
  const handle = await open(partial, 'wx', 0o600);
  try {
    let count = 0;
    let total = 0;
    // Appended, not just written: on a disk that is nearly full one write may take a part and say nothing.
    await handle.appendFile(job.format === 'txt' ? textHead(job.filter, job.scope) : HEAD[job.format]);
    for await (const page of pagesOldestFirst(source, job)) {
      total = Math.max(total, page.total);
      for await (const texts of textsOf(source, page.rows, job)) {
        const separator = job.format === 'json' ? ',\n' : '';
        await handle.appendFile((count > 0 ? separator : '') + texts.join(separator));
        count += texts.length;
        job.onProgress(count, total);
      }
    }
    await handle.appendFile(job.format === 'json' ? (count > 0 ? '\n]\n' : ']\n') : '');
    throwIfAborted(job.signal);
    await handle.sync();
    await handle.close();
    await rename(partial, job.file);
    return count;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
}

/** Every call of the filter that is there when asked, in the order they happened. */
async function* pagesOldestFirst(source: ExportSource, { filter, scope, signal }: ExportJob): AsyncGenerator<{ readonly rows: readonly CallRow[]; readonly total: number }> {
  const newest = { filter, scope, position: { kind: 'newest' }, limit: 1 } as const;
  let head = await source.page(newest, signal);
  // Texts are still searched: none was found so far.
  while (head.rows.length === 0 && head.isTotalExact === false) head = await source.page(newest, signal);
  const last = head.rows[0];
  if (!last) return;
  let page = await source.page({ filter, scope, position: { kind: 'offset', offset: Math.max(0, head.total - PAGE) }, limit: PAGE }, signal);
  // Calls that came in since moved the place: go on to the very oldest.
  while (page.olderCursor !== undefined) {
    page = await source.page({ filter, scope, position: { kind: 'olderThan', cursor: page.olderCursor }, limit: PAGE }, signal);
  }
  for (;;) {
    throwIfAborted(signal);
    const rows = page.rows.toReversed();
    const end = rows.findIndex((row) => row.id === last.id);
    const isLast = end >= 0 || rows.some((row) => row.timeMs > last.timeMs) || page.newerCursor === undefined;
    yield { rows: end >= 0 ? rows.slice(0, end + 1) : rows.filter((row) => row.timeMs <= last.timeMs), total: head.total };
    if (isLast || page.newerCursor === undefined) return;
    page = await source.page({ filter, scope, position: { kind: 'newerThan', cursor: page.newerCursor }, limit: PAGE }, signal);
  }
}

/** A few calls at a time, never none: bodies may be large. */
async function* textsOf(source: ExportSource, rows: readonly CallRow[], { format, signal }: ExportJob): AsyncGenerator<readonly string[]> {
  if (format === 'csv') {
    if (rows.length > 0) yield rows.map((row) => `${CSV.map(([, cell]) => cell(row)).join(',')}\r\n`);
    return;
  }
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    throwIfAborted(signal);
    const some = rows.slice(start, start + AT_ONCE);
    const details = await Promise.all(some.map((row) => source.call(row.id, signal)));
    yield some.map((row, index) => {
      if (format === 'txt') return callText(row, details[index]);
      const json = JSON.stringify(recordOf(details[index], row));
      return format === 'jsonl' ? `${json}\n` : json;
    });
  }
}

function recordOf(detail: CallDetail | undefined, row: CallRow): object {
  return {
    ...(detail?.row ?? row),
    time: new Date(row.timeMs).toISOString(),
    ...(detail ? bodiesOf(detail) : {}),
  };
}

function bodiesOf({ request, response, upstreamRequest, upstreamResponse, related, errorMessage }: CallDetail): object {
  return {
    ...(errorMessage === undefined ? {} : { errorMessage }),
    request: bodyOf(request),
    ...(response ? { response: bodyOf(response) } : {}),
    // Only what differs on the other side of the gateway.
    ...(upstreamRequest && upstreamRequest.text !== request.text ? { upstreamRequest: bodyOf(upstreamRequest) } : {}),
    ...(upstreamResponse && upstreamResponse.text !== response?.text ? { upstreamResponse: bodyOf(upstreamResponse) } : {}),
    ...(related.length > 0 ? { related: related.map((frame) => ({ leg: frame.leg, direction: frame.direction, sinceRequestUs: frame.sinceRequestUs, message: bodyOf(frame) })) } : {}),
  };
}

/** The message itself where writing it again gives the same text; otherwise its text, so that no digit is lost. */
function bodyOf({ text, truncated }: FrameText): unknown {
  if (truncated) return { truncated: true, text };
  const value = exactJson(text);
  return value === undefined ? text : value;
}

type Cell = (row: CallRow) => string;
const text = (read: (row: CallRow) => string | undefined): Cell => (row) => csvText(read(row));
const number = (read: (row: CallRow) => number | undefined): Cell => (row) => String(read(row) ?? '');

const CSV: readonly (readonly [name: string, cell: Cell])[] = [
  ['time', text((row) => new Date(row.timeMs).toISOString())],
  ['status', text((row) => row.status)],
  ['server', text((row) => row.server)],
  ['method', text((row) => row.method)],
  ['name', text((row) => row.name)],
  ['detail', text((row) => row.detail)],
  ['durationMs', number((row) => (row.durationUs === undefined ? undefined : row.durationUs / 1000))],
  ['upstreamMs', number((row) => (row.upstreamUs === undefined ? undefined : row.upstreamUs / 1000))],
  ['requestBytes', number((row) => row.requestBytes)],
  ['responseBytes', number((row) => row.responseBytes)],
  ['errorCode', number((row) => row.errorCode)],
  ['origin', text((row) => row.origin)],
  ['client', text((row) => row.client)],
  ['session', text((row) => row.session)],
  ['conversation', text((row) => row.conversation)],
  ['prompt', text((row) => row.prompt)],
  ['parent', text((row) => row.parent)],
  ['definition', text((row) => row.definition)],
  ['playground', text((row) => (row.isPlayground ? 'yes' : undefined))],
  ['pinned', text((row) => (row.note?.isPinned ? 'yes' : undefined))],
  ['color', text((row) => row.note?.color)],
  ['comment', text((row) => row.note?.comment)],
  ['id', text((row) => row.id)],
];

const HEAD: Readonly<Record<Exclude<ExportFormat, 'txt'>, string>> = { jsonl: '', json: '[\n', csv: `${CSV.map(([name]) => name).join(',')}\r\n` };

/** Text that a spreadsheet would take for a formula gets an apostrophe before it, as spreadsheets themselves do. */
function csvText(value: string | undefined): string {
  if (value === undefined) return '';
  const harmless = /^\s*[=+\-@|%\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",\r\n;\t]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('cancelled', 'The export was cancelled.');
}
