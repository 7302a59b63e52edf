/**
 * Owns that no question of a server waits unnoticed: one that comes while no view of the Playground can be seen is told in a
 * notice. Invariant: one whose notice is put away while there is no view is turned down, since nothing else would lead to it.
 */
import type { ServerRequest } from '../contract/playgroundRequests';
import type { Event } from '../util/event';
import type { Disposable } from '../util/lifecycle';
import type { ServerRequests } from './serverRequests';

/** Notices of questions that wait, at a time. The others follow. */
const MAX_LIVE = 3;
/** Notices nobody has put away, also of questions that were taken back: a server cannot cover the screen with them. */
const MAX_OPEN = 10;

export interface UnseenRequestsOptions {
  readonly requests: Pick<ServerRequests, 'cards' | 'cancelAll'>;
  readonly onDidChange: Event<unknown>;
  /** `hidden`: behind another tab; `closed`: there is none. */
  readonly view: () => 'visible' | 'hidden' | 'closed';
  /** Resolves once the notice is put away, with whether the person wants to see the question. */
  readonly tell: (request: ServerRequest) => Promise<boolean>;
  readonly show: () => void;
}

export class UnseenRequests implements Disposable {
  readonly #subscription: Disposable;
  /** Ids of questions that were seen or told. */
  readonly #known = new Set<string>();
  /** Ids of questions whose notice is open. */
  readonly #open = new Set<string>();

  constructor(private readonly options: UnseenRequestsOptions) {
    this.#subscription = options.onDidChange(() => this.#look());
  }

  #look(): void {
    const { requests, view } = this.options;
    const waiting = new Map(requests.cards.map((card) => [card.id, card]));
    for (const id of this.#known) if (!waiting.has(id) && !this.#open.has(id)) this.#known.delete(id);
    const isSeen = view() === 'visible';
    for (const card of waiting.values()) {
      if (this.#known.has(card.id)) continue;
      const live = [...this.#open].filter((id) => waiting.has(id)).length;
      if (!isSeen && (live >= MAX_LIVE || this.#open.size >= MAX_OPEN)) return;
      this.#known.add(card.id);
      if (!isSeen) void this.#tell(card);
    }
  }

  async #tell(card: ServerRequest): Promise<void> {
    const { requests, view, tell, show } = this.options;
    this.#open.add(card.id);
    const isWanted = await tell(card).catch(() => false);
    this.#open.delete(card.id);
    if (isWanted) {
      // The view shows the others as well.
      for (const { id } of requests.cards) this.#known.add(id);
      show();
    } else if (view() === 'closed') requests.cancelAll(({ id }) => id === card.id);
    this.#look();
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}
