/** Owns a choice among a few forms of the same thing: a radio group drawn as one control. */
import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from './Icon';

export interface SegmentedProps<T extends string> {
  /** With an `icon`, that stands alone and the label is its tooltip. `waiting`: what waits behind it, with its words. */
  readonly options: readonly { readonly id: T; readonly label: string; readonly icon?: string; readonly tooltip?: string; readonly waiting?: { readonly count: number; readonly words: string } | undefined }[];
  readonly selected: T;
  readonly label: string;
  readonly onSelect: (id: T) => void;
}

export function Segmented<T extends string>({ options, selected, label, onSelect }: SegmentedProps<T>): VNode {
  const ref = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const isForward = event.key === 'ArrowRight' || event.key === 'ArrowDown';
    if (!isForward && event.key !== 'ArrowLeft' && event.key !== 'ArrowUp') return;
    const at = options.findIndex((option) => option.id === selected);
    const next = (at + (isForward ? 1 : options.length - 1)) % options.length;
    const option = options[next];
    if (option) onSelect(option.id);
    ref.current?.querySelectorAll<HTMLElement>('[role=radio]')[next]?.focus();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="segmented" role="radiogroup" aria-label={label} ref={ref} onKeyDown={onKeyDown}>
      {options.map((option) => (
        <button
          key={option.id}
          type="button"
          role="radio"
          aria-checked={option.id === selected}
          class={option.id === selected ? 'segment selected' : 'segment'}
          tabIndex={option.id === selected ? 0 : -1}
          title={option.waiting?.words ?? option.tooltip}
          aria-label={option.waiting ? `${option.label}: ${option.waiting.words}` : option.icon === undefined ? undefined : option.label}
          onClick={() => onSelect(option.id)}
        >
          {option.icon === undefined ? option.label : <Icon name={option.icon} />}
          {option.waiting && <span class="segment-count">{option.waiting.count}</span>}
        </button>
      ))}
    </div>
  );
}
