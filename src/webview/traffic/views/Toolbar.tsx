/** Owns the top of the view: filter box with its message, and the switch for routing. */
import type { VNode } from 'preact';
import { Icon, IconButton } from '../../components/Icon';
import { TextField, type TextFieldHandle } from '../../elements/TextField';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';

export interface ToolbarProps {
  readonly model: TrafficModel;
  readonly onFilterHandle: (handle: TextFieldHandle) => void;
  /** The user is done with the filter and wants back to the list. */
  readonly onLeave: () => void;
}

const MESSAGE_ID = 'filter-message';

export function Toolbar({ model, onFilterHandle, onLeave }: ToolbarProps): VNode {
  const text = model.filterText.value;
  const invalid = model.feed.filterFailure.value;
  const status = model.status.value;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      if (text === '') onLeave();
      else model.clearFilter();
    } else if (event.key === 'Enter') model.applyFilter();
    else if (event.key === 'ArrowDown') onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <header class="toolbar-area">
      <div class="toolbar">
        <search class="filter">
          <TextField
            value={text}
            label={strings.filter.label}
            placeholder={strings.filter.hint}
            invalid={invalid !== undefined}
            describedBy={MESSAGE_ID}
            onInput={(value) => model.setFilterText(value)}
            onKeyDown={onKeyDown}
            onHandle={onFilterHandle}
          >
            <span slot="start" class="field-icon">
              <Icon name="filter" />
            </span>
          </TextField>
          {text !== '' && <IconButton icon="close" label={strings.filter.clear} onPress={() => model.clearFilter()} />}
        </search>
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
      <div id={MESSAGE_ID} class="filter-message" role="status" hidden={!invalid}>
        {invalid && (
          <>
            <Icon name="error" />
            <span>{invalid.message}</span>
          </>
        )}
      </div>
    </header>
  );
}
