/** Owns the line to find text in the JSON editor: what is looked for, where one is, and the way on. */
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { IconButton } from '../Icon';
import { formStrings } from './formStrings';

const words = formStrings.editor;

export interface JsonFindBarProps {
  readonly query: string;
  readonly count: number;
  /** From 0. */
  readonly current: number;
  readonly onQuery: (query: string) => void;
  readonly onStep: (by: 1 | -1) => void;
  readonly onClose: () => void;
}

export function JsonFindBar({ query, count, current, onQuery, onStep, onClose }: JsonFindBarProps): VNode {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="json-find" role="search">
      <input ref={input} class="text-box" type="text" aria-label={words.findLabel} placeholder={words.findLabel} value={query} spellcheck={false} onInput={(event) => onQuery(event.currentTarget.value)} onKeyDown={onKeyDown} />
      <span class="json-find-place" aria-live="polite">
        {query === '' ? '' : count === 0 ? words.none : words.place2(current + 1, count)}
      </span>
      <IconButton icon="arrow-up" label={words.previous} disabled={count === 0} onPress={() => onStep(-1)} />
      <IconButton icon="arrow-down" label={words.next} disabled={count === 0} onPress={() => onStep(1)} />
      <IconButton icon="close" label={words.close} onPress={onClose} />
    </div>
  );
}
