/** Owns how long a view waits for an answer of the extension host that should be at hand. */
import { withDeadline } from '../../extension/util/async';
import type { Clock } from '../../extension/util/clock';
import { AppError } from '../../extension/util/errors';

/** How long the host may take for what it has at hand before it counts as gone. */
export const ANSWER_DEADLINE_MS = 10_000;

/** So long after the host has not answered, what must not stay undone is asked once more. */
export const RETRY_MS = 5_000;

/** Waits for an answer; rejects with `rpc.closed` where the host says nothing for too long. */
export async function answered<T>(promise: Promise<T>, clock: Clock): Promise<T> {
  const result = await withDeadline(promise, ANSWER_DEADLINE_MS, clock);
  if (result === 'late') throw new AppError('rpc.closed', 'no answer');
  return result as T;
}
