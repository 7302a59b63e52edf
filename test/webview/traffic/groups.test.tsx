/** Calls in groups: what is asked for and when, what keys do, and that nothing moves under the user. */
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallGroup } from '../../../src/extension/contract/trafficGroups';
import { GroupRow } from '../../../src/webview/traffic/views/GroupRow';
import { groupMenu } from '../../../src/webview/traffic/views/groupMenu';
import { GroupTree, type GroupNode } from '../../../src/webview/traffic/model/groupTree';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';

const group = (key: string, lastMs: number, more: Partial<CallGroup> = {}): CallGroup => ({ key, filter: `session:${key}`, id: key, calls: 5, errors: 0, running: 0, bytes: 1, totalUs: 1, firstMs: 0, lastMs, ...more });

describe('the tree', () => {
  const keys = (tree: GroupTree): string[] => tree.roots.map((node) => node.key);

  it('keeps the order of what is known, and puts what is new first', () => {
    const tree = new GroupTree(['session'], 'newestLast', () => false);
    tree.merge(undefined, [group('b', 2), group('a', 1)], true);
    tree.merge(undefined, [group('c', 4), group('a', 3), group('b', 2)], true);
    expect(keys(tree)).toEqual(['c', 'b', 'a']);
  });

  it('puts older groups that are loaded later at the end, and drops what is gone', () => {
    const tree = new GroupTree(['session'], 'newestLast', () => false);
    tree.merge(undefined, [group('c', 3), group('b', 2)], false);
    tree.merge(undefined, [group('a', 1)], false);
    expect(keys(tree)).toEqual(['c', 'b', 'a']);
    tree.merge(undefined, [group('c', 3), group('a', 1)], true);
    expect(keys(tree)).toEqual(['c', 'a']);
  });

  it('says what stands at every place: groups, their calls, and nothing beyond', () => {
    const tree = new GroupTree(['session'], 'newestLast', (key) => key === 'b');
    tree.merge(undefined, [group('c', 3), group('b', 2, { calls: 3 }), group('a', 1)], true);
    const kinds = Array.from({ length: 7 }, (_, index) => tree.at(index)).map((item) => (item ? `${item.kind} ${item.node.key}` : undefined));
    expect(kinds).toEqual(['group c', 'group b', 'call b', 'call b', 'call b', 'group a', undefined]);
    expect([tree.count, tree.indexOfGroup('a'), tree.at(-1)]).toEqual([6, 5, undefined]);
    expect([...tree.inRange({ first: 3, end: 6 })].map(({ calls }) => calls)).toEqual([{ first: 1, end: 3 }]);
  });

  it('a group told apart by silences holds calls, also where others hold groups', () => {
    const tree = new GroupTree(['conversation', 'prompt'], 'newestLast', () => true);
    tree.merge(undefined, [group('said', 2), group('silent', 1, { isByTime: true })], true);
    expect(tree.roots.map((node) => tree.isLeaf(node))).toEqual([false, true]);
    expect([tree.at(1)?.kind, tree.at(3)?.kind]).toEqual(['loading', 'call']);
  });
});

describe('the view', () => {
  let view: OpenView;
  afterEach(() => view.close());
  const grid = (): HTMLElement => view.root.querySelector<HTMLElement>('[role=treegrid]')!;
  const groups = (): HTMLElement[] => [...view.root.querySelectorAll<HTMLElement>('.group-row')];
  const active = (): string | null | undefined => view.root.querySelector(`#${CSS.escape(grid().getAttribute('aria-activedescendant') ?? 'none')}`)?.className;

  it('shows groups with their sums, the newest first, and loads calls of those that are opened', async () => {
    view = await openView(scenes['bySession']!);
    expect(groups().length).toBeGreaterThan(3);
    expect(groups()[1]?.textContent).toMatch(/Claude Code.*300 calls.*errors.*in all/);
    expect(view.root.querySelectorAll('.call-row[id]')).toHaveLength(0);
    await view.press('ArrowDown', grid());
    await view.press('ArrowDown', grid());
    await view.press('ArrowRight', grid());
    expect(groups()[1]?.getAttribute('aria-expanded')).toBe('true');
    expect(view.root.querySelectorAll('.call-row[id]:not(.pending)').length).toBeGreaterThan(5);
  });

  it('goes in and out with Right and Left, opens a call with Enter, and the selection stays when the layout changes', async () => {
    view = await openView(scenes['bySession']!);
    await view.press('ArrowDown', grid());
    await view.press('ArrowRight', grid());
    await view.press('ArrowRight', grid());
    expect(active()).toContain('call-row');
    await view.press('Enter', grid());
    expect(view.model.isDetailOpen.value).toBe(true);
    const { id } = view.model.selection.value!;
    await view.press('ArrowLeft', grid());
    expect(active()).toContain('group-row');
    await view.press('ArrowLeft', grid());
    expect(groups()[0]?.getAttribute('aria-expanded')).toBe('false');
    await view.press('1', grid());
    expect(view.root.querySelector('[role=grid]')).not.toBeNull();
    expect(view.model.selection.value?.id).toBe(id);
  });

  it('conversation, prompt, calls: the conversation that goes on is open', async () => {
    view = await openView(scenes['byPrompt']!);
    await view.settle();
    expect(groups()[0]?.getAttribute('aria-expanded')).toBe('true');
    expect(groups()[1]?.getAttribute('aria-level')).toBe('2');
    await act(async () => groups()[1]?.click());
    await view.settle();
    expect(view.root.querySelector('.call-row[id]')?.getAttribute('aria-level')).toBe('3');
  });

  it('gives a group a menu: filter by it, exclude it, copy its id, export its calls', async () => {
    view = await openView(scenes['byServer']!);
    const menus = (): string[] => [...view.root.querySelectorAll('.menu-label')].map((one) => one.textContent ?? '');
    const server = groups()[1]!.querySelector('bdi')!.textContent!;
    await view.contextMenu(groups()[1]!);
    expect(menus()).toEqual([`Filter by server:${server}`, `Exclude server:${server}`, 'Copy value', ...['JSON', 'JSON Lines', 'CSV', 'text'].map((name) => expect.stringMatching(new RegExp(`^Export \\d+ calls? as ${name}…$`))), 'Expand']);
    await view.choose('Copy value');
    await view.contextMenu(groups()[1]!);
    await view.choose('Export');
    expect(view.stub.actions).toEqual([`copy text ${server}`, `export json of server:${server}`]);
    // From the keyboard: of the group it is at.
    await view.press('ArrowDown', grid());
    const active = groups().find((one) => one.classList.contains('selected'))!.querySelector('bdi')!.textContent!;
    await view.contextMenu(grid());
    await view.choose('Exclude');
    expect(view.model.filter.text.value).toBe(`-server:${active}`);
  });

  it.each([
    ['session:s1 since:2026-01-01T00:00:00Z', 'dur:>1s session:s1 since:2026-01-01T00:00:00Z', 'dur:>1s -(session:s1 since:2026-01-01T00:00:00Z)'],
    ['-server:*', 'dur:>1s -server:*', 'dur:>1s server:*'],
  ])('the filter of a group, %s, is added term by term, and excluded as a whole', async (filter, by, excluded) => {
    view = await openView(scenes['byServer']!);
    const node = { group: group('x', 1, { filter }), isOpen: false } as GroupNode;
    const choose = (at: number): string => {
      view.model.filter.set('dur:>1s');
      const entry = groupMenu(view.model, node)[at];
      if (typeof entry === 'object' && 'onSelect' in entry) entry.onSelect();
      return view.model.filter.text.value;
    };
    await act(async () => expect([choose(0), choose(1)]).toEqual([by, excluded]));
  });

  it('says of calls outside any conversation that they are, and not that they are one', async () => {
    const row = (by: 'conversation' | 'prompt', more: Partial<CallGroup>): string => {
      const { id: _, ...rest } = group('x', 1, { client: 'code-server', clientVersion: '1.139.1', session: 's1' });
      const root = document.createElement('div');
      render(<GroupRow group={{ ...rest, ...more }} by={by} level={1} isOpen={false} place={0} siblings={1} columns={4} index={0} rowId="r" offset={0} isSelected={false} />, root);
      return root.querySelector('bdi')?.textContent ?? '';
    };
    expect(row('conversation', {})).toBe('Calls without a conversation, code-server 1.139.1');
    expect(row('conversation', { id: 'c1' })).toBe('Conversation, code-server 1.139.1');
    expect(row('prompt', { isByTime: true })).toBe('Calls without a prompt');
  });

  it('filters inside the groups', async () => {
    view = await openView(scenes['byServer']!);
    await act(async () => view.model.filter.set('server:github'));
    await view.settle();
    expect(groups().map((row) => row.textContent?.includes('github'))).toEqual([true]);
  });

  it('pins what is chosen, by p, and says so on the row', async () => {
    view = await openView(scenes['bySession']!);
    await view.press('ArrowDown', grid());
    await view.press('ArrowRight', grid());
    await view.press('ArrowRight', grid());
    await view.press('p', grid());
    expect(view.stub.actions.at(-1)).toMatch(/^annotate w1\/\d+ {"isPinned":true}$/);
    expect(view.root.querySelector('.call-row .note-pin')).not.toBeNull();
    await view.press('p', grid());
    expect(view.stub.actions.at(-1)).toMatch(/{"isPinned":false}$/);
  });
});
