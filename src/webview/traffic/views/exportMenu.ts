/** Owns the formats that menus offer to export calls in. */
import type { ExportFormat, ExportSelection } from '../../../extension/contract/trafficApi';
import type { MenuEntry } from '../../components/Menu';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';

const FORMATS: readonly ExportFormat[] = ['json', 'jsonl', 'csv', 'txt'];

/** `count`: how many calls the selection has. */
export function exportEntries(model: TrafficModel, selection: ExportSelection, count: number, label = strings.actions.export): MenuEntry[] {
  return FORMATS.map((format) => ({ label: label(count, format), disabled: count === 0, onSelect: () => model.actions.export(selection, format) }));
}

/** Everything the filter shows. */
export function exportMenu(model: TrafficModel): MenuEntry[] {
  return exportEntries(model, model.shownSelection, model.feed.total.peek());
}
