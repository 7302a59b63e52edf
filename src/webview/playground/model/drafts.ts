/** Owns arguments that were written and not lost: by target, the last ones used, with all that is sent beside them. */
import type { SavedPlace } from '../../../extension/contract/playgroundRuns';
import type { SavedCall } from '../../../extension/contract/playgroundSaved';
import type { Extras } from './extras';
import { MAX_DRAFT_TEXT, MAX_DRAFTS, type SavedDraft } from './viewState';

export interface Draft {
  /** Absent: nothing was written yet, or it was too long to be saved. */
  readonly text?: string;
  /** The saved call it was loaded from. */
  readonly saved?: SavedPlace;
  readonly extras?: Extras;
}

/** Where a saved call stands, and nothing else of it. */
export function placeOf({ file, folder, name }: SavedCall): SavedPlace {
  return { file, folder, name };
}

export class Drafts {
  /** By `draftKey`. */
  readonly #drafts: Map<string, Draft>;

  constructor(drafts: readonly SavedDraft[]) {
    this.#drafts = new Map(drafts.map(([key, text, saved, extras]) => [key, { text: text ?? undefined, saved: saved ?? undefined, extras }]));
  }

  get(key: string): Draft | undefined {
    return this.#drafts.get(key);
  }

  keep(key: string, draft: Draft): void {
    this.#drafts.delete(key);
    this.#drafts.set(key, draft);
    for (const old of this.#drafts.keys()) {
      if (this.#drafts.size <= MAX_DRAFTS) break;
      this.#drafts.delete(old);
    }
  }

  /** What is saved: nothing larger than a saved state should hold. */
  all(): readonly SavedDraft[] {
    return [...this.#drafts].flatMap(([key, { text, saved, extras }]): SavedDraft[] => {
      if (text !== undefined && text.length <= MAX_DRAFT_TEXT) return [[key, text, saved ?? null, extras]];
      return extras ? [[key, null, null, extras]] : [];
    });
  }
}
