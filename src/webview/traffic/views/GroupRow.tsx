/** Owns the row of a group of calls: what the group is, when it was, and its sums. Memoised. */
import type { VNode } from 'preact';
import type { CallGroup } from '../../../extension/contract/trafficGroups';
import { formatDateTime, formatTime } from '../../components/format';
import { Icon } from '../../components/Icon';
import { pure } from '../../components/pure';
import { ServerDot } from '../../components/ServerDot';
import { visibleLine } from '../../components/visibleText';
import { listStrings } from '../listStrings';

const words = listStrings.groups;

export interface GroupRowProps {
  readonly group: CallGroup;
  readonly by: 'session' | 'server' | 'conversation' | 'prompt';
  readonly level: number;
  readonly isOpen: boolean;
  readonly place: number;
  readonly siblings: number;
  readonly columns: number;
  readonly index: number;
  readonly rowId: string;
  readonly offset: number;
  readonly isSelected: boolean;
}

export const GroupRow = pure<GroupRowProps>((props) => {
  const { group, level, isOpen, place, siblings, columns, index, rowId, offset, isSelected } = props;
  return (
    <div
      id={rowId}
      role="row"
      class={`group-row level-${level}${isSelected ? ' selected' : ''}`}
      aria-rowindex={index + 2}
      aria-level={level}
      aria-posinset={place + 1}
      aria-setsize={siblings}
      aria-expanded={isOpen}
      aria-selected={isSelected}
      style={{ top: `${offset}px` }}
      data-group={index}
    >
      <span class="group-title" role="gridcell" aria-colspan={columns}>
        <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} />
        <Title {...props} />
        <span class="group-when" title={words.period(group)}>
          {whenOf(group)}
        </span>
        <Sums group={group} />
      </span>
    </div>
  );
}, 'GroupRow');

function Title({ group, by }: GroupRowProps): VNode {
  if (by === 'server') {
    if (group.id === undefined) {
      return (
        <>
          <span class="server-dot none" aria-hidden="true" />
          <bdi>{words.gateway}</bdi>
        </>
      );
    }
    return (
      <>
        <ServerDot name={group.id} />
        <bdi>{visibleLine(group.id)}</bdi>
      </>
    );
  }
  const client = group.client === undefined ? words.unknownClient : visibleLine(`${group.client}${group.clientVersion === undefined ? '' : ` ${group.clientVersion}`}`);
  // Of no session: what MCP Shark says itself, such as that recording was paused.
  if (!group.id && !group.session && !group.isByTime && group.client === undefined) return <bdi>{words.gateway}</bdi>;
  if (by === 'session') {
    return (
      <>
        <bdi title={group.id && visibleLine(group.id)}>{group.isPlayground ? words.playground : client}</bdi>
        <GroupId id={group.id} />
      </>
    );
  }
  if (by === 'conversation' && group.id === undefined) return <bdi title={words.unsaidTooltip}>{`${words.unsaid}${group.client === undefined ? '' : `, ${client}`}`}</bdi>;
  if (group.isByTime) return <bdi title={words.byTimeTooltip}>{words.byTime}</bdi>;
  // VS Code names the conversation, but not always the prompt.
  if (by === 'prompt' && group.id === undefined) return <bdi title={words.unnamedTooltip}>{words.byTime}</bdi>;
  return (
    <>
      <bdi title={group.id && visibleLine(group.id)}>{by === 'conversation' ? `${words.conversation}${group.client === undefined ? '' : `, ${client}`}` : words.prompt}</bdi>
      <GroupId id={group.id} />
    </>
  );
}

/** Enough of it to tell one from another. */
function GroupId({ id }: { readonly id: string | undefined }): VNode | null {
  return id ? <span class="group-id">{visibleLine(id).slice(0, 12)}</span> : null;
}

/** The day only where it is another than the last call's own. */
function whenOf({ firstMs, lastMs }: CallGroup): string {
  const isOneDay = formatDateTime(firstMs).slice(0, 10) === formatDateTime(lastMs).slice(0, 10);
  const isToday = formatDateTime(lastMs).slice(0, 10) === formatDateTime(Date.now()).slice(0, 10);
  const clock = (ms: number): string => formatTime(ms).slice(0, 8);
  if (isOneDay && isToday) return `${clock(firstMs)} – ${clock(lastMs)}`;
  if (isOneDay) return `${formatDateTime(firstMs).slice(0, 19)} – ${clock(lastMs)}`;
  return `${formatDateTime(firstMs).slice(0, 16)} – ${formatDateTime(lastMs).slice(0, 16)}`;
}

function Sums({ group }: { readonly group: CallGroup }): VNode {
  return (
    <span class="group-sums">
      <span>{words.calls(group.calls)}</span>
      {group.errors > 0 && <span class="group-errors">{words.errors(group.errors)}</span>}
      {group.running > 0 && <span>{words.running(group.running)}</span>}
      {group.p95Us !== undefined && <span>{words.p95(group.p95Us)}</span>}
      <span title={words.totalTooltip}>{words.total(group.totalUs)}</span>
      <span>{words.bytes(group.bytes)}</span>
    </span>
  );
}
