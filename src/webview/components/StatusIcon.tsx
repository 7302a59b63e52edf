/** Owns the picture of a call's outcome: shape and colour together, the word in the tooltip and for screen readers. */
import type { VNode } from 'preact';
import type { CallStatus } from '../../extension/contract/traffic';
import { Icon } from './Icon';

const icons: Readonly<Record<CallStatus, string>> = {
  running: 'loading codicon-modifier-spin',
  ok: 'check',
  error: 'error',
  toolError: 'error',
  transportError: 'debug-disconnect',
  cancelled: 'circle-slash',
  timedOut: 'watch',
  blocked: 'lock',
  unrecorded: 'debug-pause',
};

export function StatusIcon({ status, label }: { readonly status: CallStatus; readonly label: string }): VNode {
  return <Icon name={icons[status]} class={`status status-${status}`} title={label} />;
}
