/**
 * Owns reading a closed store as people do: the `frames` and `events` views of its SQLite files, in the order in which
 * the gateway recorded them. For tests that hold the log against what really crossed the wire.
 */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import initSqlJs from 'sql.js';

export interface StoredFrame {
  readonly frame: number;
  readonly leg: 'downstream' | 'upstream';
  readonly direction: 'toServer' | 'toClient';
  readonly kind: 'request' | 'result' | 'error' | 'notification' | 'batch' | 'invalid';
  readonly session: string;
  readonly server: string | null;
  readonly method: string | null;
  /** Size on the wire. */
  readonly bytes: number;
  readonly body: string;
  readonly call: number | null;
  readonly forwards: number | null;
  readonly cause: number | null;
  readonly own: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly redacted: number;
}

export interface StoredEvent {
  readonly frame: number;
  readonly type: string;
  readonly session: string | null;
  readonly server: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Stored {
  readonly frames: readonly StoredFrame[];
  readonly events: readonly StoredEvent[];
}

const FRAME_COLUMNS = 'frame, leg, direction, kind, session, server, method, bytes, body, call, forwards, cause, own, headers, redacted';

/** Reads the one segment of a store that one gateway wrote and closed. */
export async function readClosedStore(dir: string): Promise<Stored> {
  const names = await readdir(dir);
  const segments = names.filter((name) => name.endsWith('.sqlite'));
  if (segments.length !== 1 || names.some((name) => name.includes('.jnl'))) {
    throw new Error(`A closed store holds one segment and no journal; ${dir} holds: ${names.join(', ')}`);
  }
  const { Database } = await initSqlJs();
  const database = new Database(await readFile(path.join(dir, segments[0]!)));
  const rows = (sql: string): Record<string, unknown>[] => {
    const statement = database.prepare(sql);
    const found: Record<string, unknown>[] = [];
    while (statement.step()) found.push(statement.getAsObject());
    statement.free();
    return found;
  };
  try {
    const frames = rows(`SELECT ${FRAME_COLUMNS} FROM frames ORDER BY frame`).map(
      (row) => ({ ...row, own: row['own'] === 1, headers: JSON.parse(String(row['headers'] ?? '{}')) }) as unknown as StoredFrame,
    );
    const events = rows('SELECT frame, type, session, server, data FROM events ORDER BY frame').map(
      (row) => ({ ...row, data: JSON.parse(String(row['data'])) }) as unknown as StoredEvent,
    );
    return { frames, events };
  } finally {
    database.close();
  }
}
