/** "Filter by this": the term of a cell shows the row it stands in, the other one hides it. */
import { describe, expect, it } from 'vitest';
import { compileMatcher } from '../../../src/extension/query/match';
import { parseFilter } from '../../../src/extension/query/parser';
import { cellTerms, type CellId } from '../../../src/webview/traffic/model/cellTerms';
import { rowOf } from '../../support/webview/scriptedHost';

const rows = [
  rowOf(7, { client: 'Visual Studio Code', detail: 'path="a b" OR (c*) -x', upstreamUs: 5_999, durationUs: 7_777, responseBytes: 123_456 }),
  rowOf(8, { method: 'resources/read', name: 'file:///tmp/a?b,c', status: 'transportError' }),
  rowOf(9, { method: 'prompts/get', name: '"quoted"', status: 'toolError', origin: 'server' }),
  rowOf(10, { method: 'tools/list', status: 'error', errorCode: -32603 }),
  rowOf(11, { server: '/regex/', method: 'x', status: 'running' }),
];
const cells: readonly CellId[] = ['status', 'time', 'server', 'name', 'method', 'detail', 'duration', 'upstream', 'size', 'client', 'session', 'origin'];

describe.each(rows.map((row) => [row.id, row] as const))('row %s', (_, row) => {
  it.each(cells)('%s', (cell) => {
    const terms = cellTerms(row, cell);
    if (!terms) return;
    const passes = (filter: string): boolean => compileMatcher(parseFilter(filter), Date.now())({ row, bodies: () => [] });
    expect(passes(terms.filter), terms.filter).toBe(true);
    expect(passes(terms.exclude), terms.exclude).toBe(false);
  });
});

it('goes by the absence of a server too', () => {
  const { server: _, ...row } = rowOf(1);
  expect(cellTerms(row, 'server')).toEqual({ filter: '-server:*', exclude: 'server:*' });
});
