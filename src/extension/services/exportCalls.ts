/**
 * Owns writing calls to a file, in constant memory, and CSV. The file appears whole or not at all: it is written beside its
 * place and renamed.
 */
import { open, rename, rm } from 'node:fs/promises';
import type { CallDetail, CallRow } from '../contract/traffic';
import type { ExportFormat } from '../contract/trafficApi';
import type { BodySource } from './bodyParts';
import { callJson, callJsonPieces } from './exportJson';
import { exportPages, throwIfAborted, type ExportQuestion, type PageSource } from './exportPages';
import { callText, textHead } from './exportText';

/** What an export reads; the store is one. */
export interface ExportSource extends PageSource, BodySource {
  call(id: string, signal?: AbortSignal): Promise<CallDetail | undefined>;
}

export interface ExportJob extends ExportQuestion {
  readonly format: ExportFormat;
  /** Absolute path; what stands there is replaced. */
  readonly file: string;
  /** Called now and then. */
  readonly onProgress: (done: number, total: number) => void;
}

/** Text to be written, and how many calls end in it. */
interface Piece {
  readonly text: string;
  readonly calls: number;
}

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
    for await (const page of exportPages(source, job)) {
      total = Math.max(total, page.total);
      for await (const { text, calls } of piecesOf(source, page.rows, job, count === 0)) {
        await handle.appendFile(text);
        count += calls;
        if (calls > 0) job.onProgress(count, total);
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

/** A few calls at a time: bodies may be large. `isFirst`: nothing stands before them. */
async function* piecesOf(source: ExportSource, rows: readonly CallRow[], { format, signal }: ExportJob, isFirst: boolean): AsyncGenerator<Piece> {
  if (format === 'csv') {
    yield { text: rows.map((row) => `${CSV.map(([, cell]) => cell(row)).join(',')}\r\n`).join(''), calls: rows.length };
    return;
  }
  const end = format === 'jsonl' ? '\n' : '';
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    throwIfAborted(signal);
    const some = rows.slice(start, start + AT_ONCE);
    const details = await Promise.all(some.map((row) => source.call(row.id, signal)));
    let held = '';
    let calls = 0;
    for (const [index, row] of some.entries()) {
      const detail = details[index];
      const before = format === 'json' && !(isFirst && start + index === 0) ? ',\n' : '';
      const text = format === 'txt' ? callText(row, detail) : callJson(row, detail);
      held += before;
      if (text !== undefined) held += text;
      else if (detail) {
        yield { text: held, calls };
        [held, calls] = ['', 0];
        for await (const piece of callJsonPieces(source, row, detail, signal)) yield { text: piece, calls: 0 };
      }
      held += end;
      calls += 1;
    }
    yield { text: held, calls };
  }
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
