/** Owns the keys that do the same wherever calls are shown: `d`, `p`, Space, Enter, Esc. Moving is each view's own. */
import type { TrafficModel } from '../model/trafficModel';
import { compareChosen } from './rowMenu';

/** Whether the key was one of them. */
export function actOnKey(model: TrafficModel, event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const selected = model.selection.peek();
  if (event.key === 'Enter' && selected) model.openDetail();
  else if (event.key === 'd') compareChosen(model);
  else if (event.key === 'p') model.togglePinned();
  else if (event.key === ' ') model.setPaused(!model.layouts.isPaused.peek());
  else if (event.key === 'Escape' && model.chosen.rows.peek().size > 0) model.chosen.reset(selected?.id);
  else return false;
  return true;
}
