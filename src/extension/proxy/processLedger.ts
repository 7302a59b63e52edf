/**
 * Owns the list of server processes on disk, so that those which outlive a killed window are ended at the next start.
 * A process is known by its id and what tells it from others that had or will have that id, as far as the system can say
 * (ledgerSystem.ts, windowsProcesses.ts): nothing is ever killed that is not certainly ours. Where the process is gone and
 * what it has started is not, that is ended where the system can tell (processGroup.ts).
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../util/logger';
import { messageOf } from '../util/errors';
import { isJsonObject, tryParseJson, type JsonObject, type JsonValue } from '../util/json';
import { posixProcesses, type KnownProcess, type LedgerSystem } from './ledgerSystem';
import { windowsProcesses } from './windowsProcesses';

const FILE = /^processes-[\w-]+\.json$/;

const thisSystem: LedgerSystem = process.platform === 'win32' ? windowsProcesses() : posixProcesses;

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
    private readonly system: LedgerSystem = thisSystem,
  ) {
    this.#file = join(dir, `processes-${id}.json`);
    this.#self = this.#known(process.pid);
  }

  async #known(pid: number): Promise<KnownProcess | undefined> {
    const identity = await this.system.identityOf(pid);
    return identity === undefined ? undefined : { pid, identity };
  }

  add(pid: number): void {
    void Promise.all([this.#self, this.#known(pid)]).then(([self, known]) => {
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

export interface SweepOptions {
  readonly system?: LedgerSystem;
  /** Gives it up; what is not ended by then is left for the next start. */
  readonly signal?: AbortSignal;
}

/** Ends what gateways that are no more have left running; gives the process ids. May take half a minute. Never rejects. */
export async function sweepOrphans(
  dir: string,
  logger: Logger,
  { system = thisSystem, signal = new AbortController().signal }: SweepOptions = {},
): Promise<number[]> {
  const ended: number[] = [];
  try {
    const lists = await readLists(dir);
    // All at once: asking may mean starting a program.
    const running = new Set(await system.running(lists.flatMap(({ owner }) => owner ?? []), signal));
    for (const { file, owner, processes } of lists) {
      if (owner && running.has(owner)) continue;
      for (const { pids, problem } of await system.end(processes, owner?.pid, signal)) {
        const which = `Server process ${pids.join(', ')}, left over from an earlier session,`;
        if (problem === undefined) {
          ended.push(...pids);
          logger.info(`${which} was ended`);
        } else logger.warn(`${which} could not be ended: ${messageOf(problem)}`);
      }
      if (signal.aborted) break;
      await rm(file, { force: true });
    }
  } catch (error) {
    // The lists stay: the next start tries again.
    if (!signal.aborted) logger.warn(`Server processes left over from an earlier session could not be looked for: ${messageOf(error)}`);
  }
  return ended;
}

interface ProcessList {
  readonly file: string;
  /** Whose servers they are; absent where that cannot be read. */
  readonly owner: KnownProcess | undefined;
  readonly processes: readonly KnownProcess[];
}

async function readLists(dir: string): Promise<ProcessList[]> {
  const names = await readdir(dir).catch(() => []);
  const lists = await Promise.all(names.filter((name) => FILE.test(name)).map((name) => readList(join(dir, name))));
  return lists.filter((list) => list !== undefined);
}

/** `undefined`: it cannot be read, which says nothing of its owner. */
async function readList(file: string): Promise<ProcessList | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const content = tryParseJson(text);
  const { owner, processes } = isJsonObject(content) ? content : {};
  return {
    file,
    owner: isKnownProcess(owner) ? owner : undefined,
    processes: (Array.isArray(processes) ? processes : []).filter(isKnownProcess).filter(({ pid }) => pid > 1),
  };
}

function isKnownProcess(value: JsonValue | undefined): value is JsonObject & { readonly pid: number; readonly identity: string } {
  return isJsonObject(value) && Number.isSafeInteger(value.pid) && typeof value.identity === 'string';
}
