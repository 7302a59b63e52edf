/** Sending again and opening in the Playground: offered for whatever the host takes, and for nothing else. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CallDetail, CallRow } from '../../../src/extension/contract/traffic';
import { openingOf } from '../../../src/extension/services/recordedRequest';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';

let view: OpenView;
beforeEach(async () => {
  view = await openView(scenes['busy']!);
});
afterEach(() => view.close());

/** A row in view, the newest that fits; with its place. */
function find(fits: (row: CallRow) => boolean): { readonly row: CallRow; readonly index: number } {
  const places = [...view.root.querySelectorAll<HTMLElement>('.call-row[data-index]')].map((one) => Number(one.dataset['index'])).toReversed();
  for (const index of places) {
    const row = view.model.feed.rowAt(index);
    if (row && fits(row)) return { row, index };
  }
  throw new Error('There is no such row.');
}
async function openMenu(index: number): Promise<string[]> {
  await view.contextMenu(view.root.querySelector(`[data-index="${index}"] [data-cell]`)!);
  return [...view.root.querySelectorAll('.menu-label')].map((one) => one.textContent ?? '');
}

it.each(['tools/call', 'resources/read', 'prompts/get'])('%s can be sent again and opened in the Playground', async (method) => {
  const { row, index } = find((one) => one.method === method);
  await openMenu(index);
  await view.choose('Resend');
  await openMenu(index);
  await view.choose('Open in Playground');
  expect(view.stub.actions).toEqual([`resend ${row.id}`, `playground ${row.id}`]);
});

it.each<[string, (row: CallRow) => boolean]>([
  ['a server asked of the client', ({ origin }) => origin === 'server'],
  ['MCP Shark answered for all servers', ({ server }) => server === undefined],
])('what %s cannot', async (_what, fits) => {
  expect(await openMenu(find(fits).index)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(Resend|Open in Playground)/)]));
});

it('the menu offers it exactly where the host takes it', async () => {
  for (const place of view.root.querySelectorAll<HTMLElement>('.call-row[data-index]')) {
    const row = view.model.feed.rowAt(Number(place.dataset['index']))!;
    const detail = (await view.stub.call(row.id)) as CallDetail;
    const isTaken = ((): boolean => {
      try {
        openingOf(detail, detail.request.text);
        return true;
      } catch {
        return false;
      }
    })();
    expect([row.method, (await openMenu(Number(place.dataset['index']))).some((label) => label.startsWith('Resend'))]).toEqual([row.method, isTaken]);
  }
});
