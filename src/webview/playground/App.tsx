/**
 * Owns the arrangement of the Playground: catalogue, arguments and result side by side where there is room, the last two
 * below each other where there is less, one at a time where there is little; and the keys that work anywhere in it.
 */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { MenuController, MenuHost } from '../components/Menu';
import { Segmented } from '../components/Segmented';
import { SplitPane } from '../components/SplitPane';
import { useWidth } from '../components/useWidth';
import type { PlaygroundModel } from './model/playgroundModel';
import { narrowPages, type NarrowPage } from './model/viewState';
import { strings } from './strings';
import { MiddlePane } from './views/MiddlePane';
import { ResultPane } from './views/ResultPane';
import { SidePane } from './views/SidePane';
import { FailureLine, StageView } from './views/StageView';

/** From this width on the catalogue stands beside the rest, from the second on the result right of the arguments. */
const SIDE_FROM = 560;
const WIDE_FROM = 660;

export function App({ model }: { readonly model: PlaygroundModel }): VNode {
  const root = useRef<HTMLDivElement>(null);
  const width = useWidth(root, 1_000);
  const menus = useMemo(() => new MenuController(), []);
  const handler = useRef<(event: KeyboardEvent) => void>(() => undefined);
  handler.current = (event) => {
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
    const isTyping = event.composedPath().some((target) => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement);
    if (event.key === 'Enter' && isCommand && !event.shiftKey) {
      // In an answer to a server the same keys mean that answer (RequestCard).
      if (event.defaultPrevented) return;
      void model.run(false);
    } else if (event.key === '/' && !isTyping && !isCommand) {
      model.side.value = 'catalog';
      model.page.value = 'side';
      const search = (): HTMLInputElement | null | undefined => root.current?.querySelector<HTMLInputElement>('.catalog-search input');
      // At once where it is there: what is typed next belongs to it.
      if (search()) search()?.focus();
      else setTimeout(() => search()?.focus());
    } else return;
    event.preventDefault();
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => handler.current(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);

  const state = model.state.value;
  const isWide = width >= SIDE_FROM;
  const page = model.page.value;
  const middle = <MiddlePane model={model} menus={menus} />;
  const result = <ResultPane model={model} menus={menus} />;
  let body: VNode;
  if (!state || state.obstacle) body = <StageView model={model} />;
  else if (isWide) {
    body = (
      <div class="columns">
        <SidePane model={model} menus={menus} isResizable />
        <SplitPane
          first={middle}
          second={result}
          wideFrom={WIDE_FROM}
          shareRight={model.splitRight.value}
          shareBelow={model.splitBelow.value}
          onShare={(side, share) => {
            (side === 'right' ? model.splitRight : model.splitBelow).value = share;
          }}
          label={strings.separator.result}
        />
      </div>
    );
  } else {
    const count = page === 'result' ? 0 : state.requests.length;
    const waiting = count === 0 ? undefined : { count, words: strings.requests.waiting(count) };
    body = (
      <div class="narrow">
        <div class="narrow-switch">
          <Segmented<NarrowPage>
            label={strings.narrowLabel}
            options={narrowPages.map((id) => ({ id, label: strings.narrowPages[id], waiting: id === 'result' ? waiting : undefined }))}
            selected={page}
            onSelect={(next) => (model.page.value = next)}
          />
          <span class="sr-only" role="status">
            {waiting?.words}
          </span>
        </div>
        {page === 'side' ? <SidePane model={model} menus={menus} /> : page === 'arguments' ? middle : result}
      </div>
    );
  }
  return (
    <div class="playground" ref={root}>
      <div class={model.starting.isAny ? 'busy-line active' : 'busy-line'} aria-hidden="true" />
      <FailureLine model={model} />
      {body}
      <MenuHost menus={menus} />
    </div>
  );
}
