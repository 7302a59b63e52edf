/** Owns reading the calls of an export out of the store, page by page, in the order they are to stand in. What comes in meanwhile is left out. */
import type { CallPage, CallQuery, CallRow, CallSort, PagePosition, Scope } from '../contract/traffic';
import { AppError } from '../util/errors';

const PAGE = 500;

export interface ExportQuestion {
  readonly filter: string;
  /** Absent: everything in the audit log. */
  readonly scope?: Scope;
  /** Absent: as they happened, oldest first. */
  readonly sort?: CallSort;
  readonly signal: AbortSignal;
}

/** What is read of the store. */
export interface PageSource {
  page(query: CallQuery, signal?: AbortSignal): Promise<CallPage>;
}

export interface ExportPage {
  readonly rows: readonly CallRow[];
  /** Of all calls, as far as is known. */
  readonly total: number;
}

/** Every call of the filter that is there when asked, each once. */
export async function* exportPages(source: PageSource, question: ExportQuestion): AsyncGenerator<ExportPage> {
  const { filter, scope, sort, signal } = question;
  const ask = (position: PagePosition, limit: number, order?: CallSort): Promise<CallPage> => source.page({ filter, scope, ...(order ? { sort: order } : {}), position, limit }, signal);
  let head = await ask({ kind: 'newest' }, 1);
  // Texts are still searched: none was found so far.
  while (head.rows.length === 0 && head.isTotalExact === false) head = await ask({ kind: 'newest' }, 1);
  const last = head.rows[0];
  if (!last) return;
  if (sort && !(sort.by === 'time' && !sort.isDescending)) yield* sorted((position) => ask(position, PAGE, sort), last, head.total, signal);
  else yield* oldestFirst((position) => ask(position, PAGE), last, head.total, signal);
}

type Ask = (position: PagePosition) => Promise<CallPage>;

async function* sorted(ask: Ask, last: CallRow, total: number, signal: AbortSignal): AsyncGenerator<ExportPage> {
  for (let page = await ask({ kind: 'newest' }); ; ) {
    throwIfAborted(signal);
    yield { rows: page.rows.filter(({ timeMs }) => timeMs <= last.timeMs), total };
    if (page.olderCursor === undefined) return;
    page = await ask({ kind: 'olderThan', cursor: page.olderCursor });
  }
}

async function* oldestFirst(ask: Ask, last: CallRow, total: number, signal: AbortSignal): AsyncGenerator<ExportPage> {
  let page = await ask({ kind: 'offset', offset: Math.max(0, total - PAGE) });
  // Calls that came in since moved the place: go on to the very oldest.
  while (page.olderCursor !== undefined) page = await ask({ kind: 'olderThan', cursor: page.olderCursor });
  for (;;) {
    throwIfAborted(signal);
    const rows = page.rows.toReversed();
    const end = rows.findIndex((row) => row.id === last.id);
    const isLast = end >= 0 || rows.some((row) => row.timeMs > last.timeMs);
    yield { rows: end >= 0 ? rows.slice(0, end + 1) : rows.filter((row) => row.timeMs <= last.timeMs), total };
    if (isLast || page.newerCursor === undefined) return;
    page = await ask({ kind: 'newerThan', cursor: page.newerCursor });
  }
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('cancelled', 'The export was cancelled.');
}
