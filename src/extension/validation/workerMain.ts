/** Owns the entry of the thread that checks values against schemas (bundled as dist/validationWorker.js). */
import { parentPort } from 'node:worker_threads';
import { Peer } from '../rpc/peer';
import { Emitter } from '../util/event';
import { check } from './check';

if (parentPort) {
  const port = parentPort;
  const messages = new Emitter<unknown>();
  const peer = new Peer({ post: (message) => port.postMessage(message), onMessage: messages.event }, { check });
  port.on('message', (message) => messages.fire(message));
  peer.emit('ready', null);
}
