/** Owns which filter term a cell of the list stands for: what "filter by this" and "exclude this" write. Pure. */
import type { CallRow, CallStatus } from '../../../extension/contract/traffic';
import { METHODS_OF_FIELD, type StatusWord } from '../../../extension/query/ast';
import { literalTerm, textTerm } from '../../../extension/query/print';
import { printNumber } from '../../../extension/query/values';

/** Columns as the list names them. */
export type CellId = 'status' | 'time' | 'server' | 'name' | 'method' | 'detail' | 'duration' | 'upstream' | 'size' | 'client' | 'session' | 'conversation' | 'turn' | 'origin';

/** `filter` shows rows like this one; `exclude` hides them. */
export interface CellTerms {
  readonly filter: string;
  readonly exclude: string;
  /** What stands in the cell, for copying. */
  readonly value?: string;
  /** `exclude` is no negation but the other end: "at least" and "less than". */
  readonly isRange?: true;
}

const STATUS_WORD: Readonly<Record<CallStatus, StatusWord>> = {
  running: 'running',
  ok: 'ok',
  error: 'rpc',
  toolError: 'tool',
  transportError: 'transport',
  cancelled: 'cancelled',
  timedOut: 'timedOut',
  blocked: 'blocked',
  unrecorded: 'unrecorded',
};

/** `undefined`: nothing in this cell to go by. */
export function cellTerms(row: CallRow, cell: CellId): CellTerms | undefined {
  switch (cell) {
    case 'status':
      return both(`status:${STATUS_WORD[row.status]}`);
    case 'server':
      return row.server === undefined ? { filter: '-server:*', exclude: 'server:*' } : both(literalTerm('server', row.server), row.server);
    case 'name':
      return row.name === undefined ? cellTerms(row, 'method') : both(literalTerm(nameField(row.method), row.name), row.name);
    case 'method':
      return both(literalTerm('method', row.method), row.method);
    case 'turn':
      return row.prompt === undefined ? undefined : both(literalTerm('turn', row.prompt), row.prompt);
    case 'client':
    case 'session':
    case 'conversation':
      return row[cell] === undefined ? undefined : both(literalTerm(cell, row[cell]), row[cell]);
    case 'origin':
      return both(`origin:${row.origin}`);
    case 'detail':
      return row.detail === undefined ? undefined : both(textTerm(row.detail), row.detail);
    case 'time': {
      const at = new Date(row.timeMs).toISOString();
      return { filter: `since:${at}`, exclude: `until:${at}`, value: at, isRange: true };
    }
    case 'duration':
      return atLeast('dur', row.durationUs);
    case 'upstream':
      return atLeast('upstream', row.upstreamUs);
    case 'size':
      return atLeast('size', row.requestBytes + (row.responseBytes ?? 0));
  }
}

function both(term: string, value?: string): CellTerms | undefined {
  return term === '' ? undefined : { filter: term, exclude: `-${term}`, ...(value === undefined ? {} : { value }) };
}

/** Of numbers nobody wants those equal to the last digit: at least about as much, or less. */
function atLeast(field: 'dur' | 'upstream' | 'size', value: number | undefined): CellTerms | undefined {
  if (value === undefined) return undefined;
  // Rounded down, so that the row itself is among "at least".
  const step = field === 'size' ? (value >= 10_000 ? 1_000 : 1) : value >= 1_000 ? 1_000 : 1;
  const number = printNumber(field, Math.floor(value / step) * step);
  return { filter: `${field}:>=${number}`, exclude: `${field}:<${number}`, value: String(value), isRange: true };
}

function nameField(method: string): 'tool' | 'prompt' | 'uri' | 'name' {
  if (METHODS_OF_FIELD.tool.includes(method)) return 'tool';
  if (METHODS_OF_FIELD.prompt.includes(method)) return 'prompt';
  return METHODS_OF_FIELD.uri.includes(method) ? 'uri' : 'name';
}
