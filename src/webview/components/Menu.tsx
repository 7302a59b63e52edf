/**
 * Owns menus: a context menu or one that drops from a button, drawn like VS Code's own, with the keyboard of the ARIA
 * pattern. One is open at a time; `MenuHost` stands once in the page and gives the focus back when it closes.
 */
import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './Icon';

export interface MenuItem {
  readonly label: string;
  /** Shown dim at the end, such as the key that does the same. */
  readonly hint?: string;
  /** Given for items that switch something; `isChoice`: one of several that exclude each other. */
  readonly checked?: boolean;
  readonly isChoice?: boolean;
  readonly disabled?: boolean;
  /** A codicon before the label, with classes of its own after a space. */
  readonly icon?: string;
  /** Choosing it opens another menu. */
  readonly opensMenu?: boolean;
  readonly onSelect: () => void;
}

export type MenuEntry = MenuItem | { readonly heading: string } | 'separator';

export interface OpenMenu {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  /** Where its corner goes, in pixels of the page; it is moved where there is too little room. */
  readonly at: { readonly x: number; readonly y: number };
}

export class MenuController {
  readonly current = signal<OpenMenu | undefined>(undefined);

  open(menu: OpenMenu): void {
    this.current.value = menu;
  }

  /** Below an element, such as the button that opens it. */
  openBelow(element: Element, label: string, entries: readonly MenuEntry[]): void {
    const box = element.getBoundingClientRect();
    this.open({ label, entries, at: { x: box.left, y: box.bottom } });
  }

  close(): void {
    this.current.value = undefined;
  }
}

export function MenuHost({ menus }: { readonly menus: MenuController }): VNode | null {
  const menu = menus.current.value;
  const isByPointer = useRef(false);
  useEffect(() => {
    const press = (event: Event): void => {
      isByPointer.current = event.type === 'pointerdown';
    };
    document.addEventListener('pointerdown', press, true);
    document.addEventListener('keydown', press, true);
    return () => {
      document.removeEventListener('pointerdown', press, true);
      document.removeEventListener('keydown', press, true);
    };
  }, []);
  return menu ? <MenuView key={menu.label} menu={menu} isByPointer={isByPointer.current} onClose={() => menus.close()} /> : null;
}

interface MenuViewProps {
  readonly menu: OpenMenu;
  /** Opened with the mouse: nothing is chosen beforehand, as in VS Code's own menus. */
  readonly isByPointer: boolean;
  readonly onClose: () => void;
}

function MenuView({ menu, isByPointer, onClose }: MenuViewProps): VNode {
  const ref = useRef<HTMLDivElement>(null);
  const before = useRef(document.activeElement);
  const items = (): HTMLElement[] => [...(ref.current?.querySelectorAll<HTMLElement>('.menu-item:not([aria-disabled=true])') ?? [])];

  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const { x, y } = menu.at;
    element.style.left = `${Math.max(0, Math.min(x, window.innerWidth - element.offsetWidth - 4))}px`;
    element.style.top = `${Math.max(0, Math.min(y, window.innerHeight - element.offsetHeight - 4))}px`;
    (isByPointer ? element : items()[0])?.focus({ preventScroll: true });
  }, [menu]);

  const close = (): void => {
    onClose();
    if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
  };
  const closeRef = useRef(close);
  closeRef.current = close;
  useEffect(() => {
    const outside = (event: Event): void => {
      if (!(event.target instanceof Node) || !ref.current?.contains(event.target)) onClose();
    };
    const away = (): void => onClose();
    document.addEventListener('pointerdown', outside, true);
    document.addEventListener('wheel', outside, { capture: true, passive: true });
    window.addEventListener('blur', away);
    window.addEventListener('resize', away);
    return () => {
      document.removeEventListener('pointerdown', outside, true);
      document.removeEventListener('wheel', outside, true);
      window.removeEventListener('blur', away);
      window.removeEventListener('resize', away);
    };
  }, [onClose]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const go = (index: number): void => all[(index + all.length) % all.length]?.focus();
    if (event.key === 'ArrowDown') go(at + 1);
    else if (event.key === 'ArrowUp') go(at < 0 ? -1 : at - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(-1);
    else if (event.key === 'Escape' || event.key === 'Tab') closeRef.current();
    else if (event.key === 'Enter' || event.key === ' ') all[at]?.click();
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const letter = event.key.toLowerCase();
      const from = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      from.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter))?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={ref} class="menu" role="menu" aria-label={menu.label} tabIndex={-1} onKeyDown={onKeyDown} onContextMenu={(event) => event.preventDefault()}>
      {menu.entries.map((entry, index) =>
        entry === 'separator' ? (
          <div key={index} class="menu-separator" role="separator" />
        ) : 'heading' in entry ? (
          <div key={index} class="menu-heading" role="presentation">
            {entry.heading}
          </div>
        ) : (
          <Item key={index} item={entry} onDone={close} />
        ),
      )}
    </div>
  );
}

function Item({ item, onDone }: { readonly item: MenuItem; readonly onDone: () => void }): VNode {
  const isSwitch = item.checked !== undefined;
  return (
    <div
      class="menu-item"
      role={isSwitch ? (item.isChoice ? 'menuitemradio' : 'menuitemcheckbox') : 'menuitem'}
      aria-checked={isSwitch ? item.checked : undefined}
      aria-disabled={item.disabled ? 'true' : undefined}
      aria-haspopup={item.opensMenu ? 'menu' : undefined}
      tabIndex={-1}
      onPointerEnter={(event) => !item.disabled && (event.currentTarget as HTMLElement).focus({ preventScroll: true })}
      onClick={() => {
        if (item.disabled) return;
        onDone();
        item.onSelect();
      }}
    >
      <span class="menu-check">{item.checked ? <Icon name="check" /> : item.icon && <Icon name={item.icon} />}</span>
      <span class="menu-label">{item.label}</span>
      {item.hint !== undefined && <span class="menu-hint">{item.hint}</span>}
      {item.opensMenu && <Icon name="chevron-right" class="menu-more" />}
    </div>
  );
}
