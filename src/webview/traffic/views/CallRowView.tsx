/**
 * Owns one row of the list: what a person looks for comes first. Memoised; a row is drawn again only when its call,
 * its place, its selection or the columns changed. Running rows alone follow the clock.
 */
import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import type { FlaggedDefinition } from '../../../extension/contract/findings';
import { GAP_METHOD, PAUSE_METHOD, type CallRow } from '../../../extension/contract/traffic';
import type { TimeMode } from '../../../extension/contract/trafficApi';
import { formatBytes, formatDateTime, formatDuration, formatSeconds, formatTime, formatUtcTime } from '../../components/format';
import { Icon } from '../../components/Icon';
import { pure } from '../../components/pure';
import { ServerDot } from '../../components/ServerDot';
import { StatusIcon } from '../../components/StatusIcon';
import { visibleLine } from '../../components/visibleText';
import type { ColumnId } from '../model/columns';
import { listStrings } from '../listStrings';
import { strings } from '../strings';
import { CallDuration } from './CallDuration';
import { FlagMark } from './FlagMark';
import { NoteMarks } from './NoteMarks';

export interface CallRowProps {
  readonly row: CallRow | undefined;
  readonly columns: readonly ColumnId[];
  readonly timeMode: TimeMode;
  /** What the time is counted from where it is counted from something; absent while that is not known. */
  readonly sinceMs: number | undefined;
  readonly index: number;
  readonly rowId: string;
  readonly offset: number;
  readonly isSelected: boolean;
  /** The keyboard is at it, whether it is selected or not. */
  readonly isActive: boolean;
  readonly nowMs: ReadonlySignal<number>;
  /** What the local checks say of what it used. */
  readonly flag: FlaggedDefinition | undefined;
  /** In a group: how deep it stands, and its place among the calls of the group. */
  readonly level?: number;
  readonly place?: number;
  readonly siblings?: number;
}

export const CallRowView = pure<CallRowProps>((props) => {
  const { row, columns, index, rowId, offset, isSelected, isActive } = props;
  const common = {
    id: rowId,
    role: 'row' as const,
    'aria-rowindex': index + 2,
    'aria-level': props.level,
    'aria-posinset': props.place === undefined ? undefined : props.place + 1,
    'aria-setsize': props.siblings,
    style: { top: `${offset}px` },
    'data-index': index,
  };
  if (!row) {
    return (
      <div {...common} class={`call-row pending${isSelected ? ' selected' : ''}${isActive ? ' active' : ''}`} aria-busy="true">
        {columns.map((column) => (
          <span key={column} class={`cell cell-${column}`} role="gridcell" aria-label={column === 'name' ? strings.stage.loading : undefined} />
        ))}
      </div>
    );
  }
  const classes = ['call-row'];
  if (props.level !== undefined) classes.push(`level-${props.level}`);
  if (row.note?.color) classes.push(`marked-${row.note.color}`);
  if (isSelected) classes.push('selected');
  if (isActive) classes.push('active');
  if (isFailed(row)) classes.push('failed');
  if (row.status === 'running') classes.push('running');
  if (isMissing(row)) {
    return (
      <div {...common} class={`${classes.join(' ')} missing`} aria-selected={isSelected}>
        <MissingCell row={row} columns={columns.length} />
      </div>
    );
  }
  return (
    <div {...common} class={classes.join(' ')} aria-selected={isSelected}>
      {columns.map((column, place) => {
        // Without a name the method stands for it, over both columns where they are neighbours.
        const isSpanned = row.name === undefined && column === 'method' && columns[place - 1] === 'name';
        if (isSpanned) return null;
        const spans = row.name === undefined && column === 'name' && columns[place + 1] === 'method';
        return <RowCell key={column} column={column} row={row} spans={spans} props={props} />;
      })}
    </div>
  );
}, 'CallRowView');

interface RowCellProps {
  readonly column: ColumnId;
  readonly row: CallRow;
  readonly spans: boolean;
  readonly props: CallRowProps;
}

function RowCell({ column, row, spans, props }: RowCellProps): VNode {
  const cell = (children: ComponentChildren, title?: string): VNode => (
    <span class={`cell cell-${column}`} data-cell={column} role="gridcell" title={title}>
      {children}
    </span>
  );
  const text = (value: string | undefined): VNode => {
    const line = value === undefined ? undefined : visibleLine(value);
    return cell(line !== undefined && <bdi>{line}</bdi>, line);
  };
  switch (column) {
    case 'status':
      return cell(<StatusIcon status={row.status} label={strings.status(row)} />);
    case 'time':
      return (
        <span class={timeClass(props.timeMode)} data-cell="time" role="gridcell" title={formatDateTime(row.timeMs)}>
          {timeText(row, props)}
        </span>
      );
    case 'server':
      return cell(row.server !== undefined && [<ServerDot key="dot" name={row.server} />, <bdi key="name">{visibleLine(row.server)}</bdi>], row.server && visibleLine(row.server));
    case 'name':
      if (row.name !== undefined) {
        return cell(
          <>
            <CallName name={row.name} />
            <FlagMark flag={props.flag} />
            <NoteMarks note={row.note} isPlayground={row.isPlayground} />
          </>,
          visibleLine(row.name),
        );
      }
      return (
        <span class={spans ? 'cell cell-name only-method' : 'cell cell-name'} data-cell="method" role="gridcell" aria-colspan={spans ? 2 : undefined} title={visibleLine(row.method)}>
          <bdi class="name-head">{visibleLine(row.method)}</bdi>
          <NoteMarks note={row.note} isPlayground={row.isPlayground} />
        </span>
      );
    case 'duration':
      return cell(<CallDuration row={row} nowMs={props.nowMs} />, strings.durationTooltip(row));
    case 'upstream':
      return cell(row.upstreamUs === undefined ? '' : formatDuration(row.upstreamUs), strings.durationTooltip(row));
    case 'bar':
      return (
        <span class="cell cell-bar" data-cell="duration" role="presentation" title={strings.durationTooltip(row)}>
          <DurationBar row={row} />
        </span>
      );
    case 'size':
      return cell(row.responseBytes === undefined && row.status === 'running' ? '' : formatBytes(row.requestBytes + (row.responseBytes ?? 0)), strings.sizeTooltip(row));
    case 'origin':
      return cell(strings.origin(row.origin));
    case 'method':
      // Said once, in the place of the name.
      return row.name === undefined && props.columns.includes('name') ? cell('') : text(row.method);
    case 'turn':
      return text(row.prompt);
    case 'detail':
    case 'client':
    case 'session':
    case 'conversation':
      return text(row[column]);
  }
}

/** Stands for what is not in the log, and is no call. */
export function isMissing({ method, status }: Pick<CallRow, 'method' | 'status'>): boolean {
  return status === 'unrecorded' && (method === PAUSE_METHOD || method === GAP_METHOD);
}

function MissingCell({ row, columns }: { readonly row: CallRow; readonly columns: number }): VNode {
  const text = visibleLine(row.detail ?? '');
  const length = listStrings.recording.length(row);
  return (
    <span class="cell missing-cell" data-cell="status" role="gridcell" aria-colspan={columns} title={`${formatDateTime(row.timeMs)}: ${text} ${length}`}>
      <Icon name={row.method === PAUSE_METHOD ? 'debug-pause' : 'warning'} />
      <span class="missing-time">{formatTime(row.timeMs)}</span>
      <bdi class="missing-text">{text}</bdi>
      <NoteMarks note={row.note} />
      <span class="missing-length">{length}</span>
    </span>
  );
}

/** Times of day read from the left; spans are numbers, and end on one line. */
export function timeClass(mode: TimeMode): string {
  return mode === 'local' || mode === 'utc' ? 'cell cell-time' : 'cell cell-time span';
}

function timeText(row: CallRow, { timeMode, sinceMs }: CallRowProps): string {
  if (timeMode === 'local') return formatTime(row.timeMs);
  if (timeMode === 'utc') return formatUtcTime(row.timeMs);
  return sinceMs === undefined ? '' : formatSeconds(row.timeMs - sinceMs);
}

export function isFailed(row: Pick<CallRow, 'status'>): boolean {
  return row.status !== 'ok' && row.status !== 'running' && row.status !== 'cancelled' && row.status !== 'unrecorded';
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
