/**
 * Owns following a tool call that runs as a task on its server (MCP 2025-11-25, basic/utilities/tasks): polls its status
 * at the pace the server asks for, and fetches the result when it is there or when the server wants something first.
 */
import type { RunTask } from '../contract/playgroundRuns';
import { Deferred } from '../util/async';
import type { Clock } from '../util/clock';
import { MutableDisposable, type Disposable } from '../util/lifecycle';
import { memberString, memberText } from './jsonText';
import type { Answer, PlaygroundSession } from './session';

const DEFAULT_POLL_MS = 1_000;
const MIN_POLL_MS = 200;
const MAX_POLL_MS = 30_000;

/** The task in a result or notification, where there is one. */
export function taskOf(json: string | undefined): (RunTask & { readonly pollMs: number }) | undefined {
  const id = json === undefined ? undefined : memberString(json, 'taskId');
  if (json === undefined || id === undefined) return undefined;
  const message = memberString(json, 'statusMessage')?.slice(0, 2_000);
  const interval = Number(memberText(json, 'pollInterval'));
  return {
    id,
    status: memberString(json, 'status')?.slice(0, 40) ?? 'working',
    ...(message === undefined ? {} : { message }),
    pollMs: Number.isFinite(interval) ? Math.min(Math.max(interval, MIN_POLL_MS), MAX_POLL_MS) : DEFAULT_POLL_MS,
  };
}

export interface TaskPollerOptions {
  readonly session: PlaygroundSession;
  readonly clock: Clock;
  /** What a poll or notification said. */
  readonly onStatus: (task: RunTask) => void;
  /** A request was sent for the task: what comes in its course belongs to the run. */
  readonly onSent: (id: string) => void;
}

export class TaskPoller implements Disposable {
  readonly #timer = new MutableDisposable<Disposable>();
  readonly #result = new Deferred<Answer>();
  #isFetching = false;
  #isOver = false;

  constructor(
    private task: NonNullable<ReturnType<typeof taskOf>>,
    private readonly options: TaskPollerOptions,
  ) {}

  /** Id of the task. */
  get id(): string {
    return this.task.id;
  }

  /** Follows the task to its end; settles once, unless it is disposed. */
  follow(): Promise<Answer> {
    this.#heard(this.task);
    return this.#result.promise;
  }

  /** A `notifications/tasks/status` of this task. */
  told(params: string): void {
    const task = taskOf(params);
    if (task?.id === this.task.id) this.#heard({ ...task, pollMs: this.task.pollMs });
  }

  #heard(task: NonNullable<ReturnType<typeof taskOf>>): void {
    if (this.#isOver) return;
    this.task = task;
    const { pollMs, ...shown } = task;
    this.options.onStatus(shown);
    // What the server wants first comes on the stream of the result.
    if (task.status !== 'working') this.#fetch();
    if (task.status === 'working' || task.status === 'input_required') {
      this.#timer.value = this.options.clock.timer(pollMs, () => void this.#poll());
    } else this.#timer.clear();
  }

  async #poll(): Promise<void> {
    const answer = await this.#request('tasks/get');
    if (this.#isOver) return;
    const task = answer.kind === 'result' ? taskOf(answer.text) : undefined;
    if (task) this.#heard(task);
    else if (!this.#isFetching) this.#settle(answer);
  }

  #fetch(): void {
    if (this.#isFetching) return;
    this.#isFetching = true;
    void this.#request('tasks/result').then((answer) => this.#settle(answer));
  }

  #request(method: string): Promise<Answer> {
    const sent = this.options.session.request(method, JSON.stringify({ taskId: this.task.id }));
    this.options.onSent(sent.id);
    return sent.answer;
  }

  #settle(answer: Answer): void {
    if (this.#isOver) return;
    this.dispose();
    this.#result.resolve(answer);
  }

  dispose(): void {
    this.#isOver = true;
    this.#timer.dispose();
  }
}
