/** Owns the outer frame of the development page of the Traffic view. */
import { scenes } from './scenes';
import { HOST_METHODS, StubHost } from './stubHost';
import { openStubPage } from './stubPage';

await openStubPage({
  scenes,
  first: 'busy',
  methods: HOST_METHODS,
  hostOf: (scene) => new StubHost(scene),
  connect: (host, peer) => ({
    /** So many calls come in. */
    add(count: number) {
      host.add(count);
      peer.emit('advanced', { through: host.total });
    },
  }),
});
