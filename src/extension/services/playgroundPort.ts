/** Owns what other parts of the product ask of the Playground: run a recorded request again, or open it there to be changed. */
import type { RunTarget } from '../contract/playgroundRuns';

export interface PlaygroundOpening {
  readonly target: RunTarget;
  /** JSON text of an object, as it was recorded; absent: none. */
  readonly argumentsText?: string;
  /** Some values were hidden when the request was recorded; their marks stand in `argumentsText`. */
  readonly isRedacted: boolean;
}

export interface PlaygroundPort {
  /** Runs it as it is. `isAgreed`: the user has agreed to it; otherwise it is asked about as every run is. */
  resend(opening: PlaygroundOpening, isAgreed: boolean): Promise<void>;
  /** Opens the Playground with target and arguments; nothing is sent. */
  open(opening: PlaygroundOpening): Promise<void>;
}
