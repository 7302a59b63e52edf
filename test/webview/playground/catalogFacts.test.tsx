/** What the catalogue says of costs and uses: in rows and their tooltips, with sums of groups and servers. */
import { afterEach, expect, it } from 'vitest';
import { openPlayground, type OpenPlayground } from '../../support/webview/playground/openPlayground';
import type { Scene } from '../../support/webview/playground/stubPlayground';

let view: OpenPlayground;
afterEach(() => view.close());

const scene: Scene = {
  servers: [
    {
      server: { name: 's', tokens: { tool: 5_420, prompt: 30, resource: 0, template: 0 }, counts: { tool: 3_000, prompt: 1, resource: 0, template: 0 } },
      items: [
        { item: { kind: 'tool', name: 'echo', description: 'Says it again.', tokens: 1_412, lastUsedMs: Date.now() - 600_000 } },
        { item: { kind: 'tool', name: 'add', tokens: 8 } },
        { item: { kind: 'prompt', name: 'ask', tokens: 30 } },
      ],
    },
  ],
};
const row = (kind: string, name: string): HTMLElement => [...view.root.querySelectorAll<HTMLElement>(`.catalog-row.${kind}`)].find(({ textContent }) => textContent?.startsWith(name))!;
const shown = (of: HTMLElement): string | null | undefined => of.querySelector('.catalog-tokens')?.getAttribute('data-text');

it('an item says its tokens in its row, and with its last use in the tooltip and to who hears it', async () => {
  view = await openPlayground(scene);
  expect(shown(row('item', 'echo'))).toBe('1,412');
  expect(row('item', 'echo').querySelector<HTMLElement>('.catalog-name')!.title).toBe('Says it again.\n≈ 1,412 tokens, used 10 min ago');
  expect(row('item', 'echo').getAttribute('aria-description')).toBe('≈ 1,412 tokens, used 10 min ago');
  expect(row('item', 'add').getAttribute('aria-description')).toBe('≈ 8 tokens');
});

it('a group sums all it has, also what is not listed here; a server its tools, where it is closed', async () => {
  view = await openPlayground(scene);
  expect([shown(row('group', 'Tools')), shown(row('group', 'Prompts'))]).toEqual(['≈ 5,420 tokens', '≈ 30 tokens']);
  expect(shown(row('server', 's'))).toBeUndefined();
  await view.press('ArrowLeft', view.root.querySelector('.catalog-tree')!);
  expect(shown(row('server', 's'))).toBe('≈ 5,420 tokens');
});

it('a group sums what a search has found', async () => {
  view = await openPlayground(scene);
  await view.type('.catalog-search input', 'add');
  expect(shown(row('group', 'Tools'))).toBe('≈ 8 tokens');
});
