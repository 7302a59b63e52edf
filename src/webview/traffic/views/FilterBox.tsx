/**
 * Owns the box the filter is written in: the text with its mistake underlined, the list of completions below it, and
 * what the keys do in either (an ARIA combobox). What the text means is the filter model's.
 */
import type { VNode } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Icon, IconButton } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { FilterModel, FilterProblem } from '../model/filterModel';
import { strings } from '../strings';

const words = strings.filter;

export interface FilterBoxProps {
  readonly filter: FilterModel;
  /** Ids of what describes the filter: its message or plain words. */
  readonly describedBy: string;
  readonly onInputElement: (element: HTMLInputElement | null) => void;
  /** The user is done with the filter and wants back to the list. */
  readonly onLeave: () => void;
}

export function FilterBox({ filter, describedBy, onInputElement, onLeave }: FilterBoxProps): VNode {
  const listId = useId();
  const input = useRef<HTMLInputElement | null>(null);
  const pendingCaret = useRef<number | undefined>(undefined);
  const text = filter.text.value;
  const completion = filter.completion.value;
  const problem = filter.problem.value;
  useEffect(() => {
    onInputElement(input.current);
    return () => onInputElement(null);
  }, [onInputElement]);
  useLayoutEffect(() => {
    const caret = pendingCaret.current;
    pendingCaret.current = undefined;
    if (caret !== undefined) input.current?.setSelectionRange(caret, caret);
  }, [text]);

  const accept = (index: number): void => {
    pendingCaret.current = filter.accept(index);
    input.current?.focus();
  };
  const caretNow = (): number => input.current?.selectionStart ?? text.length;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const active = completion?.active ?? -1;
    switch (event.key) {
      case 'ArrowDown':
        if (completion) filter.moveCompletion(1);
        else onLeave();
        break;
      case 'ArrowUp':
        if (!completion) return;
        filter.moveCompletion(-1);
        break;
      case 'Tab':
        // Nothing chosen in an empty box: Tab goes on, as everywhere.
        if (event.shiftKey || !completion || (active < 0 && text === '')) return;
        accept(Math.max(0, active));
        break;
      case 'Enter':
        if (active >= 0) accept(active);
        else {
          filter.closeCompletion();
          filter.apply();
        }
        break;
      case 'Escape':
        if (completion && (active >= 0 || !completion.isHint)) filter.closeCompletion();
        else if (text === '') {
          filter.closeCompletion();
          onLeave();
        } else filter.clear();
        break;
      case ' ':
        if (!event.ctrlKey) return;
        filter.complete(caretNow());
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search class={problem ? 'filter invalid' : 'filter'}>
      <Icon name="filter" />
      <div class="filter-field">
        <Marks problem={problem} text={text} input={input.current} />
        <input
          ref={input}
          type="text"
          class="filter-input"
          value={text}
          placeholder={words.hint}
          spellcheck={false}
          autocomplete="off"
          role="combobox"
          aria-label={words.label}
          aria-autocomplete="list"
          aria-expanded={completion !== undefined}
          aria-controls={listId}
          aria-activedescendant={completion && completion.active >= 0 ? `${listId}-${completion.active}` : undefined}
          aria-invalid={problem !== undefined}
          aria-describedby={describedBy}
          onInput={(event) => filter.type(event.currentTarget.value, event.currentTarget.selectionStart ?? undefined)}
          onKeyDown={onKeyDown}
          onFocus={() => text === '' && filter.complete(0)}
          onBlur={() => filter.closeCompletion()}
          onScroll={(event) => followScroll(event.currentTarget)}
        />
      </div>
      {text !== '' && <IconButton icon="close" label={words.clear} onPress={() => filter.clear()} />}
      <Completions filter={filter} listId={listId} onAccept={accept} />
    </search>
  );
}

function Completions({ filter, listId, onAccept }: { readonly filter: FilterModel; readonly listId: string; readonly onAccept: (index: number) => void }): VNode {
  const list = useRef<HTMLUListElement>(null);
  const completion = filter.completion.value;
  const active = completion?.active ?? -1;
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView?.({ block: 'nearest' });
  }, [active]);
  return (
    // The press must not take the focus from the box: that would close the list before the click.
    <ul
      ref={list}
      id={listId}
      class="suggest-list completions"
      role="listbox"
      aria-label={words.completions}
      hidden={!completion}
      onPointerDown={(event) => event.preventDefault()}
    >
      {completion?.items.map((item, index) => (
        <li
          key={`${item.kind} ${item.label}`}
          id={`${listId}-${index}`}
          role="option"
          aria-selected={index === active}
          class={index === active ? 'completion active' : 'completion'}
          onClick={() => onAccept(index)}
        >
          <Icon name={ICONS[item.kind]} />
          <bdi class="completion-label">{visibleLine(item.label)}</bdi>
          <span class="completion-detail">{item.detail}</span>
        </li>
      ))}
    </ul>
  );
}

const ICONS = { field: 'symbol-field', value: 'symbol-constant', operator: 'symbol-operator' } as const;

/** Stands exactly under the box's text, itself unseen, and carries the line under the mistake. */
function Marks({ problem, text, input }: { readonly problem: FilterProblem | undefined; readonly text: string; readonly input: HTMLInputElement | null }): VNode | null {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (input) followScroll(input);
  });
  if (!problem?.place) return null;
  const { start, end } = problem.place;
  return (
    <div ref={ref} class="filter-marks" aria-hidden="true">
      <span class="filter-marks-text">
        {text.slice(0, start)}
        <span class="filter-mistake">{text.slice(start, end) || '\u00a0'}</span>
      </span>
    </div>
  );
}

function followScroll(input: HTMLInputElement): void {
  const marks = input.parentElement?.querySelector<HTMLElement>('.filter-marks-text');
  if (marks) marks.style.transform = `translateX(${-input.scrollLeft}px)`;
}
