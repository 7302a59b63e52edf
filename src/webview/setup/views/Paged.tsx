/** Owns a list that is drawn a page at a time, so that a machine with a thousand servers does not freeze the view. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { strings } from '../strings';
import { TextButton } from './TextButton';

const PAGE = 100;

export interface PagedProps<T> {
  readonly items: readonly T[];
  readonly label: string;
  readonly class?: string;
  readonly page?: number;
  /** Must have a key. */
  readonly render: (item: T) => VNode;
}

export function Paged<T>({ items, label, class: extra, page = PAGE, render }: PagedProps<T>): VNode {
  const [shown, setShown] = useState(page);
  const left = items.length - shown;
  return (
    <>
      <ul class={extra} aria-label={label}>
        {items.slice(0, shown).map(render)}
      </ul>
      {left > 0 && (
        <div class="more-line">
          <TextButton onPress={() => setShown(shown + page)}>{strings.showMore(Math.min(page, left), left)}</TextButton>
        </div>
      )}
    </>
  );
}
