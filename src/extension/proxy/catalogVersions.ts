/**
 * Owns the versions of what clients could have cached: one for the aggregate, one per server. They change when a list
 * turns out different from before, in this run or an earlier one, and never merely because it is learnt.
 */
import { createHash } from 'node:crypto';
import type { ConfiguredServer } from '../servers/types';
import type { Clock } from '../util/clock';
import type { ServerMemory } from './serverMemory';

/** A server may change the versions this often in an hour; clients reconnect at each. */
const MAX_CHANGES_PER_HOUR = 20;
const HOUR_MS = 3_600_000;

export class CatalogVersions {
  readonly #times = new Map<string, { count: number; sinceMs: number }>();
  #servers: readonly ConfiguredServer[] = [];

  constructor(
    private readonly memory: ServerMemory,
    private readonly clock: Clock,
    /** Told once an hour of a server whose changes no longer count. */
    private readonly onRestless: (server: string, limit: number) => void,
  ) {}

  setServers(servers: readonly ConfiguredServer[]): void {
    this.#servers = servers;
  }

  /** Of the merged catalog. */
  get all(): string {
    const servers = this.#servers.map(({ name, fingerprint }) => [name, fingerprint]);
    const base = digest(JSON.stringify(servers)).slice(0, 12);
    const changes = this.#servers.flatMap((server) => {
      const { changes: of } = this.memory.of(server);
      return of === undefined ? [] : [[server.name, of]];
    });
    return changes.length === 0 ? base : `${base}.${digest(JSON.stringify(changes.sort())).slice(0, 8)}`;
  }

  of(name: string): string {
    const server = this.#find(name);
    const base = digest(server?.fingerprint ?? '').slice(0, 12);
    const changes = server && this.memory.of(server).changes;
    return changes === undefined ? base : `${base}.${changes}`;
  }

  /** A list was read. Whether it is not what it was. */
  listed(name: string, method: string, hash: string): boolean {
    const server = this.#find(name);
    if (!server) return false;
    const { lists } = this.memory.of(server);
    const before = lists[method];
    if (before === hash) return false;
    this.memory.learn(server, { lists: { ...lists, [method]: hash } });
    // Learning a list for the first time changes nothing that anybody could have cached.
    return before !== undefined && this.#bump(server, `${method} ${hash}`);
  }

  /** The server says that a list has changed. Whether that makes a difference to anybody. */
  listChanged(name: string, method: string): boolean {
    const server = this.#find(name);
    return server !== undefined && Object.keys(this.memory.of(server).lists).length > 0 && this.#bump(server, method);
  }

  /** Approvals or rules have changed what clients see of a server. */
  ruled(name: string): void {
    const server = this.#find(name);
    if (server) this.#change(server, 'ruled');
  }

  #find(name: string): ConfiguredServer | undefined {
    return this.#servers.find((server) => server.name === name);
  }

  #bump(server: ConfiguredServer, what: string): boolean {
    const now = this.clock.wallMs();
    let times = this.#times.get(server.name);
    if (!times || now - times.sinceMs > HOUR_MS) this.#times.set(server.name, (times = { count: 0, sinceMs: now }));
    if (++times.count > MAX_CHANGES_PER_HOUR) {
      if (times.count === MAX_CHANGES_PER_HOUR + 1) this.onRestless(server.name, MAX_CHANGES_PER_HOUR);
      return false;
    }
    this.#change(server, what);
    return true;
  }

  #change(server: ConfiguredServer, what: string): void {
    const before = this.memory.of(server).changes ?? '';
    this.memory.learn(server, { changes: digest(`${before}\n${what}`).slice(0, 8) });
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
