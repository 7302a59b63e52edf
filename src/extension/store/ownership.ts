/**
 * Owns the question whether a journal's writer still lives. A writer listens on a local socket (a named pipe on
 * Windows) for as long as it may write; whoever can connect leaves its journals alone. Where that gives no answer, the
 * process id and the age of the journal decide, and doubt is decided for life: adopting a dead writer's journal an hour
 * late costs nothing, adopting a live one's would.
 */
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalHeader } from './journalFormat';
import { isProcessAlive } from './processAlive';

/** Shortest limit of a socket's path among the systems, less a little. */
const maxSocketPath = 100;
const heartbeatMs = 30_000;
const connectMs = 1000;
const uncertainMs = 5 * 60_000;
const foreignHostMs = 24 * 3600_000;

/** Where the writer of a folder listens. */
export function socketPathOf(dir: string, writer: string): string {
  const hash = createHash('sha256').update(`${dir}\0${writer}`).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\mcp-shark-${hash}`;
  const beside = join(dir, `${writer}.sock`);
  return Buffer.byteLength(beside) <= maxSocketPath ? beside : join(tmpdir(), `mcp-shark-${hash}.sock`);
}

/** Shows that the writer lives, until `stop`. Never keeps the process alive. */
export class OwnershipSign {
  readonly #server: Server;
  #heartbeat: NodeJS.Timeout | undefined;

  /** `journal`: path of the journal being written, touched from time to time where no socket can be made. */
  constructor(
    private readonly socket: string,
    journal: () => string,
  ) {
    this.#server = createServer((connection) => {
      connection.on('error', () => undefined);
      connection.end();
    });
    this.#server.on('error', () => {
      this.#heartbeat ??= setInterval(() => {
        try {
          const now = new Date();
          utimesSync(journal(), now, now);
        } catch {
          // The journal cannot even be touched; its writer has noticed.
        }
      }, heartbeatMs).unref();
    });
    this.#server.listen(socket, () => {
      try {
        if (process.platform !== 'win32') chmodSync(socket, 0o600);
      } catch {
        // The folder around it is private.
      }
    });
    this.#server.unref();
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    this.#server.close();
    removeSocket(this.socket);
  }
}

/** Removes what a dead writer's socket left behind. */
export function removeSocket(socket: string): void {
  if (process.platform === 'win32') return;
  try {
    rmSync(socket, { force: true });
  } catch {
    // Its folder is gone, too.
  }
}

export interface LivenessFacts {
  /** The journal's first line; absent where it is damaged. */
  readonly header: JournalHeader | undefined;
  readonly socket: string;
  /** When the journal was last written to, Unix epoch in milliseconds. */
  readonly writtenMs: number;
  readonly nowMs: number;
  readonly host: string;
}

/** Whether the writer lives, or may live. */
export async function isWriterAlive(facts: LivenessFacts): Promise<boolean> {
  const { header, socket, writtenMs, nowMs, host } = facts;
  if ((await knock(header?.socket || socket)) === 'open') return true;
  const ageMs = nowMs - writtenMs;
  if (header && header.host !== host) return ageMs < foreignHostMs;
  if (header && !isProcessAlive(header.pid)) return false;
  const birth = header && processBirth(header.pid);
  if (header?.birth !== undefined && birth !== undefined && birth !== header.birth) return false;
  // The writer before its socket is up, or, where births are not known, another process that got its number.
  return ageMs < uncertainMs;
}

/** `open`: somebody listens, or the answer does not come. */
export async function knock(socket: string): Promise<'open' | 'closed'> {
  // Timers count from the beginning of the event loop's turn: after long work in this one, they would be over at once.
  await turn();
  return new Promise((resolve) => {
    const connection = connect({ path: socket });
    const answer = (state: 'open' | 'closed'): void => {
      clearTimeout(timer);
      connection.destroy();
      resolve(state);
    };
    // A refusal that is already there is heard before silence is taken for an answer.
    const timer = setTimeout(() => void turn().then(turn).then(() => answer('open')), connectMs);
    connection.on('connect', () => answer('open'));
    connection.on('error', (error: NodeJS.ErrnoException) => answer(refusals.has(error.code ?? '') ? 'closed' : 'open'));
  });
}

const refusals = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK']);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** When a process began, in a form that only serves to tell two of one id apart; `undefined` where it cannot be asked. */
export function processBirth(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the start time is the twentieth field after it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
