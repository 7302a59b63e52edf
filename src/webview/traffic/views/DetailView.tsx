/**
 * Owns the detail of the selected call: header, tabs, and which part is shown. The header comes from the list's row, so
 * it is there at once; the parts wait for the full record.
 */
import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { IconButton } from '../../components/Icon';
import { ServerDot } from '../../components/ServerDot';
import { StatusIcon } from '../../components/StatusIcon';
import { tabId, Tabs } from '../../components/Tabs';
import { visibleLine } from '../../components/visibleText';
import type { CallDetail } from '../../../extension/contract/traffic';
import type { TrafficModel } from '../model/trafficModel';
import { detailTabs } from '../model/viewState';
import { strings } from '../strings';
import { BodyView } from './BodyView';
import { CallDuration } from './CallDuration';
import { isFailed } from './CallRowView';
import { OverviewView } from './OverviewView';
import { TimingView } from './TimingView';

const words = strings.detail;

export function DetailView({ model, onClose }: { readonly model: TrafficModel; readonly onClose: () => void }): VNode {
  const panelId = useId();
  const tab = model.tab.value;
  return (
    <section class="detail" aria-label={words.label}>
      <DetailHeader model={model} onClose={onClose} />
      <Tabs
        tabs={detailTabs.map((id) => ({ id, label: words.tabs[id] }))}
        selected={tab}
        label={words.tabsLabel}
        panelId={panelId}
        onSelect={(id) => (model.tab.value = id)}
      />
      <div class="detail-panel" id={panelId} role="tabpanel" aria-labelledby={tabId(panelId, tab)}>
        <DetailPanel model={model} />
      </div>
    </section>
  );
}

function DetailHeader({ model, onClose }: { readonly model: TrafficModel; readonly onClose: () => void }): VNode {
  const row = model.selectedRow.value;
  return (
    <div class="detail-header">
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
      <IconButton icon="close" label={words.close} onPress={onClose} />
    </div>
  );
}

function DetailPanel({ model }: { readonly model: TrafficModel }): VNode {
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
      return <TimingView detail={loaded} model={model} />;
  }
}
