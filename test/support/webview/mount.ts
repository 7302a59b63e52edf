/** Owns a place to draw in happy-dom, as large as the test says, and clearing it away. */
import { render, type ComponentChild } from 'preact';
import { act } from 'preact/test-utils';
import { giveSize } from './layout';

export interface Mount {
  readonly root: HTMLElement;
  /** Draws in place of what stood there before. */
  draw(what: ComponentChild): void;
  close(): void;
}

/** Without a size nothing has one, as happy-dom has it. */
export function mount(size?: { readonly width: number; readonly height: number }): Mount {
  const restore = size && giveSize(size.width, size.height);
  const root = document.createElement('div');
  document.body.append(root);
  return {
    root,
    draw: (what) => void act(() => render(what, root)),
    close() {
      act(() => render(null, root));
      root.remove();
      restore?.();
    },
  };
}
