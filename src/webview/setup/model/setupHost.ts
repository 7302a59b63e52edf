/** Owns what the Setup model needs of the extension host. The model sees no channel and no VS Code. */
import type { SetupState } from '../../../extension/contract/setup';
import type { SetupApi, SetupEvents } from '../../../extension/contract/setupApi';
import { createProxy, type Peer } from '../../../extension/rpc/peer';
import type { Event } from '../../../extension/util/event';

export interface SetupHost {
  readonly api: SetupApi;
  readonly onState: Event<SetupState>;
}

export function connectSetupHost(peer: Peer): SetupHost {
  return { api: createProxy<SetupApi>(peer), onState: peer.on<SetupEvents['state']>('state') };
}
