/** Owns what somewhere else in the editor has asked the view to show: the latest of it, under a number that was never given before. */
import type { Opening } from '../contract/playground';
import type { RunTarget } from '../contract/playgroundRuns';
import type { Clock } from '../util/clock';

type Unnumbered<T> = T extends unknown ? Omit<T, 'number'> : never;

export class Openings {
  #latest: Opening | undefined;
  #number = 0;

  constructor(
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {}

  get latest(): Opening | undefined {
    return this.#latest;
  }

  open(target: RunTarget, argumentsText?: string, run?: string): void {
    this.#add({
      target,
      ...(argumentsText === undefined ? {} : { argumentsText }),
      ...(run === undefined ? {} : { run }),
    });
  }

  openServer(server: string): void {
    this.#add({ server });
  }

  #add(shown: Unnumbered<Opening>): void {
    // Above those of an earlier extension host, too: the view remembers over a reload which one it has acted on.
    this.#number = Math.max(this.#number + 1, this.clock.wallMs());
    this.#latest = { ...shown, number: this.#number };
    this.onChange();
  }

  /** Nobody is there who could show it. */
  clear(): void {
    this.#latest = undefined;
  }
}
