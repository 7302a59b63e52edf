/** Owns how calls are drawn as rows, in the list and in groups alike: in which columns, which are selected, which are flagged. */
import type { VNode } from 'preact';
import type { TrafficModel } from '../model/trafficModel';
import { CallRowView, type CallRowProps } from './CallRowView';
import { useRowColumns, type RowColumns } from './useRowColumns';

export interface CallRows extends Pick<RowColumns, 'columns' | 'template'> {
  readonly renderCall: (call: Omit<CallRowProps, 'columns' | 'timeMode' | 'sinceMs' | 'isSelected' | 'nowMs' | 'flag'>) => VNode;
}

export function useCallRows(model: TrafficModel, element: { readonly current: HTMLElement | null }): CallRows {
  const { columns, template, timeMode, sinceMs } = useRowColumns(model, element);
  void model.chosen.rows.value;
  void model.flags.all.value;
  const renderCall: CallRows['renderCall'] = (call) => (
    <CallRowView
      key={call.index}
      {...call}
      columns={columns}
      timeMode={timeMode}
      sinceMs={sinceMs(call.index)}
      isSelected={model.chosen.isShown(call.row?.id, call.isActive)}
      nowMs={model.visible.nowMs}
      flag={model.flags.of(call.row)}
    />
  );
  return { columns, template, renderCall };
}
