/** Owns what servers have logged, as far as the view has it: asked for as it grows, bounded. */
import { signal } from '@preact/signals';
import type { PlaygroundServer } from '../../../extension/contract/playground';
import type { LogMessage } from '../../../extension/contract/playgroundRuns';

const MAX_LOGS = 2_000;

export class LogsModel {
  /** By server. */
  readonly byServer = signal<ReadonlyMap<string, readonly LogMessage[]>>(new Map());
  readonly #seen = new Map<string, number>();

  /** `ask`: gives the messages of a server after the one of this number; `undefined` where it failed. */
  constructor(private readonly ask: (server: string, after: number) => Promise<readonly LogMessage[] | undefined>) {}

  follow(servers: readonly PlaygroundServer[]): void {
    for (const { name, logged } of servers) {
      if (logged === (this.#seen.get(name) ?? 0)) continue;
      this.#seen.set(name, logged);
      const after = this.byServer.peek().get(name)?.at(-1)?.number ?? 0;
      void this.ask(name, after).then((found) => found && this.#add(name, found));
    }
  }

  #add(server: string, found: readonly LogMessage[]): void {
    const before = this.byServer.peek().get(server) ?? [];
    const last = before.at(-1)?.number ?? 0;
    // A server that was started anew counts from 1.
    const kept = found[0] && found[0].number <= last && found.every(({ number }) => number <= last) ? [] : before;
    const fresh = found.filter(({ number }) => number > (kept.at(-1)?.number ?? 0));
    this.byServer.value = new Map([...this.byServer.peek(), [server, [...kept, ...fresh].slice(-MAX_LOGS)]]);
  }
}
