/** Owns the outer frame of the development page of the Playground. */
import { openStubPage } from '../stubPage';
import { scenes } from './scenes';
import { HOST_METHODS, StubPlayground } from './stubPlayground';

await openStubPage({
  scenes,
  first: 'ready',
  methods: HOST_METHODS,
  hostOf: (scene) => new StubPlayground(scene),
  connect: (host, peer) => void host.onState((state) => peer.emit('state', state)),
});
