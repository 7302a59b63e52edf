/** Owns the left pane: catalogue, saved calls and history, and its width. */
import type { VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { MenuController } from '../../components/Menu';
import { tabId, Tabs } from '../../components/Tabs';
import type { PlaygroundModel } from '../model/playgroundModel';
import { MAX_SIDE, MIN_SIDE, SIDE_WIDTH, sidePages, type SidePage } from '../model/viewState';
import { strings } from '../strings';
import { CatalogView } from './CatalogView';
import { HistoryView } from './HistoryView';
import { SavedView } from './SavedView';

const KEY_STEP = 16;

export interface SidePaneProps {
  readonly model: PlaygroundModel;
  readonly menus: MenuController;
  readonly isResizable?: boolean;
}

export function SidePane({ model, menus, isResizable = false }: SidePaneProps): VNode {
  const panelId = useId();
  const side = model.side.value;
  return (
    <>
      <section class="side" aria-label={strings.sideLabel} style={isResizable ? { width: `${model.sideWidth.value}px` } : undefined}>
        <Tabs<SidePage> tabs={sidePages.map((id) => ({ id, label: strings.sidePages[id] }))} selected={side} label={strings.sideLabel} panelId={panelId} onSelect={(next) => (model.side.value = next)} />
        <div class="side-panel" role="tabpanel" id={panelId} aria-labelledby={tabId(panelId, side)}>
          {side === 'catalog' ? <CatalogView model={model} menus={menus} /> : side === 'saved' ? <SavedView model={model} menus={menus} /> : <HistoryView model={model} />}
        </div>
      </section>
      {isResizable && <SideSash model={model} />}
    </>
  );
}

function SideSash({ model }: { readonly model: PlaygroundModel }): VNode {
  const [start, setStart] = useState<{ readonly x: number; readonly width: number }>();
  const move = (width: number): void => {
    model.sideWidth.value = Math.round(Math.min(MAX_SIDE, Math.max(MIN_SIDE, width)));
  };
  return (
    <div
      class={start ? 'sash vertical dragging' : 'sash vertical'}
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={strings.separator.side}
      aria-valuemin={MIN_SIDE}
      aria-valuemax={MAX_SIDE}
      aria-valuenow={model.sideWidth.value}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        setStart({ x: event.clientX, width: model.sideWidth.peek() });
      }}
      onPointerMove={(event) => start && move(start.width + event.clientX - start.x)}
      onPointerUp={() => setStart(undefined)}
      onPointerCancel={() => setStart(undefined)}
      onDblClick={() => move(SIDE_WIDTH)}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft') move(model.sideWidth.peek() - KEY_STEP);
        else if (event.key === 'ArrowRight') move(model.sideWidth.peek() + KEY_STEP);
        else return;
        event.preventDefault();
      }}
    />
  );
}
