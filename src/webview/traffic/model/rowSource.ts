/** Owns what the list, the groups and the time line have in common: rows at places that change. */
import type { ReadonlySignal } from '@preact/signals';
import type { CallRow } from '../../../extension/contract/traffic';

export interface RowSource {
  /** Raised whenever the rows behind `rowAt` changed. */
  readonly revision: ReadonlySignal<number>;
  /** Why they could not be read. */
  readonly failure: ReadonlySignal<unknown>;
  /** `undefined`: not loaded, or no call stands there. */
  rowAt(index: number): CallRow | undefined;
  /** Where a call stands, if that is known. */
  indexOf(id: string): number | undefined;
  /** Asks for what is in view anew, such as after its notes changed. */
  refresh(): void;
}
