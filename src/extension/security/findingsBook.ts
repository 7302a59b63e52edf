/**
 * Owns what the local checks say now, of every configured server and of what it defines: looks again a moment after
 * something changed, and says so where the outcome did. Nothing is looked at twice (scanner.ts keeps by hash).
 */
import type { Finding } from '../contract/findings';
import type { DefinitionRow, GovernedServer } from '../contract/governance';
import type { ConfiguredServer } from '../servers/types';
import { SerialQueue, Throttle } from '../util/async';
import type { Clock } from '../util/clock';
import { messageOf } from '../util/errors';
import { Emitter, type Event } from '../util/event';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import type { Logger } from '../util/logger';
import { listedAs } from './inventory';
import type { Scanner } from './scanner';

export interface FindingsBookOptions {
  readonly scanner: Scanner;
  readonly servers: () => readonly ConfiguredServer[];
  readonly governance: {
    servers(): readonly Pick<GovernedServer, 'id' | 'name'>[];
    definitions(id: string): readonly DefinitionRow[];
    definitionText(hash: string): Promise<string | undefined>;
  };
  /** Configuration or definitions may have changed. */
  readonly triggers: readonly Event<unknown>[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Servers list their definitions one after the other when a session begins. */
const SETTLE_MS = 300;
const MAX_LOOKS = 3;

export class FindingsBook implements Disposable {
  readonly #lifetime = new DisposableStore();
  readonly #changed = this.#lifetime.add(new Emitter<void>());
  readonly #scanned = this.#lifetime.add(new Emitter<void>());
  readonly #queue = new SerialQueue();
  #findings: readonly Finding[] = [];
  #key = '[]';
  /** One that has not begun yet: whoever asks meanwhile is served by it. */
  #next: Promise<void> | undefined;
  #definitionKey = '';
  #lookedFor = '';
  #looks = 0;
  #ofDefinitions: readonly Finding[] = [];
  #hasScanned = false;
  #closed = false;

  /** After the outcome has changed. */
  readonly onDidChange = this.#changed.event;
  /** After definitions were looked at anew: what is found may be the same, and be about other versions of them. */
  readonly onDidScan = this.#scanned.event;

  constructor(private readonly options: FindingsBookOptions) {
    const throttle = this.#lifetime.add(new Throttle(() => void this.refresh(), SETTLE_MS, options.clock));
    for (const trigger of options.triggers) this.#lifetime.add(trigger(() => throttle.trigger()));
  }

  get all(): readonly Finding[] {
    return this.#findings;
  }

  of(server: string): readonly Finding[] {
    return this.#findings.filter(({ place }) => place.in !== 'message' && place.server === server);
  }

  /** Looks now; resolves when `all` says what there is. Never rejects. */
  refresh(): Promise<void> {
    this.#next ??= this.#queue.run(async () => {
      this.#next = undefined;
      if (this.#closed) return;
      try {
        const findings = [...this.#configurations(), ...(await this.#definitions())];
        const key = JSON.stringify(findings);
        const isOther = key !== this.#key;
        this.#key = key;
        this.#findings = findings;
        if (isOther) this.#changed.fire();
        if (this.#hasScanned) this.#scanned.fire();
        this.#hasScanned = false;
      } catch (error) {
        this.options.logger.error(`The local checks could not be run: ${messageOf(error)}`, error);
      }
    });
    return this.#next;
  }

  #configurations(): readonly Finding[] {
    const { scanner, servers } = this.options;
    return servers().flatMap((server) => scanner.config(server));
  }

  async #definitions(): Promise<readonly Finding[]> {
    const { scanner, governance } = this.options;
    const servers = governance.servers().map(({ id, name }) => ({ name, rows: governance.definitions(id).filter(({ state }) => state !== 'gone') }));
    // The texts of thousands of definitions are not read again for a change elsewhere.
    const key = JSON.stringify(servers.map(({ name, rows }) => [name, rows.map(({ kind, name: of, hash }) => [kind, of, hash])]));
    if (key === this.#definitionKey) return this.#ofDefinitions;
    let isWhole = true;
    const listed = [];
    for (const { name, rows } of servers) {
      const texts = new Map<string, string>();
      for (const { hash } of rows) {
        const text = texts.get(hash) ?? (await governance.definitionText(hash));
        if (text === undefined) isWhole = false;
        else texts.set(hash, text);
      }
      listed.push(listedAs(name, rows, (hash) => texts.get(hash)));
    }
    this.#ofDefinitions = scanner.scan(listed);
    this.#hasScanned = true;
    // What is still on its way to the archive is looked for again; what is too large for it, not for ever.
    this.#looks = key === this.#lookedFor ? this.#looks + 1 : 1;
    this.#lookedFor = key;
    this.#definitionKey = isWhole || this.#looks >= MAX_LOOKS ? key : '';
    return this.#ofDefinitions;
  }

  dispose(): void {
    this.#closed = true;
    this.#lifetime.dispose();
  }
}
