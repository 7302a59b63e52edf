/**
 * Owns what is remembered of servers from one run to the next: hashes of their lists, how often those have changed, what
 * they could do and said of themselves. In one file that several windows share: each writes what it has learnt itself and
 * keeps the rest. Only ever a guess about a server that is configured the same; whatever cannot be read is unknown.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../util/clock';
import { messageOf } from '../util/errors';
import { isJsonObject, isTooDeep, tryParseJson, type JsonObject, type JsonValue } from '../util/json';
import { MutableDisposable, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';

const FILE = 'servers.json';
const FORMAT = 1;
/** The others of them, oldest first, are forgotten. */
const MAX_SERVERS = 300;
/** Of capabilities and instructions of one server; longer ones are not remembered. Characters of JSON. */
const MAX_HANDSHAKE = 20_000;
const SAVE_AFTER_MS = 1000;

export interface Remembered {
  /** By list method, hash of what clients were told. */
  readonly lists: Readonly<Record<string, string>>;
  /** What its lists were when the version for clients was settled last. */
  readonly stoodFor?: string;
  /** Stands for all changes of its lists from run to run; absent: none. */
  readonly changes?: string;
  /** `capabilities` and `instructions` of its last answer to `initialize`. */
  readonly handshake?: JsonObject;
}

const NOTHING: Remembered = { lists: {} };

/** What identifies a server: another command under the same name is another one. */
export interface RememberedServer {
  readonly name: string;
  readonly fingerprint: string;
}

export class ServerMemory implements Disposable {
  /** Oldest first. */
  readonly #servers: Map<string, Remembered>;
  /** Keys of what has changed since it was saved. */
  readonly #unsaved = new Set<string>();
  readonly #timer = new MutableDisposable<Disposable>();

  /** `dir`: where the file is; absent: nothing outlives this object. `id`: tells this gateway's writing from that of others. */
  constructor(
    private readonly dir: string | undefined,
    private readonly id: string,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.#servers = this.#read();
  }

  of(server: RememberedServer): Remembered {
    return this.#servers.get(keyOf(server)) ?? NOTHING;
  }

  learn(server: RememberedServer, facts: Partial<Remembered>): void {
    const key = keyOf(server);
    const known = { ...NOTHING, ...this.#servers.get(key), ...facts };
    this.#servers.delete(key);
    this.#servers.set(key, known);
    trim(this.#servers);
    if (this.dir === undefined) return;
    this.#unsaved.add(key);
    if (!this.#timer.value) this.#timer.value = this.clock.timer(SAVE_AFTER_MS, () => this.save());
  }

  /** The server has answered `initialize`. */
  shookHands(server: RememberedServer, { capabilities, instructions }: JsonObject): void {
    const facts: JsonObject = {};
    if (isJsonObject(capabilities) && !isTooDeep(capabilities)) facts.capabilities = capabilities;
    if (typeof instructions === 'string') facts.instructions = instructions;
    const text = JSON.stringify(facts);
    const handshake = text.length <= MAX_HANDSHAKE ? facts : {};
    if (JSON.stringify(this.of(server).handshake) !== JSON.stringify(handshake)) this.learn(server, { handshake });
  }

  /** Writes what is not written yet. Never throws. */
  save(): void {
    this.#timer.clear();
    if (this.dir === undefined || this.#unsaved.size === 0) return;
    const servers = this.#read();
    for (const key of this.#unsaved) {
      const known = this.#servers.get(key);
      servers.delete(key);
      if (known) servers.set(key, known);
    }
    trim(servers);
    const file = join(this.dir, FILE);
    try {
      mkdirSync(this.dir, { recursive: true, mode: 0o700 });
      const own = `${file}.${this.id}`;
      writeFileSync(own, JSON.stringify({ format: FORMAT, servers: Object.fromEntries(servers) }), { mode: 0o600 });
      renameSync(own, file);
      this.#unsaved.clear();
    } catch (error) {
      this.logger.warn(`What is known of servers could not be written: ${messageOf(error)}`);
    }
  }

  #read(): Map<string, Remembered> {
    if (this.dir === undefined) return new Map();
    let text: string;
    try {
      text = readFileSync(join(this.dir, FILE), 'utf8');
    } catch {
      // Nothing was written yet.
      return new Map();
    }
    const content = tryParseJson(text);
    if (!isJsonObject(content) || content.format !== FORMAT || !isJsonObject(content.servers)) return new Map();
    return new Map(Object.entries(content.servers).map(([key, value]) => [key, remembered(value)]));
  }

  dispose(): void {
    this.save();
    this.#timer.dispose();
  }
}

function keyOf({ name, fingerprint }: RememberedServer): string {
  return createHash('sha256').update(JSON.stringify([name, fingerprint])).digest('base64url').slice(0, 24);
}

function trim(servers: Map<string, Remembered>): void {
  for (const key of servers.keys()) {
    if (servers.size <= MAX_SERVERS) return;
    servers.delete(key);
  }
}

function remembered(value: JsonValue | undefined): Remembered {
  if (!isJsonObject(value)) return NOTHING;
  const { lists, stoodFor, changes, handshake } = value;
  const hashes = isJsonObject(lists) ? Object.entries(lists).filter((entry): entry is [string, string] => typeof entry[1] === 'string') : [];
  return {
    lists: Object.fromEntries(hashes),
    ...(typeof stoodFor === 'string' ? { stoodFor } : {}),
    ...(typeof changes === 'string' ? { changes } : {}),
    ...(isJsonObject(handshake) && !isTooDeep(handshake) ? { handshake } : {}),
  };
}
