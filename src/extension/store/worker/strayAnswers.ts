/**
 * Owns what the latest answers said that no call is known by: the message that passes one on may end a call all the same, and has no
 * text of its own where it is equal.
 */
import type { AnswerFacts } from './messageFacts';

/** The one that passes it on comes right behind. */
const mostKept = 100;

export class StrayAnswers {
  readonly #facts = new Map<number, AnswerFacts>();

  keep(n: number, facts: AnswerFacts): void {
    this.#facts.set(n, facts);
    if (this.#facts.size > mostKept) this.#facts.delete(this.#facts.keys().next().value!);
  }

  get(n: number): AnswerFacts | undefined {
    return this.#facts.get(n);
  }
}
