/**
 * Owns who goes first: a page and a single call are waited for by somebody who looks at the screen, so what takes long
 * (sums, groups, the time line, searching on) stops between two of its steps for as long as one of those is worked on.
 */
export class Turns {
  #urgent = 0;
  readonly #waiting: (() => void)[] = [];

  get isUrgent(): boolean {
    return this.#urgent > 0;
  }

  async urgently<T>(question: () => Promise<T>): Promise<T> {
    this.#urgent++;
    try {
      return await question();
    } finally {
      if (--this.#urgent === 0) for (const goOn of this.#waiting.splice(0)) goOn();
    }
  }

  /** Resolves when nothing urgent is worked on. */
  async giveWay(): Promise<void> {
    while (this.#urgent > 0) await new Promise<void>((goOn) => this.#waiting.push(goOn));
  }
}
