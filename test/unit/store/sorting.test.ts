// Pages in every order against sorting a plain list: the same, both ways and from any place.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallPage, CallRow, CallSort, SortKey } from '../../../src/extension/contract/traffic';
import { compileMatcher } from '../../../src/extension/query/match';
import { compareRows } from '../../../src/extension/query/order';
import { parseFilter } from '../../../src/extension/query/parser';
import { corpusNow, makeCorpus, type Corpus } from '../../support/store/recordedCorpus';
import { cleanFolders } from '../../support/store/storeHarness';

let corpus: Corpus;

beforeAll(async () => {
  corpus = await makeCorpus((message) => expect.fail(message));
});

afterAll(async () => {
  await corpus.reader.close();
  cleanFolders();
});

const keys: readonly SortKey[] = ['time', 'duration', 'size', 'server', 'name', 'method', 'status', 'client'];
const sorts = fc.record({ by: fc.constantFrom(...keys), isDescending: fc.boolean() });
const filters = fc.constantFrom('', '', 'server:files', 'status:error', 'is:pinned', 'needle', 'dur:>500ms -tool:search', 'session:P', 'nothing-has-this');
const idsOf = (rows: readonly CallRow[]): string[] => rows.map((row) => row.id);

/** What the list is, said by the matcher and a plain sort. */
function expected(filter: string, sort: CallSort): string[] {
  const matches = compileMatcher(parseFilter(filter), corpusNow);
  const rows = corpus.all.filter((call) => matches({ row: call, bodies: () => [call.request, call.response].filter((text) => text !== undefined) }));
  const place = new Map(rows.map((row, index) => [row.id, index]));
  return idsOf([...rows].sort(compareRows(sort, (a, b) => (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0))));
}

describe('a sorted list', () => {
  it('is the same page by page, down and up again', async () => {
    await fc.assert(
      fc.asyncProperty(filters, sorts, fc.constantFrom(7, 50, 1000), async (filter, sort, limit) => {
        const wanted = expected(filter, sort);
        const there: string[] = [];
        let page: CallPage = await corpus.reader.page({ filter, sort, position: { kind: 'newest' }, limit });
        for (;;) {
          expect(page.total).toBe(wanted.length);
          expect(page.offset).toBe(there.length);
          there.push(...idsOf(page.rows));
          if (page.olderCursor === undefined) break;
          page = await corpus.reader.page({ filter, sort, position: { kind: 'olderThan', cursor: page.olderCursor }, limit });
        }
        expect(there).toEqual(wanted);
        const back = idsOf(page.rows);
        while (page.newerCursor !== undefined) {
          page = await corpus.reader.page({ filter, sort, position: { kind: 'newerThan', cursor: page.newerCursor }, limit });
          back.unshift(...idsOf(page.rows));
        }
        expect(back).toEqual(wanted);
      }),
      { numRuns: 80 },
    );
  });

  it('begins at any offset', async () => {
    await fc.assert(
      fc.asyncProperty(filters, sorts, fc.nat({ max: 420 }), fc.integer({ min: 1, max: 40 }), async (filter, sort, offset, limit) => {
        const wanted = expected(filter, sort);
        const page = await corpus.reader.page({ filter, sort, position: { kind: 'offset', offset }, limit });
        expect(idsOf(page.rows)).toEqual(wanted.slice(offset, offset + limit));
        if (page.rows.length > 0) expect(page.offset).toBe(offset);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['{"a":1}', '["x"]', '[-1,2,"left/3"]', "'; DROP TABLE call", '[1,1e300,"left/3"]'])('refuses the place %s', async (cursor) => {
    const sort: CallSort = { by: 'duration', isDescending: true };
    await expect(corpus.reader.page({ sort, position: { kind: 'olderThan', cursor }, limit: 5 })).rejects.toMatchObject({ code: 'query.invalid' });
  });

  it('puts calls without what it is sorted by last, whichever way', async () => {
    for (const isDescending of [true, false]) {
      const { total } = await corpus.reader.page({ filter: 'status:running', position: { kind: 'newest' }, limit: 1 });
      const page = await corpus.reader.page({ sort: { by: 'duration', isDescending }, position: { kind: 'offset', offset: corpus.all.length - total }, limit: 1000 });
      expect(total).toBeGreaterThan(5);
      expect(page.rows.map((row) => row.durationUs)).toEqual(Array.from({ length: total }, () => undefined));
    }
  });
});

describe('the scope', () => {
  it('of a window holds what it recorded, and nothing else', async () => {
    // Of the corpus's writers, the one whose name comes last.
    const own = corpus.all.filter((call) => call.id.startsWith('right/'));
    const page = await corpus.reader.page({ scope: 'window', position: { kind: 'newest' }, limit: 1000 });
    expect(idsOf(page.rows)).toEqual(idsOf(own));
    expect(page.total).toBe(own.length);
    expect((await corpus.reader.summary({ filter: 'status:ok', scope: 'window' })).calls).toBe(own.filter((call) => call.status === 'ok').length);
    const groups = await corpus.reader.groups({ scope: 'window', by: 'session', limit: 10 });
    expect(groups.groups.map(({ id }) => id).sort()).toEqual(['P', 'R']);
    const { rows } = await corpus.reader.statistics({ scope: 'window', by: 'all', withPlayground: true });
    expect(rows[0]?.calls).toBe(own.length);
  });
});
