/**
 * Owns the entry of the store's workers (bundled as dist/storeWorker.js), threads or processes: starts sql.js and serves
 * one of the two roles over the port or channel it was started with. Nothing here is authoritative: a worker may be killed and started again at any time.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Peer, type Channel, type Handlers } from '../../rpc/peer';
import { SerialQueue, Throttle } from '../../util/async';
import { systemClock } from '../../util/clock';
import { messageOf } from '../../util/errors';
import { PROCESS_ARGUMENT } from '../workerPort';
import { Emitter } from '../../util/event';
import type { QueryWorkerApi, SealerWorkerApi, WorkerSetup } from './api';
import { watchFolder } from './folderWatch';
import { announce } from './noteFiles';
import { Pace } from './pace';
import { Sealer } from './sealer';
import { SqlEngine } from './sqlEngine';
import { StoreView } from './storeView';

const advanceEveryMs = 100;

/** A thread's port, or a process's channel to its parent. */
interface Port {
  on(event: 'message', listener: (message: unknown) => void): void;
  postMessage(message: unknown): void;
}

function channelOf(port: Port): Channel {
  const messages = new Emitter<unknown>();
  port.on('message', (message) => messages.fire(message));
  return { post: (message) => port.postMessage(message), onMessage: messages.event };
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function serveQueries(port: Port, setup: WorkerSetup, engine: Promise<SqlEngine>): void {
  const opened = engine.then(async (started) => {
    const view = new StoreView({
      dir: setup.dir,
      engine: started,
      writer: setup.writer,
      now: () => Date.now(),
      breathe,
      warn: (message) => peer.emit('warning', message),
      onSearched: () => advanced.trigger(),
      onUnreadable: () => peer.emit('unreadable', view.unreadable),
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
    async summary(selection, signal) {
      return (await attended()).summary(selection, signal);
    },
    async groups(query, signal) {
      const view = await attended();
      return view.groups(query, () => through(view), signal);
    },
    async timeline(query, signal) {
      const view = await attended();
      return view.timeline(query, () => through(view), signal);
    },
    async statistics(query, signal) {
      const view = await attended();
      return view.statistics(query, () => through(view), signal);
    },
    async call(id, signal) {
      return (await attended()).call(id, signal);
    },
    async body(ref, fromByte, limit, signal) {
      return (await attended()).body(ref, fromByte, limit, signal);
    },
    async annotate(ids, change) {
      await (await attended()).annotate(ids, change, setup.writer);
      advanced.trigger();
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
        if (changed) void view.writeIndex(setup.writer);
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
  peer.on('rotated')(() => announce(setup.dir, setup.writer));
  opened.then(
    (view) => {
      peer.emit('ready', null);
      advanced.trigger();
      const openAhead = async (): Promise<void> => {
        if (await view.openAhead()) advanced.trigger();
        await view.writeIndex(setup.writer);
      };
      // What is wrong is found out, and said, when somebody asks.
      openAhead().catch(() => undefined);
      announce(setup.dir, setup.writer);
      // This window's own journal tells by itself that it grew.
      const own = `${setup.writer}-`;
      watchFolder(setup.dir, setup.pollMs, (name) => !name.startsWith(own), () => pace.look());
    },
    (error: unknown) => peer.emit('failed', messageOf(error)),
  );
}

function serveSealing(port: Port, setup: WorkerSetup, engine: Promise<SqlEngine>): void {
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
    seal: (k, ending) => queue.run(async () => (await opened).seal(k, ending)),
    quarantine: (k) => queue.run(async () => (await opened).quarantine(k)),
    recover: () => queue.run(async () => (await opened).recover()),
    retain: (limits) => queue.run(async () => (await opened).retain(limits)),
  };
  const peer = new Peer(channelOf(port), handlers);
  opened.then(
    () => peer.emit('ready', null),
    (error: unknown) => peer.emit('failed', messageOf(error)),
  );
}

function serve(port: Port, setup: WorkerSetup): void {
  const engine = SqlEngine.start(setup.wasmFile, setup.dir);
  if (setup.role === 'query') serveQueries(port, setup, engine);
  else serveSealing(port, setup, engine);
}

/** The channel to the process that forked this one; with it this one ends. */
function channelToParent(): Port {
  process.on('disconnect', () => process.exit());
  // Meant for the parent, in whose group this one is: the parent decides when this one is done.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  return {
    on: (event, listener) => void process.on(event, listener),
    postMessage: (message) => {
      if (process.connected) process.send?.(message, undefined, {}, () => undefined);
    },
  };
}

if (parentPort) serve(parentPort, workerData as WorkerSetup);
else if (process.argv[2] === PROCESS_ARGUMENT) serve(channelToParent(), JSON.parse(process.argv[3] ?? '') as WorkerSetup);
