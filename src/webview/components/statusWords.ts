/** Owns the words for how a call ended, the same wherever one is shown. */
import type { CallStatus } from '../../extension/contract/traffic';

export const statusWords: Readonly<Record<CallStatus, string>> = {
  running: 'Running',
  ok: 'OK',
  error: 'Error',
  toolError: 'Tool error',
  transportError: 'Connection lost',
  cancelled: 'Cancelled',
  timedOut: 'Timed out',
  blocked: 'Blocked',
  unrecorded: 'Outcome unknown',
};
