/** Owns arguments that were written and not lost: by target, the last ones used, with the saved call they come from. */
import type { SavedPlace } from '../../../extension/contract/playgroundRuns';
import { MAX_DRAFT_TEXT, MAX_DRAFTS, type SavedDraft } from './viewState';

export class Drafts {
  readonly #drafts: Map<string, SavedDraft>;

  constructor(drafts: readonly SavedDraft[]) {
    this.#drafts = new Map(drafts.map((draft) => [draft[0], draft]));
  }

  get(key: string): string | undefined {
    return this.#drafts.get(key)?.[1];
  }

  /** The saved call these arguments were loaded from. */
  savedAs(key: string): SavedPlace | undefined {
    return this.#drafts.get(key)?.[2];
  }

  keep(key: string, text: string, saved?: SavedPlace): void {
    if (this.get(key) === text && this.savedAs(key) === saved) return;
    this.#drafts.delete(key);
    this.#drafts.set(key, saved ? [key, text, saved] : [key, text]);
    for (const old of this.#drafts.keys()) {
      if (this.#drafts.size <= MAX_DRAFTS) break;
      this.#drafts.delete(old);
    }
  }

  /** What is saved: nothing larger than a saved state should hold. */
  all(): readonly SavedDraft[] {
    return [...this.#drafts.values()].filter(([, text]) => text.length <= MAX_DRAFT_TEXT);
  }
}
