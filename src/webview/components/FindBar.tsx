/** Owns the line to find text with: what to find, which match of how many, how far the search has come, and the way to the next. */
import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { MAX_MATCHES } from './find';
import { formatCount } from './format';
import { IconButton } from './Icon';

const words = {
  place: (place: number, count: number, isMore: boolean): string => `${formatCount(place)} of ${formatCount(count)}${isMore ? '+' : ''}`,
  none: 'Not found',
  next: 'Next match (Enter)',
  previous: 'Previous match (Shift+Enter)',
  close: 'Close (Esc)',
};

export interface FindBarProps {
  /** What is searched, in words. */
  readonly label: string;
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

export function FindBar({ label, query, count, current, isMore = false, isRunning = false, note, action, onQuery, onStep, onClose }: FindBarProps): VNode {
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
        class="find-input"
        value={query}
        placeholder={label}
        aria-label={label}
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
