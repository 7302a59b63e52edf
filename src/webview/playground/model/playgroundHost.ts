/** Owns what the Playground model needs of the extension host. The model sees no channel and no VS Code. */
import type { PlaygroundState } from '../../../extension/contract/playground';
import type { PlaygroundApi, PlaygroundEvents } from '../../../extension/contract/playgroundApi';
import { createProxy, type Peer } from '../../../extension/rpc/peer';
import { withDeadline } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { AppError } from '../../../extension/util/errors';
import type { Event } from '../../../extension/util/event';

export interface PlaygroundHost {
  readonly api: PlaygroundApi;
  readonly onState: Event<PlaygroundState>;
}

export function connectPlaygroundHost(peer: Peer): PlaygroundHost {
  return { api: createProxy<PlaygroundApi>(peer), onState: peer.on<PlaygroundEvents['state']>('state') };
}

/** How long the host may take for what it has at hand before it counts as gone. */
export const ANSWER_DEADLINE_MS = 10_000;

/** Waits for an answer; rejects with `rpc.closed` where the host says nothing for too long. */
export async function answered<T>(promise: Promise<T>, clock: Clock): Promise<T> {
  const result = await withDeadline(promise, ANSWER_DEADLINE_MS, clock);
  if (result === 'late') throw new AppError('rpc.closed', 'no answer');
  return result as T;
}
