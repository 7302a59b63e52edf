/** Owns the line to find text in a body with: what to find, which match of how many, how far the search has come, and the way to the next. */
import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from '../../components/Icon';
import { MAX_MATCHES } from '../../components/find';
import { detailStrings } from './detailStrings';

const words = detailStrings.find;

export interface FindBarProps {
  readonly query: string;
  readonly count: number;
  /** Place of the current match, from 0. */
  readonly current: number;
  /** There may be more matches than `count`. */
  readonly isMore?: boolean;
  readonly isRunning?: boolean;
  /** What has been searched, where that is not all. */
  readonly note?: string | undefined;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
  readonly onQuery: (query: string) => void;
  readonly onStep: (by: 1 | -1) => void;
  readonly onClose: () => void;
}

export function FindBar({ query, count, current, isMore = false, isRunning = false, note, action, onQuery, onStep, onClose }: FindBarProps): VNode {
  const input = useRef<HTMLInputElement>(null);
  // Before anything is painted: the first keys must not miss it.
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && event.target === input.current) onStep(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const isNone = count === 0 && query !== '' && !isMore;
  const said = query === '' || (count === 0 && isMore) ? '' : isNone ? words.none : words.place(Math.min(current, count - 1) + 1, count, isMore || count >= MAX_MATCHES);
  return (
    <search class="find-bar" onKeyDown={onKeyDown}>
      <input
        ref={input}
        type="text"
        class="text-input"
        value={query}
        placeholder={words.label}
        aria-label={words.label}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => onQuery(event.currentTarget.value)}
      />
      <span class={isNone ? 'find-count none' : 'find-count'} role="status">
        {said}
      </span>
      <IconButton icon="arrow-up" label={words.previous} disabled={count === 0} onPress={() => onStep(-1)} />
      <IconButton icon="arrow-down" label={words.next} disabled={count === 0} onPress={() => onStep(1)} />
      <IconButton icon="close" label={words.close} onPress={onClose} />
      {note !== undefined && (
        <span class="find-note" aria-live={isRunning ? 'off' : 'polite'}>
          {note}{' '}
          {action && (
            <button type="button" class="link-button" onClick={action.run}>
              {action.label}
            </button>
          )}
        </span>
      )}
    </search>
  );
}
