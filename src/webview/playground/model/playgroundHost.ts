/** Owns what the Playground model needs of the extension host. The model sees no channel and no VS Code. */
import type { PlaygroundState } from '../../../extension/contract/playground';
import type { PlaygroundApi, PlaygroundEvents } from '../../../extension/contract/playgroundApi';
import { createProxy, type Peer } from '../../../extension/rpc/peer';
import type { Event } from '../../../extension/util/event';

export interface PlaygroundHost {
  readonly api: PlaygroundApi;
  readonly onState: Event<PlaygroundState>;
}

export function connectPlaygroundHost(peer: Peer): PlaygroundHost {
  return { api: createProxy<PlaygroundApi>(peer), onState: peer.on<PlaygroundEvents['state']>('state') };
}
