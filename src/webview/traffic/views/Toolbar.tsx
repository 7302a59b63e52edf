/** Owns the top of the view: the filter with its line, saved filters, columns, export, and the switch for routing. */
import type { VNode } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { IconButton } from '../../components/Icon';
import type { MenuController, MenuEntry } from '../../components/Menu';
import { visibleLine } from '../../components/visibleText';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';
import { FilterBox } from './FilterBox';
import { FilterLine } from './FilterLine';
import { columnMenu } from './ListHeader';
import { exportMenu } from './rowMenu';

export interface ToolbarProps {
  readonly model: TrafficModel;
  readonly menus: MenuController;
  readonly onFilterInput: (element: HTMLInputElement | null) => void;
  readonly onRefocus: () => void;
  /** The user is done with the filter and wants back to the list. */
  readonly onLeave: () => void;
}

export function Toolbar({ model, menus, onFilterInput, onRefocus, onLeave }: ToolbarProps): VNode {
  const lineId = useId();
  const savedButton = useRef<HTMLButtonElement>(null);
  const columnsButton = useRef<HTMLButtonElement>(null);
  const exportButton = useRef<HTMLButtonElement>(null);
  const [isNaming, setNaming] = useState(false);
  const status = model.status.value;
  const filter = model.filter.text.value.trim();
  const isSaved = model.settings.savedFilters.value.some((saved) => saved.filter === filter);
  const onNamed = (name: string | undefined): void => {
    setNaming(false);
    if (name !== undefined) model.settings.saveFilter(name, model.filter.text.peek().trim());
    onRefocus();
  };
  return (
    <header class="toolbar-area">
      <div class="toolbar">
        <FilterBox filter={model.filter} describedBy={lineId} onInputElement={onFilterInput} onLeave={onLeave} />
        <IconButton
          icon={isSaved && filter !== '' ? 'star-full' : 'star-empty'}
          label={strings.filter.saved}
          buttonRef={savedButton}
          onPress={() => savedButton.current && menus.openBelow(savedButton.current, strings.filter.saved, savedEntries(model, () => setNaming(true)))}
        />
        <IconButton
          icon="table"
          label={strings.columnsButton}
          buttonRef={columnsButton}
          onPress={() => columnsButton.current && menus.openBelow(columnsButton.current, strings.columnsButton, columnMenu(model))}
        />
        <IconButton
          icon="export"
          label={strings.actions.exportMenu}
          buttonRef={exportButton}
          onPress={() => exportButton.current && menus.openBelow(exportButton.current, strings.actions.exportMenu, exportMenu(model))}
        />
        {/* Configuration and log stand in the editor's own title bar (package.json, editor/title). */}
        {status && (
          <IconButton
            icon={status.routing ? 'plug' : 'debug-disconnect'}
            label={status.routing ? strings.toolbar.routingOn : strings.toolbar.routingOff}
            pressed={status.routing}
            disabled={!status.trusted}
            onPress={() => model.actions.setRouting(!status.routing)}
          />
        )}
      </div>
      <FilterLine model={model} id={lineId} isNaming={isNaming} onNamed={onNamed} onRefocus={onRefocus} />
    </header>
  );
}

function savedEntries(model: TrafficModel, onName: () => void): MenuEntry[] {
  const { settings, filter } = model;
  const words = strings.filter;
  const text = filter.text.peek().trim();
  const all = settings.savedFilters.peek();
  const current = all.filter((saved) => saved.filter === text);
  return [
    ...(all.length === 0 ? [{ heading: words.noneSaved }] : []),
    ...all.map((saved) => ({
      label: visibleLine(saved.name),
      hint: visibleLine(saved.filter),
      checked: saved.filter === text,
      isChoice: true,
      onSelect: () => filter.set(saved.filter),
    })),
    'separator' as const,
    { label: words.saveAs, disabled: text === '' || filter.description.peek() === undefined, onSelect: onName },
    ...current.map(({ name }) => ({ label: words.forget(visibleLine(name)), onSelect: () => settings.forgetFilter(name) })),
  ];
}
