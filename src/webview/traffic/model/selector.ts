/**
 * Owns which call is selected: a call, not a place, so that it survives every refresh and every way of seeing calls; and
 * those chosen together with it. A place that is chosen before its call is loaded is selected when the call comes.
 */
import { batch, signal } from '@preact/signals';
import type { CallRow } from '../../../extension/contract/traffic';
import { MultiSelection } from './multiSelection';
import type { RowSource } from './rowSource';

/** `index` is absent until the call was seen where it is shown. */
export interface Selection {
  readonly id: string;
  readonly index?: number;
}

/** Alone, or (see MultiSelection) with others; `move`: alone, but those that are marked stay so. */
export type SelectHow = 'alone' | 'move' | 'toggle' | 'range';

export class CallSelector {
  readonly selection = signal<Selection | undefined>(undefined);
  readonly chosen = new MultiSelection();
  #pendingIndex: number | undefined;

  /** Selects the row at a place. `current`: the one selected before. */
  select(source: RowSource, index: number, how: SelectHow, current: CallRow | undefined): void {
    const row = source.rowAt(index);
    batch(() => {
      if (how === 'range') this.chosen.chooseRange(source, index, current);
      else if (how === 'toggle' && row) this.chosen.toggle(row, current);
      else if (how !== 'move' || !this.chosen.isMarking) this.chosen.reset(row?.id);
      this.#pendingIndex = row ? undefined : index;
      if (row) this.selection.value = { id: row.id, index };
    });
  }

  show(id: string, index: number | undefined): void {
    this.chosen.reset(id);
    this.#pendingIndex = undefined;
    this.selection.value = { id, ...(index === undefined ? {} : { index }) };
  }

  /** Rows changed: the selection finds its place again. Gives true where another call is selected now. */
  settle(source: RowSource): boolean {
    const selection = this.selection.peek();
    const pending = this.#pendingIndex === undefined ? undefined : source.rowAt(this.#pendingIndex);
    if (pending) {
      this.selection.value = { id: pending.id, index: this.#pendingIndex };
      this.#pendingIndex = undefined;
      return true;
    }
    if (!selection) return false;
    const index = source.indexOf(selection.id);
    if (index !== undefined && index !== selection.index) this.selection.value = { id: selection.id, index };
    else if (index === undefined && selection.index !== undefined) {
      const other = source.rowAt(selection.index);
      if (other && other.id !== selection.id) this.selection.value = { id: selection.id };
    }
    return false;
  }

  /** Calls are seen in another way: where the selected one stands there is not known yet. */
  moveTo(source: RowSource): void {
    this.#pendingIndex = undefined;
    const id = this.selection.peek()?.id;
    if (id === undefined) return;
    const index = source.indexOf(id);
    this.selection.value = { id, ...(index === undefined ? {} : { index }) };
  }
}
