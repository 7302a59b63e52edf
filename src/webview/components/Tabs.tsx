/** Owns a row of tabs with the keyboard of the ARIA pattern: arrows, Home and End move and select at once. */
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface TabsProps<T extends string> {
  readonly tabs: readonly { readonly id: T; readonly label: string }[];
  readonly selected: T;
  readonly label: string;
  /** Id of the panel that the tabs control. */
  readonly panelId: string;
  readonly onSelect: (id: T) => void;
}

export function tabId(panelId: string, tab: string): string {
  return `${panelId}-tab-${tab}`;
}

export function Tabs<T extends string>({ tabs, selected, label, panelId, onSelect }: TabsProps<T>): VNode {
  const ref = useRef<HTMLDivElement>(null);
  // Where there is too little room for all of them, the selected one is in view.
  useEffect(() => ref.current?.querySelector('[aria-selected=true]')?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' }), [selected]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((tab) => tab.id === selected);
    const last = tabs.length - 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const next = steps[event.key];
    const tab = next === undefined ? undefined : tabs[next];
    if (!tab) return;
    event.preventDefault();
    event.stopPropagation();
    onSelect(tab.id);
    ref.current?.querySelectorAll<HTMLElement>('[role=tab]')[next ?? 0]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={ref} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          id={tabId(panelId, tab.id)}
          class={tab.id === selected ? 'tab selected' : 'tab'}
          aria-selected={tab.id === selected}
          aria-controls={panelId}
          tabIndex={tab.id === selected ? 0 : -1}
          onClick={() => onSelect(tab.id)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}
