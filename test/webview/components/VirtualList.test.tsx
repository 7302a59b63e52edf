/** The list draws a window of rows, names the active one, and says which key goes where. */
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ListScroller } from '../../../src/webview/components/listScroller';
import type { RowRange } from '../../../src/webview/components/scrollSpace';
import { moveByKey, VirtualList } from '../../../src/webview/components/VirtualList';
import { mount, type Mount } from '../../support/webview/mount';

let place: Mount;
let root: HTMLElement;
beforeEach(() => {
  place = mount({ width: 1_000, height: 462 });
  ({ root } = place);
});
afterEach(() => place.close());

function draw(scroller: ListScroller, count: number, more: { followEnd?: boolean; activeIndex?: number; onVisible?: (range: RowRange) => void } = {}): HTMLElement {
  place.draw(
    <VirtualList
      scroller={scroller}
      count={count}
      label="Rows"
      columnCount={1}
      header={<div role="row" />}
      headerHeight={22}
      renderRow={(index, rowId, offset) => (
        <div key={index} id={rowId} role="row" class="row" style={{ top: `${offset}px` }}>
          {index}
        </div>
      )}
      {...more}
    />,
  );
  return root.querySelector<HTMLElement>('.virtual-list')!;
}

describe('VirtualList', () => {
  it('draws only the rows in view and a few beyond, out of a million', () => {
    draw(new ListScroller(22), 1_000_000);
    expect(root.querySelectorAll('.row')).toHaveLength(20 + 8);
  });

  it('tells assistive technology the whole count, the header included', () => {
    const grid = draw(new ListScroller(22), 1_000_000);
    expect(grid.getAttribute('role')).toBe('grid');
    expect(grid.getAttribute('aria-rowcount')).toBe('1000001');
    expect(grid.tabIndex).toBe(0);
  });

  it('names the active row while it is drawn, and none that is not', () => {
    const scroller = new ListScroller(22);
    const grid = draw(scroller, 1_000, { activeIndex: 3 });
    const id = grid.getAttribute('aria-activedescendant');
    expect(root.querySelector(`[id="${id}"]`)?.textContent).toBe('3');
    draw(scroller, 1_000, { activeIndex: 500 });
    expect(grid.hasAttribute('aria-activedescendant')).toBe(false);
  });

  it('stays at the end while rows are added, if told to', () => {
    const scroller = new ListScroller(22);
    draw(scroller, 100, { followEnd: true });
    expect([...root.querySelectorAll('.row')].at(-1)?.textContent).toBe('99');
    draw(scroller, 200, { followEnd: true });
    expect([...root.querySelectorAll('.row')].at(-1)?.textContent).toBe('199');
    draw(scroller, 300);
    expect(scroller.space.visible().end).toBe(200);
  });

  it('says which rows are in view', () => {
    const seen: RowRange[] = [];
    const scroller = new ListScroller(22);
    draw(scroller, 1_000, { onVisible: (range) => seen.push(range) });
    act(() => scroller.scrollTo(2_200));
    expect(seen.at(-1)).toEqual({ first: 100, end: 120 });
  });

  it('tells scrolling by the user from its own', () => {
    const scroller = new ListScroller(22);
    const grid = draw(scroller, 1_000);
    const heard: boolean[] = [];
    scroller.onUserScrolled(({ atEnd }) => heard.push(atEnd));
    act(() => scroller.scrollTo(2_200));
    act(() => void grid.dispatchEvent(new Event('scroll')));
    expect(heard).toEqual([]);
    grid.scrollTop = 0;
    act(() => void grid.dispatchEvent(new Event('scroll')));
    grid.scrollTop = scroller.space.maxNative;
    act(() => void grid.dispatchEvent(new Event('scroll')));
    expect(heard).toEqual([false, true]);
  });
});

describe('moveByKey', () => {
  const key = (name: string, more: object = {}): Parameters<typeof moveByKey>[0] => ({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...more });
  it.each([
    ['ArrowDown', 5, 6],
    ['j', 5, 6],
    ['ArrowUp', 5, 4],
    ['k', 5, 4],
    ['PageDown', 5, 25],
    ['PageUp', 5, 0],
    ['Home', 5, 0],
    ['End', 5, 99],
    ['ArrowDown', 99, 99],
    ['ArrowUp', 0, 0],
    ['ArrowDown', undefined, 99],
    ['x', 5, undefined],
  ])('%s from %s goes to %s', (name, from, to) => expect(moveByKey(key(name), from, 100, 20)).toBe(to));

  it('leaves keys with Ctrl, Alt or Cmd alone', () => {
    for (const held of ['ctrlKey', 'altKey', 'metaKey']) expect(moveByKey(key('j', { [held]: true }), 5, 100, 20)).toBeUndefined();
  });

  it('does nothing in an empty list', () => expect(moveByKey(key('End'), undefined, 0, 20)).toBeUndefined());
});
