/** The cells of a row: each shows what its column is of, and says which it is to the menu that opens on it. */
import { afterEach, expect, it } from 'vitest';
import type { CallRow } from '../../../src/extension/contract/traffic';
import { columnChoices } from '../../../src/webview/traffic/model/columns';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';

let view: OpenView;
afterEach(() => view.close());

const TEXTS: Readonly<Record<string, (row: CallRow) => string | undefined>> = {
  server: ({ server }) => server,
  name: ({ name }) => name,
  method: ({ method }) => method,
  detail: ({ detail }) => detail,
  client: ({ client }) => client,
  session: ({ session }) => session,
  conversation: ({ conversation }) => conversation,
  turn: ({ prompt }) => prompt,
};

it('show what their columns are of', async () => {
  const columns = columnChoices([]).map(({ id }) => ({ id, isShown: true }));
  view = await openView({ ...scenes['busy']!, settings: { columns } }, {}, 4_000);
  const places = [...view.root.querySelectorAll<HTMLElement>('.call-row[data-index]')];
  const seen = new Set<string>();
  for (const place of places) {
    const row = view.model.feed.rowAt(Number(place.dataset['index']))!;
    if (row.name === undefined || row.name.includes('/')) continue;
    for (const [column, textOf] of Object.entries(TEXTS)) {
      expect([column, place.querySelector(`[data-cell=${column}]`)?.textContent]).toEqual([column, textOf(row) ?? '']);
      if (textOf(row) !== undefined) seen.add(column);
    }
  }
  expect([...seen].sort()).toEqual(Object.keys(TEXTS).sort());
});
