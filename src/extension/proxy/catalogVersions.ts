/**
 * Owns the versions of what clients could have cached: one for the aggregate, one per server, whichever endpoint a list was
 * read on. They change when a list turns out different from before in this run, and from one run to the next when it was
 * different in between; never merely because it is learnt. A client that is connected drops its session when a version
 * changes, and with it whatever its servers have in mind; it hears of changes by `list_changed` anyway. So what changes
 * counts for an endpoint once nobody is connected to it. And a server that registers its tools one by one lists something
 * else at every start: so what was listed in an earlier run counts at the start only.
 */
import { createHash } from 'node:crypto';
import type { ConfiguredServer } from '../servers/types';
import type { Clock } from '../util/clock';
import { LIST_KINDS, type ListMethod } from './listKinds';
import type { ServerMemory } from './serverMemory';

/** A server may change the versions this often in an hour; clients reconnect at each. */
const MAX_CHANGES_PER_HOUR = 20;
const HOUR_MS = 3_600_000;

/** What this run knows of a server. */
interface Seen {
  readonly fingerprint: string;
  /** What clients of earlier runs could have cached, as far as it has changed since. */
  readonly earlier: string | undefined;
  /** By list method, hash of what was listed last. */
  readonly lists: Map<string, string>;
  /** Stands for all changes in this run; absent: none. */
  changes?: string;
  /** As much of that as the version of the aggregate tells, and the server's own. */
  toldByAll?: string;
  toldByOwn?: string;
}

export class CatalogVersions {
  readonly #times = new Map<string, { count: number; sinceMs: number }>();
  readonly #seen = new Map<string, Seen>();
  #servers: readonly ConfiguredServer[] = [];

  constructor(
    private readonly memory: ServerMemory,
    private readonly clock: Clock,
    /** Whether a client is connected that could drop its session: to a server's own endpoint, or (`undefined`) to the aggregate. */
    private readonly isServed: (server: string | undefined) => boolean,
    /** Told once an hour of a server whose changes no longer count. */
    private readonly onRestless: (server: string, limit: number) => void,
  ) {}

  setServers(servers: readonly ConfiguredServer[]): void {
    this.#servers = servers;
    const names = new Set(servers.map(({ name }) => name));
    for (const name of this.#seen.keys()) if (!names.has(name)) this.#seen.delete(name);
    for (const server of servers) {
      if (this.#seen.get(server.name)?.fingerprint === server.fingerprint) continue;
      const { changes, toldByAll, toldByOwn } = this.#seen.get(server.name) ?? {};
      const { fingerprint } = server;
      this.#seen.set(server.name, { fingerprint, earlier: this.#earlier(server), lists: new Map(), changes, toldByAll, toldByOwn });
    }
  }

  /** What was listed in earlier runs is what clients of this one may have cached. */
  #earlier(server: ConfiguredServer): string | undefined {
    const { lists, stoodFor, changes } = this.memory.of(server);
    if (Object.keys(lists).length === 0) return changes;
    const now = digest(JSON.stringify(Object.entries(lists).sort())).slice(0, 12);
    if (now === stoodFor) return changes;
    const settled = stoodFor === undefined ? changes : digest(`${changes ?? ''}\n${now}`).slice(0, 8);
    this.memory.learn(server, { stoodFor: now, changes: settled });
    return settled;
  }

  /** Of the merged catalog. */
  get all(): string {
    const servers = this.#servers.map(({ name, fingerprint }) => [name, fingerprint]);
    const base = digest(JSON.stringify(servers)).slice(0, 12);
    const changes = this.#servers.flatMap(({ name }) => {
      const seen = this.#seen.get(name);
      const of = joined(seen?.earlier, seen?.toldByAll);
      return of === '' ? [] : [[name, of]];
    });
    return changes.length === 0 ? base : `${base}.${digest(JSON.stringify(changes.sort())).slice(0, 8)}`;
  }

  /** Of what one server's own endpoint gives. */
  of(name: string): string {
    const seen = this.#seen.get(name);
    return digest(seen?.fingerprint ?? '').slice(0, 12) + joined(seen?.earlier, seen?.toldByOwn);
  }

  /** Differs whenever one of the versions does. */
  get state(): string {
    return [this.all, ...this.#servers.map(({ name }) => this.of(name))].join(' ');
  }

  /** Has the versions tell what has changed, where nobody is connected. */
  settle(): void {
    const isServed = this.isServed(undefined);
    for (const [name, seen] of this.#seen) {
      if (!isServed) seen.toldByAll = seen.changes;
      if (seen.toldByOwn !== seen.changes && !this.isServed(name)) seen.toldByOwn = seen.changes;
    }
  }

  /** A list was read, whole. Whether it is not what it was. */
  listed(name: string, method: ListMethod, hash: string): boolean {
    const seen = this.#seen.get(name);
    // Nobody caches tasks.
    if (!seen || !LIST_KINDS[method].defines) return false;
    const server = { name, fingerprint: seen.fingerprint };
    const before = seen.lists.get(method);
    seen.lists.set(method, hash);
    const { lists } = this.memory.of(server);
    if (lists[method] !== hash) this.memory.learn(server, { lists: { ...lists, [method]: hash } });
    // Learning a list for the first time changes nothing that anybody could have cached.
    return before !== undefined && before !== hash && this.#bump(name, seen, `${method} ${hash}`);
  }

  /** The server says that a list has changed. Whether that makes a difference to anybody. */
  listChanged(name: string, method: string): boolean {
    const seen = this.#seen.get(name);
    return seen !== undefined && seen.lists.size > 0 && this.#bump(name, seen, method);
  }

  /** Approvals or rules have changed what clients see of a server. */
  ruled(name: string): void {
    const seen = this.#seen.get(name);
    if (seen) this.#change(seen, 'ruled');
  }

  #bump(name: string, seen: Seen, what: string): boolean {
    const now = this.clock.wallMs();
    let times = this.#times.get(name);
    if (!times || now - times.sinceMs > HOUR_MS) this.#times.set(name, (times = { count: 0, sinceMs: now }));
    if (++times.count > MAX_CHANGES_PER_HOUR) {
      if (times.count === MAX_CHANGES_PER_HOUR + 1) this.onRestless(name, MAX_CHANGES_PER_HOUR);
      return false;
    }
    this.#change(seen, what);
    return true;
  }

  #change(seen: Seen, what: string): void {
    seen.changes = digest(`${seen.changes ?? ''}\n${what}`).slice(0, 8);
    this.settle();
  }
}

const joined = (...parts: readonly (string | undefined)[]): string => parts.map((part) => (part === undefined ? '' : `.${part}`)).join('');

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
