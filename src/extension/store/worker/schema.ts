/**
 * Owns the tables and views of every database of the store: the memory table of a journal, snapshots and sealed
 * segments share them. They are documented in docs/store.md; people and tools read the views, so a column is only ever
 * added, and a change of meaning takes a new `schemaVersion`.
 *
 * A frame's key is `w * 2^40 + n`: the number of its writer in table `writer`, and its own number.
 */
import { fillRolls, rollTables, totalColumns, totalSql } from './rollups';
import type { Database } from './sqlEngine';

export const schemaVersion = 3;
/** "MCPS". */
export const applicationId = 0x4d435053;
export const writerFactor = 2 ** 40;
/** Largest part of a body in one row: bigger values make the WASM heap grow for good. */
export const bodyPartBytes = 4 * 1024 * 1024;

const tables = `
CREATE TABLE info(key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE writer(w INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE call(
  frame INTEGER NOT NULL, part INTEGER NOT NULL, time_ms INTEGER NOT NULL, start_us INTEGER NOT NULL,
  origin TEXT NOT NULL, session TEXT NOT NULL, client TEXT, server TEXT, method TEXT NOT NULL, name TEXT, detail TEXT,
  status TEXT NOT NULL, duration_us INTEGER, bucket INTEGER, upstream_us INTEGER,
  request_bytes INTEGER NOT NULL, response_bytes INTEGER, error_code INTEGER, error_message TEXT, leg TEXT NOT NULL,
  response_frame INTEGER, other_request_frame INTEGER, other_response_frame INTEGER, parent_frame INTEGER,
  conversation TEXT, prompt TEXT, traceparent TEXT, definition TEXT, size INTEGER NOT NULL,
  PRIMARY KEY(frame, part)) WITHOUT ROWID;
CREATE TABLE event(
  frame INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, us INTEGER NOT NULL, type TEXT NOT NULL, session TEXT, server TEXT,
  data TEXT NOT NULL);
CREATE TABLE session(
  id TEXT PRIMARY KEY, started_ms INTEGER NOT NULL, ended_ms INTEGER, client_name TEXT, client_version TEXT,
  protocol_version TEXT, kind TEXT);
`;

const frameTable = `
CREATE TABLE frame(
  frame INTEGER PRIMARY KEY, time_ms INTEGER NOT NULL, us INTEGER NOT NULL, leg TEXT NOT NULL, direction TEXT NOT NULL,
  kind TEXT NOT NULL, session TEXT NOT NULL, server TEXT, rpc_id TEXT, method TEXT, forwards INTEGER, cause INTEGER,
  own INTEGER NOT NULL, headers TEXT, bytes INTEGER NOT NULL, redacted INTEGER NOT NULL, damaged INTEGER NOT NULL,
  call INTEGER, call_part INTEGER, body INTEGER, definition TEXT);
`;

/** enc: 0 plain, 1 zstd, 2 raw deflate, 3 as another one but for the id (repeats.ts). bytes: of this part, decompressed. */
const bodyTables = `
CREATE TABLE body(frame INTEGER NOT NULL, part INTEGER NOT NULL, enc INTEGER NOT NULL, bytes INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY(frame, part)) WITHOUT ROWID;
CREATE TABLE carry(frame INTEGER PRIMARY KEY);
`;

const orderIndexes = `
CREATE INDEX call_time ON call(time_ms, frame, part);
CREATE INDEX call_parent ON call(parent_frame) WHERE parent_frame IS NOT NULL;
`;

const frameIndexes = `
CREATE INDEX frame_call ON frame(call) WHERE call IS NOT NULL;
CREATE INDEX frame_same ON frame(body) WHERE body <> frame;
`;

const segmentIndexes = `
CREATE INDEX call_server ON call(server, time_ms, status);
CREATE INDEX call_method ON call(method, time_ms);
CREATE INDEX call_name ON call(name, time_ms);
CREATE INDEX call_session ON call(session, time_ms);
CREATE INDEX call_client ON call(client, time_ms);
CREATE INDEX call_duration ON call(bucket, duration_us, time_ms);
CREATE INDEX call_size ON call(size, time_ms);
CREATE INDEX call_trouble ON call(status, time_ms) WHERE status <> 'ok';
`;

const notSaid = (bytes: string): string => `'(' || ${bytes} || ' bytes, compressed; see docs/store.md)'`;
/** Of body `key`; as bytes, since places in it are counted so. */
const partsOf = (key: string): string => `SELECT max(b.enc) AS enc, sum(b.bytes) AS bytes, CAST(group_concat(CAST(b.data AS TEXT), '') AS BLOB) AS data FROM body b WHERE b.frame = ${key}`;
/** What is stored as what it differs in from another text (repeats.ts) is put together again. */
const repeatOf = (form: string, bytes: string): string => `(SELECT (SELECT CASE o.enc
      WHEN 0 THEN CAST(substr(o.data, 1, r.place) AS TEXT) || r.id || CAST(substr(o.data, r.place + r.length + 1) AS TEXT)
      ELSE ${notSaid(bytes)} END FROM (${partsOf('r.first')}) o)
    FROM (SELECT json_extract(${form}, '$[0]') AS first, json_extract(${form}, '$[1]') AS place, json_extract(${form}, '$[2]') AS length, json_extract(${form}, '$[3]') AS id) r)`;
const textOf = (frame: string): string => `(SELECT (SELECT CASE p.enc WHEN 0 THEN CAST(p.data AS TEXT) WHEN 3 THEN ${repeatOf('CAST(p.data AS TEXT)', 'p.bytes')}
    ELSE ${notSaid('p.bytes')} END FROM (${partsOf('x.body')}) p) FROM frame x WHERE x.frame = ${frame})`;

const iso = (column: string): string => `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`;
const writerOf = (key: string): string => `(SELECT w.name FROM writer w WHERE w.w = ${key} / ${writerFactor})`;

const views = `
CREATE VIEW calls AS SELECT
  ${writerOf('c.frame')} || '/' || (c.frame % ${writerFactor}) || CASE c.part WHEN 0 THEN '' ELSE '.' || c.part END AS id,
  c.time_ms, ${iso('c.time_ms')} AS time, c.session, c.client, c.server, c.method, c.name, c.status, c.duration_us,
  c.upstream_us, c.request_bytes, c.response_bytes,
  CASE c.origin WHEN 'http' THEN (SELECT e.data FROM event e WHERE e.frame = c.frame) ELSE ${textOf('c.frame')} END AS request,
  ${textOf('c.response_frame')} AS response,
  c.detail, c.error_code, c.error_message, c.origin, c.conversation, c.prompt, c.traceparent,
  c.parent_frame % ${writerFactor} AS parent_frame, c.frame % ${writerFactor} AS frame, c.definition
  FROM call c;
CREATE VIEW frames AS SELECT
  ${writerOf('f.frame')} AS writer, f.frame % ${writerFactor} AS frame, f.time_ms, ${iso('f.time_ms')} AS time, f.us, f.leg,
  f.direction, f.kind, f.session, f.server, f.method, f.rpc_id, f.bytes, ${textOf('f.frame')} AS body,
  f.call % ${writerFactor} AS call, f.forwards % ${writerFactor} AS forwards, f.cause % ${writerFactor} AS cause,
  f.own, f.headers, f.redacted, f.damaged
  FROM frame f;
CREATE VIEW events AS SELECT
  ${writerOf('e.frame')} AS writer, e.frame % ${writerFactor} AS frame, e.time_ms, ${iso('e.time_ms')} AS time, e.type,
  e.session, e.server, e.data FROM event e;
CREATE VIEW sessions AS SELECT
  s.id, s.started_ms, ${iso('s.started_ms')} AS started, s.ended_ms, ${iso('s.ended_ms')} AS ended, s.client_name,
  s.client_version, s.protocol_version, s.kind FROM session s;
`;

/** What older versions lack. Seen under the tables' own names, so that queries need not know of versions. */
const sinceVersion2 = `
CREATE TEMP VIEW call AS SELECT *, NULL AS definition, request_bytes + ifnull(response_bytes, 0) AS size FROM main.call;
CREATE TEMP VIEW frame AS SELECT *, NULL AS definition FROM main.frame;
CREATE TEMP VIEW session AS SELECT *, NULL AS kind FROM main.session;
`;

/** Totals had no method and name. */
const sinceVersion3 = `CREATE TEMP VIEW total(${totalColumns}) AS ${totalSql('main.roll')};`;

/** Makes a file of an older version look like one of this. Throws where it is of a newer one. */
export function bringUpToDate(db: Database, version: number): void {
  if (version < 2) db.exec(sinceVersion2);
  else if (version < 3) db.exec(sinceVersion3);
}

/** Makes the tables of a journal that is being followed, but for that of its frames (`createFrameTable`); gives the database. */
export function createMemorySchema(db: Database): Database {
  db.exec(tables + orderIndexes);
  return db;
}

/** Makes the table of frames of a journal that is being followed. */
export function createFrameTable(db: Database): void {
  db.exec(frameTable + frameIndexes);
}

/** Makes the tables of a file; indexes and views come last, when the rows are in (`finishFileSchema`). */
export function createFileSchema(db: Database): void {
  db.exec(`PRAGMA user_version = ${schemaVersion}; PRAGMA application_id = ${applicationId};${tables}${frameTable}${bodyTables}${rollTables}`);
}

export function finishFileSchema(db: Database): void {
  fillRolls(db);
  db.exec(`${orderIndexes}${frameIndexes}${segmentIndexes}${views}
    INSERT OR REPLACE INTO info SELECT 'calls', count(*) FROM call;
    INSERT OR REPLACE INTO info SELECT 'minMs', min(time_ms) FROM call;
    INSERT OR REPLACE INTO info SELECT 'maxMs', max(time_ms) FROM call;
    INSERT OR REPLACE INTO info SELECT 'texts', count(*) FROM frame WHERE body = frame;`);
}
