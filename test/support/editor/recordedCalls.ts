// Reads what the product put on disk the way anyone could: every *.sqlite file below its storage folder, with Debian's
// `sqlite3` tool, or sql.js where that tool is not installed. Only the documented view `calls` is used.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import initSqlJs from 'sql.js';

export interface RecordedCall {
  readonly server: string | null;
  readonly method: string;
  readonly name: string | null;
  readonly status: string;
  readonly duration_us: number | null;
  readonly session: string | null;
  readonly request: string | null;
  readonly response: string | null;
}

const query = 'SELECT server, method, name, status, duration_us, session, request, response FROM calls';

/** Every call in every database file; an empty list while there is none yet. */
export async function readRecordedCalls(storageFolder: string): Promise<RecordedCall[]> {
  for (;;) {
    const files = await Promise.all((await sqliteFiles(storageFolder)).map(readIfThere));
    // A file that is gone again has been put into another one: only a new look finds its calls.
    if (files.every((calls) => calls !== undefined)) return files.flat();
  }
}

async function readIfThere(file: string): Promise<RecordedCall[] | undefined> {
  try {
    return await readFileWithSqlite(file);
  } catch (error) {
    if (!existsSync(file)) return undefined;
    throw error;
  }
}

export async function sqliteFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.sqlite')).map((entry) => join(entry.parentPath, entry.name));
}

async function readFileWithSqlite(file: string): Promise<RecordedCall[]> {
  try {
    const { stdout } = await promisify(execFile)('sqlite3', ['-readonly', '-json', file, query], { maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim() === '' ? [] : (JSON.parse(stdout) as RecordedCall[]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return readFileWithSqlJs(file);
  }
}

async function readFileWithSqlJs(file: string): Promise<RecordedCall[]> {
  const { Database } = await initSqlJs();
  const database = new Database(await readFile(file));
  try {
    const statement = database.prepare(query);
    const rows: RecordedCall[] = [];
    while (statement.step()) rows.push(statement.getAsObject() as unknown as RecordedCall);
    statement.free();
    return rows;
  } finally {
    database.close();
  }
}
