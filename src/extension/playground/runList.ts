/**
 * Owns the runs of this window: what is known of each, newest first, and the results that are still held. Bounded in
 * number and in bytes; a run that goes on is never dropped.
 */
import type { LogMessage, PlaygroundRun, RunRequest } from '../contract/playgroundRuns';
import { MAX_RUNS, MAX_SHOWN_ARGUMENTS } from '../contract/playgroundRuns';
import type { Clock } from '../util/clock';
import type { Answer } from './session';

/** Of results held, characters; the audit log has those that are let go. */
const MAX_HELD = 64 * 1024 * 1024;
const MAX_LOGS = 200;

export interface Run {
  state: PlaygroundRun;
  request: RunRequest;
  result: Answer | undefined;
  /** Of the tool's definition when it was called. */
  outputSchema: string | undefined;
  readonly logs: LogMessage[];
}

export class RunList {
  readonly #runs = new Map<string, Run>();
  #number = 0;

  constructor(
    private readonly clock: Clock,
    private readonly onChange: () => void,
  ) {}

  /** Newest first. */
  get states(): readonly PlaygroundRun[] {
    return [...this.#runs.values()].map(({ state }) => state).toReversed();
  }

  *active(): Iterable<Run> {
    for (const run of this.#runs.values()) if (run.state.status === 'running') yield run;
  }

  get(id: string): Run | undefined {
    return this.#runs.get(id);
  }

  add(request: RunRequest, origin: PlaygroundRun['origin']): Run {
    const id = `run-${++this.#number}`;
    const { target, argumentsText, ticket } = request;
    const isCut = argumentsText.length > MAX_SHOWN_ARGUMENTS;
    const state: PlaygroundRun = {
      id,
      target,
      argumentsText: isCut ? argumentsText.slice(0, MAX_SHOWN_ARGUMENTS) : argumentsText,
      ...(isCut ? { isCut } : {}),
      origin,
      status: 'running',
      startedMs: this.clock.wallMs(),
      hasResult: false,
      ...(ticket === undefined ? {} : { ticket }),
    };
    const run: Run = { state, request, result: undefined, outputSchema: undefined, logs: [] };
    this.#runs.set(id, run);
    this.#trim();
    this.onChange();
    return run;
  }

  update(run: Run, change: Partial<PlaygroundRun>): void {
    run.state = { ...run.state, ...change };
    this.onChange();
  }

  /** It waits no more, and is sent. */
  sent(run: Run): void {
    const { waitsFor: _, ...state } = run.state;
    run.state = { ...state, startedMs: this.clock.wallMs() };
    this.onChange();
  }

  /** Takes a run that was never sent off the list. */
  withdraw(run: Run): void {
    if (this.#runs.delete(run.state.id)) this.onChange();
  }

  /** Ends a run; a second end changes nothing. Gives whether it was the first. */
  settle(run: Run, change: Partial<PlaygroundRun> & Pick<PlaygroundRun, 'status'>, result?: Answer): boolean {
    if (run.state.status !== 'running') return false;
    run.result = result;
    const elapsedMs = Math.max(0, this.clock.wallMs() - run.state.startedMs);
    this.update(run, {
      ...change,
      elapsedMs,
      hasResult: result !== undefined,
      ...(result ? { resultBytes: Buffer.byteLength(result.text) } : {}),
    });
    this.#trim();
    return true;
  }

  log(run: Run, message: LogMessage): void {
    run.logs.push(message);
    if (run.logs.length > MAX_LOGS) run.logs.shift();
  }

  /** Takes a settled run off the list. */
  remove(id: string): void {
    if (this.#runs.get(id)?.state.status === 'running') return;
    if (this.#runs.delete(id)) this.onChange();
  }

  #trim(): void {
    let surplus = this.#runs.size - MAX_RUNS;
    for (const [id, { state }] of this.#runs) {
      if (surplus <= 0) break;
      if (state.status === 'running') continue;
      this.#runs.delete(id);
      surplus--;
    }
    let held = 0;
    for (const run of [...this.#runs.values()].toReversed()) {
      if (!run.result) continue;
      held += run.result.text.length;
      // The newest is kept, however large.
      if (held <= MAX_HELD || held === run.result.text.length) continue;
      run.result = undefined;
      run.state = { ...run.state, hasResult: false };
    }
  }
}
