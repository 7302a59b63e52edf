/**
 * Owns the entry of the store's worker threads (bundled as dist/storeWorker.js): starts sql.js and serves one of the two
 * roles over the thread's port. Nothing here is authoritative: a worker may be killed and started again at any time.
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { Peer, type Channel, type Handlers } from '../../rpc/peer';
import { SerialQueue, Throttle } from '../../util/async';
import { systemClock } from '../../util/clock';
import { messageOf } from '../../util/errors';
import { Emitter } from '../../util/event';
import type { QueryWorkerApi, SealerWorkerApi, WorkerSetup } from './api';
import { watchFolder } from './folderWatch';
import { Sealer } from './sealer';
import { SqlEngine } from './sqlEngine';
import { StoreView } from './storeView';

const advanceEveryMs = 100;
const lookEveryMs = 25;

function channelOf(port: MessagePort): Channel {
  const messages = new Emitter<unknown>();
  port.on('message', (message) => messages.fire(message));
  return { post: (message) => port.postMessage(message), onMessage: messages.event };
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function serveQueries(port: MessagePort, setup: WorkerSetup, engine: Promise<SqlEngine>): void {
  const opened = engine.then(async (started) => {
    const view = new StoreView({
      dir: setup.dir,
      engine: started,
      now: () => Date.now(),
      breathe,
      warn: (message) => peer.emit('warning', message),
    });
    await view.refresh();
    return view;
  });
  const through = (view: StoreView): number => view.lastOf(setup.writer);
  const handlers: Handlers<QueryWorkerApi> = {
    async catchUp() {
      const view = await opened;
      if (await view.refresh()) advanced.trigger();
      return through(view);
    },
    async page(query, signal) {
      const view = await opened;
      return view.page(query, () => through(view), signal);
    },
    async summary(filter, signal) {
      return (await opened).summary(filter, signal);
    },
    async call(id) {
      return (await opened).call(id);
    },
  };
  const peer = new Peer(channelOf(port), handlers);
  const advanced = new Throttle(
    () => void opened.then((view) => peer.emit('advanced', { through: through(view) }), () => undefined),
    advanceEveryMs,
    systemClock,
  );
  const look = new Throttle(
    () =>
      void opened
        .then(async (view) => {
          if (await view.refresh()) advanced.trigger();
        })
        .catch((error: unknown) => peer.emit('warning', `The store's folder could not be read: ${messageOf(error)}`)),
    lookEveryMs,
    systemClock,
  );
  peer.on('grew')(() => look.trigger());
  opened.then(
    () => {
      peer.emit('ready', null);
      advanced.trigger();
      watchFolder(setup.dir, setup.pollMs, () => look.trigger());
    },
    (error: unknown) => peer.emit('failed', messageOf(error)),
  );
}

function serveSealing(port: MessagePort, setup: WorkerSetup, engine: Promise<SqlEngine>): void {
  const queue = new SerialQueue();
  const opened = engine.then(
    (started) =>
      new Sealer({
        dir: setup.dir,
        engine: started,
        me: setup.writer,
        now: () => Date.now(),
        compressFrom: setup.compressFrom,
        warn: (message) => peer.emit('warning', message),
      }),
  );
  const handlers: Handlers<SealerWorkerApi> = {
    snapshot: (k) => queue.run(async () => (await opened).snapshot(k)),
    seal: (k, ending) => queue.run(async () => void (await opened).seal(k, ending)),
    recover: () => queue.run(async () => (await opened).recover()),
  };
  const peer = new Peer(channelOf(port), handlers);
  opened.then(
    () => peer.emit('ready', null),
    (error: unknown) => peer.emit('failed', messageOf(error)),
  );
}

if (parentPort) {
  const setup = workerData as WorkerSetup;
  const engine = SqlEngine.start(setup.wasmFile, setup.dir);
  if (setup.role === 'query') serveQueries(parentPort, setup, engine);
  else serveSealing(parentPort, setup, engine);
}
