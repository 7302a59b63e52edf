// Owns the writing measures: the same messages into the journal, the whole store, better-sqlite3 and a plain file. A turn of
// the event loop lies between every few messages, as there does when they come from sockets.
import { closeSync, fdatasyncSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { percentile } from '../lib/stats.mjs';
import { callOf, exchanges, metasOf } from './messages.mjs';
import { root } from './subjects.mjs';

const PER_TURN = 8;
/** A store has begun by then. */
const BEGUN_MS = 2000;
const turn = () => new Promise((resolve) => setImmediate(resolve));

export const WRITERS = {
  floor: 'raw disk: 1 MB writes, one fdatasync',
  least: 'the least a journal can do: CRC-32 of each message, and one write for it',
  journal: 'MCP Shark, the journal by itself',
  store: 'MCP Shark, the store with its workers',
  watched: 'MCP Shark, the same while a view looks on',
  recorder: 'MCP Shark, the store with its workers and redaction',
  normal: 'better-sqlite3, same tables, a transaction each, WAL, NORMAL',
  full: 'better-sqlite3, same tables, a transaction each, WAL, FULL',
  frames: 'better-sqlite3, frames and bodies alone, WAL, NORMAL',
};

/** Those of better-sqlite3. */
export const NATIVE = new Set(['normal', 'full', 'frames']);

/** About `bytes` of messages, ready to be written. `call`: what becomes of the row of its call with it. */
export function prepare(bytes) {
  const messages = [];
  let total = 0;
  for (const exchange of exchanges(root, 1, 1000)) {
    const bodies = [Buffer.from(exchange.request), Buffer.from(exchange.answer)];
    const metas = metasOf(exchange, bodies[0].length, bodies[1].length);
    const [asks, answers] = callOf(exchange, messages.length + 1);
    messages.push({ body: bodies[0], meta: metas[0], call: asks }, { body: bodies[1], meta: metas[1], call: answers });
    total += bodies[0].length + bodies[1].length;
    if (total >= bytes) return { messages, bytes: total };
  }
  throw new Error('unreachable');
}

/** One round of one writer: rates in MB/s, and what each message cost the calling thread in microseconds. */
export async function writeRound(id, work, context) {
  const dir = path.join(context.dir, `write-${id}`);
  await mkdir(dir, { recursive: true });
  try {
    return id === 'floor' ? floor(dir, work) : await timed(await open(id, dir, context), work);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function floor(dir, { messages, bytes }) {
  const whole = Buffer.concat(messages.map(({ body }) => body));
  const fd = openSync(path.join(dir, 'raw'), 'w');
  const began = performance.now();
  for (let at = 0; at < whole.length; at += 1 << 20) writeSync(fd, whole, at, Math.min(1 << 20, whole.length - at));
  const accepted = performance.now();
  fdatasyncSync(fd);
  const durable = performance.now();
  closeSync(fd);
  return { acceptedMbS: bytes / 1e3 / (accepted - began), durableMbS: bytes / 1e3 / (durable - began) };
}

/** `durable` resolves when everything is on the disk; `close` is not measured. */
async function timed({ write, durable, close }, { messages, bytes }) {
  const costs = new Float64Array(messages.length);
  const began = performance.now();
  for (let index = 0; index < messages.length; index++) {
    const from = performance.now();
    write(messages[index]);
    costs[index] = (performance.now() - from) * 1000;
    if (index % PER_TURN === PER_TURN - 1) await turn();
  }
  const accepted = performance.now();
  durable();
  const synced = performance.now();
  await close();
  return {
    acceptedMbS: bytes / 1e3 / (accepted - began),
    durableMbS: bytes / 1e3 / (synced - began),
    messagesS: messages.length / ((accepted - began) / 1e3),
    meanUs: costs.reduce((sum, cost) => sum + cost, 0) / costs.length,
    p50Us: percentile(costs, 0.5),
    p99Us: percentile(costs, 0.99),
    maxUs: costs.reduce((most, cost) => Math.max(most, cost), 0),
  };
}

async function open(id, dir, { lib, files, Database }) {
  if (id === 'least') return openLeast(path.join(dir, 'raw'));
  if (NATIVE.has(id)) return openNative(lib, Database, dir, id);
  const { systemClock: clock, nullLogger: logger } = lib;
  const sync = () => syncFile(path.join(dir, journalOf(dir)));
  if (id === 'journal') {
    const writer = new lib.JournalWriter({ dir, writer: 'bench', clock, logger, pid: process.pid, host: 'bench', socket: '' });
    const write = ({ meta, body }) => writer.append(meta, clock.wallMs(), clock.monotonicUs(), body);
    return { write, durable: sync, close: () => writer.close() };
  }
  const store = await lib.openStore({ ...files, dir, clock, logger, randomId: () => 'bench' });
  // Starting its workers and looking through the folder takes the other core for a while, once in a window's life.
  await new Promise((resolve) => setTimeout(resolve, BEGUN_MS));
  // A view, which asks, has what is written filed while it is written.
  if (id === 'watched') await store.settled();
  const { journal } = store;
  if (id === 'store' || id === 'watched') {
    const write = ({ meta, body }) => journal.append(meta, clock.wallMs(), clock.monotonicUs(), body);
    return { write, durable: sync, close: () => store.close() };
  }
  const recorder = lib.createRecorder({ journal, clock });
  const write = ({ meta, body }) => {
    const envelope = { kind: meta.kind, id: meta.id, method: meta.method };
    recorder.frame({ leg: meta.leg, direction: meta.dir, session: meta.s, server: meta.srv, envelope, bytes: body });
  };
  return { write, durable: sync, close: () => store.close() };
}

/** No head line, no numbers, nobody who is told. */
function openLeast(file) {
  const fd = openSync(file, 'w');
  const write = ({ body }) => {
    crc32(body);
    writeSync(fd, body);
  };
  return { write, durable: () => syncFile(file), close: () => closeSync(fd) };
}

function syncFile(file) {
  const fd = openSync(file, 'r+');
  fdatasyncSync(fd);
  closeSync(fd);
}

function journalOf(dir) {
  const names = readdirSync(dir).filter((name) => name.endsWith('.jnl'));
  if (names.length !== 1) throw new Error(`one journal was expected in ${dir}, not ${names.join(', ')}`);
  return names[0];
}

/**
 * The store's own tables and indexes. Each message is a row of `frame` and one of `body`, and its call a row of `call`, which a
 * request makes and an answer completes, all in one transaction: what the store files of a message, but for compression,
 * sessions, roll-ups and signatures. `frames`: without the calls.
 */
function openNative({ bucketOf, createFileSchema, finishFileSchema }, Database, dir, id) {
  const db = new Database(path.join(dir, 'bench.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${id === 'full' ? 'FULL' : 'NORMAL'}`);
  createFileSchema(db);
  finishFileSchema(db);
  const frame = db.prepare(`INSERT INTO frame(frame, time_ms, us, leg, direction, kind, session, server, rpc_id, method, own, bytes, redacted, damaged, call, call_part, body)
    VALUES (?,?,?,?,?,?,?,?,?,?,0,?,0,0,?,0,?)`);
  const body = db.prepare('INSERT INTO body VALUES (?, 0, 0, ?, ?)');
  const asked = db.prepare(`INSERT INTO call(frame, part, time_ms, start_us, origin, session, client, server, method, name, status, request_bytes, leg, size)
    VALUES (?, 0, ?, ?, 'client', ?, 'bench', ?, ?, ?, 'running', ?, ?, ?)`);
  const answered = db.prepare(`UPDATE call SET status = ?, duration_us = ?, bucket = ?, response_bytes = ?, error_code = ?, error_message = ?,
    response_frame = ?, size = request_bytes + ? WHERE frame = ? AND part = 0`);
  let n = 0;
  const insert = db.transaction(({ meta, body: bytes, call }) => {
    n++;
    const timeMs = Date.now();
    const us = Math.round(performance.now() * 1000);
    frame.run(n, timeMs, us, meta.leg, meta.dir, meta.kind, meta.s, meta.srv, meta.id, meta.method ?? null, meta.size, call.frame, n);
    body.run(n, bytes.length, bytes);
    if (id === 'frames') return;
    if (meta.dir === 'toServer') asked.run(n, timeMs, us, meta.s, meta.srv, meta.method, call.name, meta.size, meta.leg, meta.size);
    else answered.run(call.status, call.durationUs, bucketOf(call.durationUs), meta.size, call.errorCode, call.errorMessage, n, meta.size, call.frame);
  });
  return {
    write: insert,
    durable: () => syncFile(path.join(dir, 'bench.sqlite-wal')),
    close: () => db.close(),
  };
}
