// Owns the history that questions are asked of: a week of messages in the store's folder, sealed by the store's own sealer,
// and the same rows and indexes in one file of better-sqlite3, bodies as plain text.
import { readdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { exchanges, metasOf } from './messages.mjs';
import { root } from './subjects.mjs';

const WEEK_MS = 7 * 24 * 3600 * 1000;
const BATCH = 50;
const PER_TURN = 50;

/** Builds both; gives folders, times and sizes. `Database` may be absent. */
export async function buildCorpus({ lib, files, Database, dir, messages, log }) {
  const folder = path.join(dir, 'store');
  await mkdir(folder, { recursive: true });
  const native = Database && path.join(dir, 'native.sqlite');
  const db = native && openForLoading(Database, native);
  const endMs = Date.now();
  const calls = Math.ceil(messages / 2);
  const timer = () => ({ dispose() {} });
  const clock = { wallMs: () => endMs - WEEK_MS, monotonicUs: () => 0, timer };
  const engine = await lib.SqlEngine.start(files.wasmFile, folder);
  const warn = (message) => log(`warning: ${message}`);
  const sealer = new lib.Sealer({ dir: folder, engine, me: 'bench', now: () => endMs, warn });
  const writer = new lib.JournalWriter({ dir: folder, writer: 'bench', clock, logger: { ...lib.nullLogger, warn }, pid: process.pid, host: 'bench', socket: '' });
  let rotated = [];
  writer.onDidRotate((k) => rotated.push(k));
  let sealedMs = 0;
  const seal = (k, ending) => {
    const began = performance.now();
    sealer.seal(k, ending);
    sealedMs += performance.now() - began;
  };
  let rawBytes = 0;
  let call = 0;
  for (const exchange of exchanges(root, 2, calls)) {
    if (call >= calls) break;
    const wallMs = Math.floor(endMs - WEEK_MS + (WEEK_MS * call) / calls);
    const us = Math.floor(((WEEK_MS * call) / calls) * 1000);
    const bodies = [Buffer.from(exchange.request), Buffer.from(exchange.answer)];
    const metas = metasOf(exchange, bodies[0].length, bodies[1].length);
    const frame = writer.append(metas[0], wallMs, us, bodies[0]);
    writer.append(metas[1], wallMs + Math.round(exchange.durationUs / 1000), us + exchange.durationUs, bodies[1]);
    rawBytes += bodies[0].length + bodies[1].length;
    db?.body(frame, exchange.request, exchange.answer);
    if (++call % PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    if (rotated.length > 0) {
      for (const k of rotated) seal(k, 'handOver');
      rotated = [];
      log(`${(call * 2).toLocaleString('en')} of ${messages.toLocaleString('en')} messages, ${(rawBytes / 1e9).toFixed(1)} GB`);
    }
  }
  const { k } = writer.position;
  writer.close();
  seal(k, 'last');
  // The index of segments, as a window that was open leaves it.
  const view = new lib.StoreView({ dir: folder, engine, now: () => endMs, breathe: () => new Promise((resolve) => setImmediate(resolve)), warn });
  await view.refresh();
  await view.openAhead();
  await view.writeIndex('bench');
  view.close();
  const names = readdirSync(folder);
  if (db) {
    log('copying rows and indexes to better-sqlite3');
    db.finish(names.filter((name) => name.endsWith('.sqlite')).map((name) => path.join(folder, name)));
  }
  const size = (name) => statSync(path.join(folder, name)).size;
  const sum = (suffix) => names.filter((name) => name.endsWith(suffix)).reduce((total, name) => total + size(name), 0);
  return {
    folder,
    native,
    endMs,
    messages: calls * 2,
    rawBytes,
    segments: names.filter((name) => name.endsWith('.sqlite')).length,
    diskBytes: names.reduce((total, name) => total + size(name), 0),
    signatureBytes: sum('.sig'),
    nativeBytes: native ? statSync(native).size : undefined,
    sealMbS: rawBytes / 1e3 / sealedMs,
  };
}

function openForLoading(Database, file) {
  const db = new Database(file);
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  db.exec('CREATE TABLE body(frame INTEGER PRIMARY KEY, data TEXT NOT NULL)');
  const insert = db.prepare('INSERT INTO body VALUES (?, ?)');
  let waiting = 0;
  return {
    body(frame, request, answer) {
      if (waiting === 0) db.exec('BEGIN');
      insert.run(frame, request);
      insert.run(frame + 1, answer);
      waiting = (waiting + 1) % BATCH;
      if (waiting === 0) db.exec('COMMIT');
    },
    finish(segments) {
      if (waiting > 0) db.exec('COMMIT');
      segments.forEach((segment, index) => {
        db.prepare('ATTACH ? AS segment').run(segment);
        const schema = (type) =>
          db.prepare("SELECT sql FROM segment.sqlite_schema WHERE type = ? AND tbl_name IN ('call', 'frame') AND sql IS NOT NULL").pluck().all(type);
        if (index === 0) for (const sql of schema('table')) db.exec(sql);
        for (const table of ['call', 'frame']) db.exec(`INSERT OR REPLACE INTO main.${table} SELECT * FROM segment.${table}`);
        if (index === segments.length - 1) for (const sql of schema('index')) db.exec(sql);
        db.exec('DETACH segment');
      });
      db.close();
    },
  };
}
