/** Owns which columns rows have and what their times count from, for every view made of rows. */
import { useMemo } from 'preact/hooks';
import { useWidth } from '../../components/useWidth';
import type { TimeMode } from '../../../extension/contract/trafficApi';
import { layoutColumns, type ColumnId } from '../model/columns';
import type { TrafficModel } from '../model/trafficModel';

export interface RowColumns {
  readonly columns: readonly ColumnId[];
  /** Value of `grid-template-columns`. */
  readonly template: string;
  readonly timeMode: TimeMode;
  readonly sinceMs: (index: number) => number | undefined;
}

export function useRowColumns(model: TrafficModel, element: { readonly current: HTMLElement | null }): RowColumns {
  const { shown, template } = layoutColumns(model.settings.columns.value, useWidth(element, 1_000));
  // The same columns are the same array: rows compare by identity.
  const key = shown.join(' ');
  const columns = useMemo(() => shown, [key]);
  const timeMode = model.settings.timeMode.value;
  const startMs = model.timeBase.startMs.value;
  const sinceMs = (index: number): number | undefined => {
    if (timeMode === 'start') return startMs;
    return timeMode === 'previous' ? model.source.rowAt(index - 1)?.timeMs : undefined;
  };
  return { columns, template, timeMode, sinceMs };
}
