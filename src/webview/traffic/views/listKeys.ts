/** Owns the keys that do the same wherever calls are shown: `d`, `p`, `x`, Space, Enter, Esc. Moving is each view's own. */
import type { TrafficModel } from '../model/trafficModel';
import { compareChosen } from './rowMenu';

/** Whether the key was one of them. */
export function actOnKey(model: TrafficModel, event: KeyboardEvent): boolean {
  const selected = model.selection.peek();
  if (isMarkKey(event)) {
    const row = model.selectedRow.peek();
    if (row) model.chosen.mark(row);
    return true;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === 'Enter' && selected) model.openDetail();
  else if (event.key === 'd') compareChosen(model);
  else if (event.key === 'p') model.togglePinned();
  else if (event.key === ' ') model.setPaused(!model.layouts.isPaused.peek());
  else if (event.key === 'Escape' && model.chosen.rows.peek().size > 0) model.chosen.reset(selected?.id);
  else return false;
  return true;
}

/** Marks a call, or takes the mark off: `x`, and Ctrl+Space as in other lists (which the system keeps for itself on a Mac). */
function isMarkKey({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return !metaKey && !altKey && (key === 'x' ? !ctrlKey : key === ' ' && ctrlKey);
}
