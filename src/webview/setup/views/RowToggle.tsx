/**
 * Owns the part of a row by which it opens and closes: a button with its name. Arrow keys lead from row to row over all
 * sections, right and left open and close, as in a tree.
 */
import type { ComponentChildren, VNode } from 'preact';
import { Icon } from '../../components/Icon';

export interface RowToggleProps {
  readonly isOpen: boolean;
  /** Id of what it opens. */
  readonly controls: string;
  readonly onToggle: (isOpen: boolean) => void;
  readonly children: ComponentChildren;
}

export function RowToggle({ isOpen, controls, onToggle, children }: RowToggleProps): VNode {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === 'ArrowRight' && !isOpen) onToggle(true);
    else if (event.key === 'ArrowLeft' && isOpen) onToggle(false);
    else if (!moveFocus(event.currentTarget as HTMLElement, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <button type="button" class="row-toggle" aria-expanded={isOpen} aria-controls={isOpen ? controls : undefined} onClick={() => onToggle(!isOpen)} onKeyDown={onKeyDown}>
      <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} class="twistie" />
      {children}
    </button>
  );
}

function moveFocus(from: HTMLElement, key: string): boolean {
  const all = [...(from.closest('.setup-scroll')?.querySelectorAll<HTMLElement>('.row-toggle') ?? [])];
  const at = all.indexOf(from);
  const places: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
  const next = places[key];
  if (next === undefined) return false;
  all[next]?.focus();
  return true;
}
