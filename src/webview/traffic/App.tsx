/** Owns the arrangement of the Traffic view and the keys that work anywhere in it (`/`, Ctrl/Cmd+F, 1 to 5, Space, Esc). */
import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks';
import { MenuController, MenuHost } from '../components/Menu';
import { SplitPane } from '../components/SplitPane';
import type { TrafficModel } from './model/trafficModel';
import { strings } from './strings';
import { TRAFFIC_LAYOUTS } from './model/viewSettings';
import { CallList, type CallListProps } from './views/CallList';
import { DetailView } from './views/DetailView';
import { GroupsView } from './views/GroupsView';
import { Notices } from './views/Notices';
import { StageView } from './views/StageView';
import { SummaryStrip } from './views/SummaryStrip';
import { TimelineView } from './views/TimelineView';
import { Toolbar } from './views/Toolbar';

/** From this width on the detail stands right of the list. */
const WIDE_FROM = 900;

export function App({ model }: { readonly model: TrafficModel }): VNode {
  const grid = useRef<HTMLDivElement | null>(null);
  const filter = useRef<HTMLInputElement | null>(null);
  const menus = useMemo(() => new MenuController(), []);
  const setGrid = useCallback((element: HTMLDivElement | null) => {
    grid.current = element;
  }, []);
  const setFilter = useCallback((element: HTMLInputElement | null) => {
    filter.current = element;
  }, []);
  const toFilter = (): void => {
    filter.current?.focus();
    filter.current?.select();
  };
  const toList = (): void => grid.current?.focus();
  const closeDetail = (): void => {
    model.closeDetail();
    toList();
  };
  const onKey = (event: KeyboardEvent): void => {
    const isTyping = event.composedPath().some((target) => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement);
    const isPlain = !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
    const layout = isPlain ? TRAFFIC_LAYOUTS[Number(event.key) - 1] : undefined;
    const isOnNothing = event.target === document.body;
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (event.key === '/' && isPlain) toFilter();
    else if (layout) model.setLayout(layout);
    else if (event.key === ' ' && isPlain && isOnNothing) model.setPaused(!model.layouts.isPaused.peek());
    else if (event.key === 'f' && isCommand) toFilter();
    else if (event.key === 'Escape' && model.isDetailOpen.peek()) closeDetail();
    else return;
    event.preventDefault();
  };
  // On the document: with the focus on nothing in particular, keys arrive there only.
  const handler = useRef(onKey);
  handler.current = onKey;
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => handler.current(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
  const stage = model.stage.value;
  const isList = stage.kind === 'list';
  const isDetailOpen = model.isDetailOpen.value && isList;
  return (
    <div class="app">
      <div class={model.feed.isBusy.value && !model.feed.isLoaded.value ? 'busy-line active' : 'busy-line'} aria-hidden="true" />
      <Toolbar model={model} menus={menus} onFilterInput={setFilter} onRefocus={() => filter.current?.focus()} onLeave={toList} />
      <SummaryStrip model={model} />
      <Notices model={model} />
      {isList ? (
        <SplitPane
          first={<Calls model={model} menus={menus} gridRef={setGrid} />}
          second={isDetailOpen && <DetailView model={model} menus={menus} onClose={closeDetail} />}
          wideFrom={WIDE_FROM}
          shareRight={model.splitRight.value}
          shareBelow={model.splitBelow.value}
          onShare={(side, share) => {
            (side === 'right' ? model.splitRight : model.splitBelow).value = share;
          }}
          label={strings.detail.separator}
        />
      ) : (
        <StageView stage={stage} model={model} />
      )}
      <MenuHost menus={menus} />
    </div>
  );
}

/** The calls, in the arrangement chosen. */
function Calls(props: CallListProps): VNode {
  const layout = props.model.settings.layout.value;
  if (layout === 'list') return <CallList {...props} />;
  if (layout === 'timeline') return <TimelineView {...props} />;
  return <GroupsView key={layout} {...props} />;
}
