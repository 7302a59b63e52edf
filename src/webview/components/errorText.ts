/** Owns the words for what failed between a view and its host. */
import { isAppError, messageOf } from '../../extension/util/errors';

/** What is meant for users as it says it itself; anything else is in the log. */
export function errorText(error: unknown): string {
  if (isAppError(error, 'rpc.closed')) return 'The extension host did not answer within 10 s. If this stays, run Developer: Restart Extension Host.';
  return isAppError(error) && !error.userFacing ? 'Something went wrong. The log says what.' : messageOf(error);
}
