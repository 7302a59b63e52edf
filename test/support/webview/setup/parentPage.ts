/** Owns the outer frame of the development page of the Setup view. */
import { openStubPage } from '../stubPage';
import { scenes } from './scenes';
import { HOST_METHODS, StubSetup } from './stubSetup';

await openStubPage({
  scenes,
  first: 'running',
  methods: HOST_METHODS,
  hostOf: (scene) => new StubSetup(scene),
  connect: (host, peer) => void host.onState((state) => peer.emit('state', state)),
});
