/** Owns the picture of a server's state: shape and colour together, the words in the tooltip. */
import type { VNode } from 'preact';
import type { ServerState } from '../../../extension/contract/status';
import { Icon } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import { strings } from '../strings';

const icons: Readonly<Record<ServerState['kind'], string>> = {
  idle: 'circle-outline',
  starting: 'loading codicon-modifier-spin',
  running: 'pass',
  failed: 'error',
  waitingForApproval: 'shield',
  disabled: 'circle-slash',
  refused: 'circle-slash',
};

/** Decoration where the word stands beside it, as it does in every row. */
export function StateIcon({ state }: { readonly state: ServerState }): VNode {
  return (
    <span title={visibleLine(strings.stateLong(state))} class="state-icon">
      <Icon name={icons[state.kind]} class={`state-${state.kind}`} />
    </span>
  );
}
