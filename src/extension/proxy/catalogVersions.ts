/**
 * Owns the versions of what clients could have cached: one for the aggregate, one per server. They change when a list
 * turns out different from before, and never merely because it is learnt.
 */
import { createHash } from 'node:crypto';
import type { ConfiguredServer } from '../servers/types';
import type { Clock } from '../util/clock';

/** A server may change the versions this often in an hour; clients reconnect at each. */
const MAX_CHANGES_PER_HOUR = 20;
const HOUR_MS = 3_600_000;

export class CatalogVersions {
  /** Per server and list: hash of what was listed last. */
  readonly #lists = new Map<string, Map<string, string>>();
  readonly #changes = new Map<string, string>();
  readonly #times = new Map<string, { count: number; sinceMs: number }>();
  #servers: readonly ConfiguredServer[] = [];

  constructor(
    private readonly clock: Clock,
    /** Told once an hour of a server whose changes no longer count. */
    private readonly onRestless: (server: string, limit: number) => void,
  ) {}

  setServers(servers: readonly ConfiguredServer[]): void {
    this.#servers = servers;
    const names = new Set(servers.map(({ name }) => name));
    for (const name of this.#changes.keys()) if (!names.has(name)) this.#changes.delete(name);
  }

  /** What is known of a server's lists holds no longer. */
  forget(name: string): void {
    this.#lists.delete(name);
  }

  /** Of the merged catalog. */
  get all(): string {
    const servers = this.#servers.map(({ name, fingerprint }) => [name, fingerprint]);
    const base = digest(JSON.stringify(servers)).slice(0, 12);
    return this.#changes.size === 0 ? base : `${base}.${digest(JSON.stringify([...this.#changes].sort())).slice(0, 8)}`;
  }

  of(name: string): string {
    const fingerprint = this.#servers.find((server) => server.name === name)?.fingerprint ?? '';
    const changes = this.#changes.get(name);
    const base = digest(fingerprint).slice(0, 12);
    return changes === undefined ? base : `${base}.${changes}`;
  }

  /** A list was read. Whether it is not what it was. */
  listed(server: string, method: string, hash: string): boolean {
    let lists = this.#lists.get(server);
    if (!lists) this.#lists.set(server, (lists = new Map()));
    const before = lists.get(method);
    lists.set(method, hash);
    // Learning a list for the first time changes nothing that anybody could have cached.
    return before !== undefined && before !== hash && this.#bump(server, `${method} ${hash}`);
  }

  /** The server says that a list has changed. Whether that makes a difference to anybody. */
  listChanged(server: string, method: string): boolean {
    return this.#lists.has(server) && this.#bump(server, method);
  }

  /** Approvals or rules have changed what clients see of a server. */
  ruled(server: string): void {
    this.#change(server, 'ruled');
  }

  #bump(server: string, what: string): boolean {
    const now = this.clock.wallMs();
    let times = this.#times.get(server);
    if (!times || now - times.sinceMs > HOUR_MS) this.#times.set(server, (times = { count: 0, sinceMs: now }));
    if (++times.count > MAX_CHANGES_PER_HOUR) {
      if (times.count === MAX_CHANGES_PER_HOUR + 1) this.onRestless(server, MAX_CHANGES_PER_HOUR);
      return false;
    }
    this.#change(server, what);
    return true;
  }

  #change(server: string, what: string): void {
    this.#changes.set(server, digest(`${this.#changes.get(server) ?? ''}\n${what}`).slice(0, 8));
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
