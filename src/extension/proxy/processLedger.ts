/**
 * Owns the list of server processes on disk, so that those which outlive a killed window are ended at the next start.
 * A process is known by its id and the time it was started at: an id alone may be somebody else's by then, and nothing
 * is ever killed that is not certainly ours. Where the process is gone and what it has started is not, that is ended
 * (processGroup.ts). POSIX only; on Windows children of a killed host end with their pipes.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../util/logger';
import { messageOf } from '../util/errors';
import { isJsonObject, tryParseJson, type JsonObject, type JsonValue } from '../util/json';
import { bootId, orphansOf, statOf } from './processGroup';

const FILE = /^processes-[\w-]+\.json$/;

interface KnownProcess {
  readonly pid: number;
  /** What tells the process from a later one with the same id. */
  readonly identity: string;
}

/** When the process was started, in the words of the system; `undefined` where there is no such process, or no way to know. */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    try {
      const fields = await statOf(pid);
      return fields[0] === 'Z' ? undefined : `${await bootId()} ${fields[19] ?? ''}`;
    } catch {
      return undefined;
    }
  }
  if (process.platform === 'win32') return undefined;
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } }, (error, stdout) => {
      const text = stdout.trim();
      resolve(error || text === '' ? undefined : text);
    });
  });
}

export class ProcessLedger {
  readonly #file: string;
  readonly #processes = new Map<number, string>();
  readonly #gone = new Set<number>();
  readonly #self: Promise<KnownProcess | undefined>;
  #isOver = false;

  /** `id`: tells this gateway's file from those of others in `dir`. */
  constructor(
    private readonly dir: string,
    id: string,
    private readonly logger: Logger,
  ) {
    this.#file = join(dir, `processes-${id}.json`);
    this.#self = knownProcess(process.pid);
  }

  add(pid: number): void {
    void Promise.all([this.#self, knownProcess(pid)]).then(([self, known]) => {
      if (!self || !known || this.#isOver || this.#gone.delete(pid)) return;
      this.#processes.set(pid, known.identity);
      this.#save(self);
    });
  }

  remove(pid: number): void {
    void this.#self.then((self) => {
      if (!this.#processes.delete(pid)) this.#gone.add(pid);
      else if (self && !this.#isOver) this.#save(self);
    });
  }

  /** All processes have ended. */
  async close(): Promise<void> {
    this.#isOver = true;
    await rm(this.#file, { force: true });
  }

  #save(owner: KnownProcess): void {
    const processes = [...this.#processes].map(([pid, identity]) => ({ pid, identity }));
    try {
      mkdirSync(this.dir, { recursive: true, mode: 0o700 });
      // Whole or not at all: another window that read half of it would take its owner for dead and remove it.
      writeFileSync(`${this.#file}.new`, JSON.stringify({ owner, processes }), { mode: 0o600 });
      renameSync(`${this.#file}.new`, this.#file);
    } catch (error) {
      this.logger.warn(`The list of server processes could not be written: ${messageOf(error)}`);
    }
  }
}

async function knownProcess(pid: number): Promise<KnownProcess | undefined> {
  const identity = await processIdentity(pid);
  return identity === undefined ? undefined : { pid, identity };
}

/** Ends what gateways that are no more have left running; gives the process ids. Never rejects. */
export async function sweepOrphans(dir: string, logger: Logger): Promise<number[]> {
  const ended: number[] = [];
  const files = await readdir(dir).catch(() => []);
  for (const file of files.filter((name) => FILE.test(name))) {
    const path = join(dir, file);
    const content = tryParseJson(await readFile(path, 'utf8').catch(() => ''));
    const { owner, processes } = isJsonObject(content) ? content : {};
    if (await isRunning(owner)) continue;
    for (const one of Array.isArray(processes) ? processes : []) {
      if (!isKnownProcess(one) || one.pid <= 1) continue;
      const { pid, identity } = one;
      const left = (await isRunning(one)) ? [pid] : await orphansOf(pid, identity);
      if (left.length === 0) continue;
      try {
        // It leads, or has led, its own group (transports/stdio.ts), so its children end with it.
        process.kill(-pid, 'SIGKILL');
        ended.push(...left);
        logger.info(`Ended server process ${left.join(', ')}, left over from an earlier session`);
      } catch (error) {
        logger.warn(`Server process ${left.join(', ')}, left over from an earlier session, could not be ended: ${messageOf(error)}`);
      }
    }
    await rm(path, { force: true }).catch(() => undefined);
  }
  return ended;
}

async function isRunning(value: JsonValue | undefined): Promise<boolean> {
  return isKnownProcess(value) && (await processIdentity(value.pid)) === value.identity;
}

function isKnownProcess(value: JsonValue | undefined): value is JsonObject & { readonly pid: number; readonly identity: string } {
  return isJsonObject(value) && Number.isSafeInteger(value.pid) && typeof value.identity === 'string';
}
