/**
 * Owns the set of configured servers: loads the configuration files, watches them, and says when something changed.
 *
 * Invariants: a file that is broken, cannot be read or has gone keeps its last good servers in use and reports one
 * problem; a file that was never there configures nothing and is no problem; a name belongs to the first file that
 * defines it, and the user's file is the last.
 */
import { messageOf } from '../util/errors';
import { Emitter, type Event } from '../util/event';
import { SerialQueue } from '../util/async';
import type { Clock } from '../util/clock';
import type { ConfigProblem } from '../contract/status';
import { DisposableStore, MutableDisposable, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { parseServersFile, type ServersFile } from './configFile';
import { nodeFiles, type FilePort } from './filePort';
import { canonicalJson } from './fingerprint';
import type { ConfiguredServer, InputDefinition } from './types';

export interface RegistryOptions {
  /** Absolute paths; earlier ones win. */
  readonly files: readonly string[];
  /** The user's own servers, for every workspace. A name that one of `files` defines too belongs to that one. */
  readonly userFile?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly filePort?: FilePort;
}

export interface ServerRegistry extends Disposable {
  readonly servers: readonly ConfiguredServer[];
  readonly inputs: readonly InputDefinition[];
  readonly problems: readonly ConfigProblem[];
  /** What the files say and MCP Shark does not honour. Not wrong, but worth knowing. */
  readonly notes: readonly ConfigProblem[];
  /** After servers, inputs, problems or notes changed; never for a change that makes no difference. */
  readonly onDidChange: Event<void>;
  /** Looks at all files now; resolves when what they say is in use. Never rejects. */
  reload(): Promise<void>;
  /** Replaces the list of files (the folders of a workspace changed; the user's stays) and reloads. */
  setFiles(files: readonly string[]): Promise<void>;
  /** These were removed on purpose: their servers go too, and nobody need be told that a file is gone. */
  forget(files: readonly string[]): Promise<void>;
}

/** An editor writes in several steps; what they leave is read this long after the last. */
const SETTLE_MS = 100;
/** Some editors take the old file away first: it is believed gone when it still is after this time. */
const GONE_MS = 500;
/** For changes that no watcher reports, and for folders that do not exist yet. */
const POLL_MS = 2000;

const GONE =
  'The file is gone. The servers of the last good version stay in use; bring the file back, save one with an empty "servers" to stop them, or turn routing off.';

const NOTHING: ServersFile = { servers: [], inputs: [], problems: [], notes: [], broken: false };

/** Starts watching at once; `reload()` loads for the first time. */
export function createServerRegistry(options: RegistryOptions): ServerRegistry {
  return new Registry(options);
}

interface WatchedFile extends Disposable {
  readonly file: string;
  load(believeGone: boolean): Promise<void>;
  /** Lets go of the last good content. */
  forget(): void;
  readonly content: ServersFile;
}

class Registry implements ServerRegistry {
  readonly #lifetime = new DisposableStore();
  readonly #changed: Emitter<void>;
  readonly #queue = new SerialQueue();
  #watched: readonly WatchedFile[] = [];
  #merged = merge([]);

  constructor(private readonly options: RegistryOptions) {
    this.#changed = this.#lifetime.add(
      new Emitter((error) => options.logger.error(`A change of the configuration was not followed: ${messageOf(error)}`)),
    );
    this.#watch(options.files);
  }

  get servers(): readonly ConfiguredServer[] {
    return this.#merged.servers;
  }

  get inputs(): readonly InputDefinition[] {
    return this.#merged.inputs;
  }

  get problems(): readonly ConfigProblem[] {
    return this.#merged.problems;
  }

  get notes(): readonly ConfigProblem[] {
    return this.#merged.notes;
  }

  get onDidChange(): Event<void> {
    return this.#changed.event;
  }

  reload(): Promise<void> {
    return this.#load(this.#watched, true);
  }

  setFiles(files: readonly string[]): Promise<void> {
    this.#watch(files);
    return this.reload();
  }

  forget(files: readonly string[]): Promise<void> {
    const forgotten = this.#watched.filter(({ file }) => files.includes(file));
    return this.#load(forgotten, true, (file) => file.forget());
  }

  #watch(files: readonly string[]): void {
    const before = new Map(this.#watched.map((watched) => [watched.file, watched]));
    const { userFile } = this.options;
    this.#watched = [...new Set(userFile === undefined ? files : [...files, userFile])].map((file) => {
      const kept = before.get(file);
      before.delete(file);
      if (kept) return kept;
      const watched: WatchedFile = this.#lifetime.add(
        new FileWatch(file, this.options, (believeGone) => void this.#load([watched], believeGone)),
      );
      return watched;
    });
    for (const gone of before.values()) {
      this.#lifetime.release(gone);
      gone.dispose();
    }
  }

  #load(files: readonly WatchedFile[], believeGone: boolean, prepare?: (file: WatchedFile) => void): Promise<void> {
    return this.#queue.run(async () => {
      for (const file of files) {
        prepare?.(file);
        await file.load(believeGone);
      }
      if (this.#lifetime.isDisposed) return;
      const merged = merge(
        this.#watched.map((file) => file.content),
        this.options.userFile,
      );
      // Lines count: "open configuration" and problems go by them.
      if (canonicalJson(merged) === canonicalJson(this.#merged)) return;
      this.#merged = merged;
      this.#changed.fire();
    });
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}

/** One file: its last good content, and the eyes on it. */
class FileWatch implements WatchedFile {
  readonly #lifetime = new DisposableStore();
  readonly #settle = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #poll = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #watcher = this.#lifetime.add(new MutableDisposable<Disposable>());
  readonly #port: FilePort;
  #signature: string | undefined;
  #text: string | undefined;
  content: ServersFile = NOTHING;

  constructor(
    readonly file: string,
    private readonly options: RegistryOptions,
    private readonly changed: (believeGone: boolean) => void,
  ) {
    this.#port = options.filePort ?? nodeFiles;
    this.#watch();
    this.#armPoll();
  }

  async load(believeGone: boolean): Promise<void> {
    this.#settle.clear();
    // Before reading: a change in between is then seen by the next poll.
    const signature = await this.#port.signature(this.file);
    let text: string | undefined;
    try {
      text = await this.#port.read(this.file);
    } catch (error) {
      this.#signature = signature;
      this.#text = undefined;
      const message = `The file cannot be read (${messageOf(error)}). The servers of the last good version stay in use.`;
      this.#keepLastGood([{ file: this.file, line: 1, column: 1, message }]);
      return;
    }
    if (this.#lifetime.isDisposed) return;
    if (text === undefined && this.#text !== undefined && !believeGone) {
      this.#later(GONE_MS, true);
      return;
    }
    this.#signature = signature;
    if (text !== undefined && text === this.#text) return;
    this.#text = text;
    if (text === undefined && this.content.servers.length > 0) {
      this.#keepLastGood([{ file: this.file, line: 1, column: 1, message: GONE }]);
      return;
    }
    const content = text === undefined ? NOTHING : parseServersFile(text, this.file);
    if (content.broken) this.#keepLastGood(content.problems);
    else this.content = content;
  }

  forget(): void {
    this.content = NOTHING;
    this.#text = undefined;
  }

  #keepLastGood(problems: readonly ConfigProblem[]): void {
    this.content = { ...this.content, problems, broken: true };
  }

  #watch(): void {
    if (this.#watcher.value) return;
    this.#watcher.value = this.#port.watch(
      this.file,
      () => this.#later(SETTLE_MS, false),
      () => this.#watcher.clear(),
    );
  }

  #later(delayMs: number, believeGone: boolean): void {
    this.#settle.value = this.options.clock.timer(delayMs, () => {
      this.#settle.clear();
      this.changed(believeGone);
    });
  }

  #armPoll(): void {
    this.#poll.value = this.options.clock.timer(POLL_MS, () => {
      this.#poll.clear();
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    const signature = await this.#port.signature(this.file);
    if (this.#lifetime.isDisposed) return;
    // A folder that was replaced is watched no longer, and nobody says so.
    if (signature !== this.#signature) this.#watcher.clear();
    this.#watch();
    if (signature !== this.#signature && !this.#settle.value) this.#later(SETTLE_MS, false);
    this.#armPoll();
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}

function merge(files: readonly ServersFile[], userFile?: string): Omit<ServersFile, 'broken'> {
  const servers = new Map<string, ConfiguredServer>();
  const inputs = new Map<string, InputDefinition>();
  const problems: ConfigProblem[] = [];
  const notes = files.flatMap((file) => file.notes);
  for (const file of files) {
    problems.push(...file.problems);
    for (const server of file.servers) {
      const first = servers.get(server.name);
      if (!first) servers.set(server.name, server);
      else {
        const place = { file: server.file, line: server.line, column: 1 };
        // A workspace may well have its own version of what the user has everywhere.
        if (server.file === userFile) notes.push({ ...place, message: `servers.${server.name} is defined in ${first.file} too, which counts in this workspace.` });
        else problems.push({ ...place, message: `servers.${server.name} is already defined in ${first.file}; this one is ignored. Rename or remove it.` });
      }
    }
    for (const input of file.inputs) if (!inputs.has(input.id)) inputs.set(input.id, input);
  }
  return {
    servers: [...servers.values()],
    inputs: [...inputs.values()],
    problems,
    notes,
  };
}
