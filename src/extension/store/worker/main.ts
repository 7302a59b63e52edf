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
import { Pace } from './pace';
import { Sealer } from './sealer';
import { SqlEngine } from './sqlEngine';
import { StoreView } from './storeView';

const advanceEveryMs = 100;

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
  /** For who asks: what was not filed while nobody did is filed first. */
  const attended = async (): Promise<StoreView> => {
    const view = await opened;
    const wasAttended = pace.isAttended;
    pace.asked();
    if ((!wasAttended || view.isBehind) && (await view.refresh())) advanced.trigger();
    return view;
  };
  const handlers: Handlers<QueryWorkerApi> = {
    async catchUp() {
      const view = await opened;
      pace.asked();
      if (await view.refresh()) advanced.trigger();
      return through(view);
    },
    async page(query, signal) {
      const view = await attended();
      return view.page(query, () => through(view), signal);
    },
    async summary(filter, signal) {
      return (await attended()).summary(filter, signal);
    },
    async call(id) {
      return (await attended()).call(id);
    },
  };
  const peer = new Peer(channelOf(port), handlers);
  const advanced = new Throttle(
    () => void opened.then((view) => peer.emit('advanced', { through: through(view) }), () => undefined),
    advanceEveryMs,
    systemClock,
  );
  const pace = new Pace({
    file: async (budgetMs) => {
      try {
        const view = await opened;
        const changed = await view.refresh(budgetMs);
        return { changed, more: view.isBehind };
      } catch (error) {
        peer.emit('warning', `The store's folder could not be read: ${messageOf(error)}`);
        return { changed: false, more: false };
      }
    },
    onNews: () => advanced.trigger(),
    clock: systemClock,
  });
  peer.on('grew')(() => pace.look());
  opened.then(
    () => {
      peer.emit('ready', null);
      advanced.trigger();
      // This window's own journal tells by itself that it grew.
      const own = `${setup.writer}-`;
      watchFolder(setup.dir, setup.pollMs, (name) => !name.startsWith(own), () => pace.look());
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
    retain: (limits) => queue.run(async () => (await opened).retain(limits)),
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
