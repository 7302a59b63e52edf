/** Owns arguments that were written and not lost: by target, the last ones used. */
import { MAX_DRAFT_TEXT, MAX_DRAFTS } from './viewState';

export class Drafts {
  readonly #texts: Map<string, string>;

  constructor(texts: readonly (readonly [string, string])[]) {
    this.#texts = new Map(texts);
  }

  get(key: string): string | undefined {
    return this.#texts.get(key);
  }

  keep(key: string, text: string): void {
    if (this.#texts.get(key) === text) return;
    this.#texts.delete(key);
    this.#texts.set(key, text);
    for (const old of this.#texts.keys()) {
      if (this.#texts.size <= MAX_DRAFTS) break;
      this.#texts.delete(old);
    }
  }

  /** What is saved: nothing larger than a saved state should hold. */
  all(): readonly (readonly [string, string])[] {
    return [...this.#texts].filter(([, text]) => text.length <= MAX_DRAFT_TEXT);
  }
}
