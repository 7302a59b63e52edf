/**
 * Owns the detail of the selected call: header, tabs, and which part is shown. The header comes from the list's row, so
 * it is there at once; the parts wait for the full record.
 */
import type { VNode } from 'preact';
import { useId, useMemo, useRef, useState } from 'preact/hooks';
import { IconButton } from '../../components/Icon';
import type { MenuController } from '../../components/Menu';
import { ServerDot } from '../../components/ServerDot';
import { StatusIcon } from '../../components/StatusIcon';
import { tabId, Tabs } from '../../components/Tabs';
import { visibleLine } from '../../components/visibleText';
import type { CallDetail } from '../../../extension/contract/traffic';
import { relatedOf } from '../model/related';
import type { TrafficModel } from '../model/trafficModel';
import { detailTabs } from '../model/viewState';
import { strings } from '../strings';
import { BodyView } from './BodyView';
import { CallDuration } from './CallDuration';
import { isFailed } from './CallRowView';
import { detailStrings } from './detailStrings';
import { NoteMarks } from './NoteMarks';
import { OverviewView } from './OverviewView';
import { RelatedView } from './RelatedView';
import { copyEntries, noteEntries } from './rowMenu';
import { TimingView } from './TimingView';

const words = strings.detail;
const act = detailStrings.act;

export interface DetailViewProps {
  readonly model: TrafficModel;
  readonly menus: MenuController;
  readonly onClose: () => void;
}

export function DetailView({ model, menus, onClose }: DetailViewProps): VNode {
  const panelId = useId();
  const tab = model.tab.value;
  const selected = model.selection.value?.id;
  const loaded = model.detail.detail.value;
  const relatedCount = useMemo(() => (loaded && loaded.row.id === selected ? relatedOf(loaded).length + (loaded.output?.length ?? 0) : 0), [loaded, selected]);
  /** The way back from a nested call; gone when the user goes elsewhere. */
  const [jump, setJump] = useState<{ readonly from: string; readonly name: string; readonly to: string }>();
  const onJump = (to: string): void => {
    const from = model.selectedRow.peek();
    if (from) setJump({ from: from.id, name: visibleLine(from.name ?? from.method), to });
    model.tab.value = 'overview';
    model.showCall(to);
  };
  const onBack = (): void => {
    setJump(undefined);
    model.tab.value = 'related';
    if (jump) model.showCall(jump.from);
  };
  return (
    <section class="detail" aria-label={words.label}>
      <DetailHeader model={model} menus={menus} onClose={onClose} back={jump?.to === selected ? jump : undefined} onBack={onBack} />
      <Tabs
        tabs={detailTabs.map((id) => ({ id, label: id === 'related' ? words.relatedTab(relatedCount) : words.tabs[id] }))}
        selected={tab}
        label={words.tabsLabel}
        panelId={panelId}
        onSelect={(id) => (model.tab.value = id)}
      />
      <div class="detail-panel" id={panelId} role="tabpanel" aria-labelledby={tabId(panelId, tab)}>
        <DetailPanel model={model} onJump={onJump} />
      </div>
    </section>
  );
}

interface DetailHeaderProps extends DetailViewProps {
  readonly back: { readonly name: string } | undefined;
  readonly onBack: () => void;
}

function DetailHeader({ model, menus, onClose, back, onBack }: DetailHeaderProps): VNode {
  const copyButton = useRef<HTMLButtonElement>(null);
  const moreButton = useRef<HTMLButtonElement>(null);
  const row = model.selectedRow.value;
  const isPinned = row?.note?.isPinned === true;
  const openMore = (): void => {
    if (!row || !moreButton.current) return;
    const { left, bottom } = moreButton.current.getBoundingClientRect();
    menus.openBelow(moreButton.current, act.menu, noteEntries(model, row, { menus, at: { x: left, y: bottom }, cell: undefined }));
  };
  return (
    <div class="detail-header">
      {back && <IconButton icon="arrow-left" label={words.back(back.name)} onPress={onBack} />}
      {row && <StatusIcon status={row.status} label={strings.status(row)} />}
      <h2 class="detail-name" title={row && visibleLine(row.name ?? row.method)}>
        <bdi>{row ? visibleLine(row.name ?? row.method) : words.label}</bdi>
      </h2>
      {row?.server !== undefined && (
        <span class="detail-server" title={visibleLine(row.server)}>
          <ServerDot name={row.server} />
          <bdi>{visibleLine(row.server)}</bdi>
        </span>
      )}
      {row && (
        <span class={isFailed(row) ? 'detail-status failed' : 'detail-status'}>{row.status === 'ok' ? '' : strings.status(row)}</span>
      )}
      {row && (
        <span class="detail-duration">
          <CallDuration row={row} nowMs={model.visible.nowMs} />
        </span>
      )}
      {row && <NoteMarks note={row.note && { ...row.note, isPinned: undefined }} isPlayground={row.isPlayground} />}
      {row && <IconButton icon={isPinned ? 'pinned' : 'pin'} label={isPinned ? detailStrings.note.unpin : detailStrings.note.pin} pressed={isPinned} onPress={() => model.togglePinned([row])} />}
      {row && <IconButton icon="ellipsis" label={act.menu} buttonRef={moreButton} onPress={openMore} />}
      {row && (
        <IconButton
          icon="copy"
          label={strings.actions.copyMenu}
          buttonRef={copyButton}
          onPress={() => copyButton.current && menus.openBelow(copyButton.current, strings.actions.copyMenu, copyEntries(model, row))}
        />
      )}
      <IconButton icon="close" label={words.close} onPress={onClose} />
    </div>
  );
}

function DetailPanel({ model, onJump }: { readonly model: TrafficModel; readonly onJump: (id: string) => void }): VNode {
  const { detail, failure, isMissing } = model.detail;
  const loaded: CallDetail | undefined = detail.value;
  const id = model.selection.value?.id;
  if (failure.value !== undefined) {
    return (
      <div class="panel-message" role="alert">
        <p>{words.failed(failure.value)}</p>
        <button type="button" class="link-button" onClick={() => model.detail.retry()}>
          {strings.stage.retry}
        </button>
      </div>
    );
  }
  if (isMissing.value) return <p class="panel-message">{words.missing}</p>;
  if (!loaded || loaded.row.id !== id) return <p class="panel-message delayed">{words.loading}</p>;
  switch (model.tab.value) {
    case 'overview':
      return <OverviewView detail={loaded} model={model} />;
    case 'request':
      return <BodyView key={`${loaded.row.id} request`} detail={loaded} side="request" model={model} />;
    case 'response':
      return <BodyView key={`${loaded.row.id} response`} detail={loaded} side="response" model={model} />;
    case 'timing':
      return <TimingView detail={loaded} model={model} onJump={onJump} />;
    case 'related':
      return <RelatedView key={loaded.row.id} detail={loaded} model={model} onJump={onJump} />;
  }
}
