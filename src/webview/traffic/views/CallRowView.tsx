/**
 * Owns one row of the list: what a person looks for comes first. Memoised; a row is drawn again only when its call,
 * its place or its selection changed. Running rows alone follow the clock.
 */
import type { ReadonlySignal } from '@preact/signals';
import type { VNode } from 'preact';
import type { CallRow } from '../../../extension/contract/traffic';
import { formatBytes, formatDateTime, formatTime } from '../../components/format';
import { pure } from '../../components/pure';
import { ServerDot } from '../../components/ServerDot';
import { StatusIcon } from '../../components/StatusIcon';
import { visibleLine } from '../../components/visibleText';
import { strings } from '../strings';
import { CallDuration } from './CallDuration';

export interface CallRowProps {
  readonly row: CallRow | undefined;
  readonly index: number;
  readonly rowId: string;
  readonly offset: number;
  readonly isSelected: boolean;
  readonly nowMs: ReadonlySignal<number>;
}

export const CallRowView = pure<CallRowProps>(({ row, index, rowId, offset, isSelected, nowMs }) => {
  const common = { id: rowId, role: 'row' as const, 'aria-rowindex': index + 2, style: { top: `${offset}px` }, 'data-index': index };
  if (!row) {
    return (
      <div {...common} class={isSelected ? 'call-row pending selected' : 'call-row pending'} aria-busy="true">
        <span class="cell cell-name" role="gridcell" aria-label={strings.stage.loading} />
      </div>
    );
  }
  const classes = ['call-row'];
  if (isSelected) classes.push('selected');
  if (isFailed(row)) classes.push('failed');
  if (row.status === 'running') classes.push('running');
  const name = row.name;
  return (
    <div {...common} class={classes.join(' ')} aria-selected={isSelected}>
      <span class="cell cell-status" role="gridcell">
        <StatusIcon status={row.status} label={strings.status(row)} />
      </span>
      <span class="cell cell-time" role="gridcell" title={formatDateTime(row.timeMs)}>
        {formatTime(row.timeMs)}
      </span>
      <span class="cell cell-server" role="gridcell" title={row.server === undefined ? undefined : visibleLine(row.server)}>
        {row.server !== undefined && <ServerDot name={row.server} />}
        {row.server !== undefined && <bdi>{visibleLine(row.server)}</bdi>}
      </span>
      {name === undefined ? (
        <span class="cell cell-name only-method" role="gridcell" aria-colspan={2} title={visibleLine(row.method)}>
          <bdi>{visibleLine(row.method)}</bdi>
        </span>
      ) : (
        <>
          <span class="cell cell-name" role="gridcell" title={visibleLine(name)}>
            <CallName name={name} />
          </span>
          <span class="cell cell-method" role="gridcell" title={visibleLine(row.method)}>
            {visibleLine(row.method)}
          </span>
        </>
      )}
      <span class="cell cell-detail" role="gridcell" title={row.detail === undefined ? undefined : visibleLine(row.detail)}>
        {row.detail !== undefined && <bdi>{visibleLine(row.detail)}</bdi>}
      </span>
      <span class="cell cell-duration" role="gridcell" title={strings.durationTooltip(row)}>
        <CallDuration row={row} nowMs={nowMs} />
      </span>
      <span class="cell cell-bar" role="presentation" title={strings.durationTooltip(row)}>
        <DurationBar row={row} />
      </span>
      <span class="cell cell-size" role="gridcell" title={strings.sizeTooltip(row)}>
        {row.responseBytes === undefined && row.status === 'running' ? '' : formatBytes(row.requestBytes + (row.responseBytes ?? 0))}
      </span>
    </div>
  );
}, 'CallRowView');

export function isFailed(row: Pick<CallRow, 'status'>): boolean {
  return row.status !== 'ok' && row.status !== 'running' && row.status !== 'cancelled';
}

/** A URI or path keeps its end when there is too little room: that is where files differ. */
export function CallName({ name }: { readonly name: string }): VNode {
  const text = visibleLine(name);
  const cut = text.length > 24 ? text.lastIndexOf('/', text.length - 2) : -1;
  if (cut <= 0 || text.length - cut > 40) return <bdi class="name-head">{text}</bdi>;
  return (
    <bdi class="name-parts">
      <span class="name-head">{text.slice(0, cut)}</span>
      <span class="name-tail">{text.slice(cut)}</span>
    </bdi>
  );
}

/** Widths come from custom properties, so that a new scale moves all bars without drawing a row again. */
function DurationBar({ row }: { readonly row: CallRow }): VNode | null {
  if (row.durationUs === undefined) return row.status === 'running' ? <span class="bar bar-running" /> : null;
  const upstream = Math.min(row.upstreamUs ?? 0, row.durationUs);
  return (
    <>
      <span class="bar bar-gateway" style={{ '--us': row.durationUs - upstream }} />
      {upstream > 0 && <span class="bar bar-server" style={{ '--us': upstream }} />}
    </>
  );
}
