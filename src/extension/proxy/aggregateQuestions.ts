/**
 * Owns what servers ask of the client on the aggregate, from the question to the answer: ids and tokens are mapped, tasks
 * that the client makes of a question stay with the server that asked, and nobody waits for an answer that cannot come.
 */
import type { Recorder } from '../capture/types';
import { INVALID_PARAMS } from '../mcp/messages';
import { rawText, type Edit } from '../mcp/spans';
import { ClientTasks } from './clientTasks';
import type { ServerFrame } from './connectionTypes';
import type { DownstreamSession } from './downstreamSession';
import { edited, rewritten, type Frame, type Outgoing } from './frame';
import { FLOOD, MAX_OPEN_QUESTIONS, refuseQuestion, takenBack, TOO_MANY, UNREACHABLE } from './questions';
import { ReverseRequests } from './reverseRequests';
import { exposedTaskEdits, ownTaskEdits } from './taskRewriter';
import type { TaskTable } from './taskTable';
import type { UpstreamConnection } from './upstreamConnection';

export interface QuestionsDeps {
  readonly session: DownstreamSession;
  readonly recorder: Recorder;
  /** The servers' own tasks, to which a question may belong. */
  readonly tasks: TaskTable;
  readonly connections: () => readonly UpstreamConnection[];
}

export class AggregateQuestions {
  readonly #reverse = new ReverseRequests();
  /** What the client makes of questions. */
  readonly #made = new ClientTasks();
  /** Those of which it is on record that they ask too much. */
  readonly #floods = new WeakSet<UpstreamConnection>();

  constructor(private readonly deps: QuestionsDeps) {}

  ask(from: UpstreamConnection, frame: ServerFrame): void {
    const foreign = this.#made.foreign(from, frame);
    if (foreign !== undefined) {
      refuseQuestion(from, rawText(frame.bytes, frame.envelope.idSpan!), frame.number, `Unknown task: ${foreign}`, INVALID_PARAMS);
      return;
    }
    if (this.#reverse.countOf(from) >= MAX_OPEN_QUESTIONS) {
      this.#flooded(from);
      refuseQuestion(from, rawText(frame.bytes, frame.envelope.idSpan!), frame.number, TOO_MANY);
      return;
    }
    const tasks = exposedTaskEdits(frame.bytes, frame.envelope, from.name, this.deps.tasks);
    this.deps.session.send(this.#reverse.toClient(from, frame, tasks), frame.pending?.exchange);
  }

  answer(frame: Frame): void {
    const { envelope } = frame;
    const reverse = this.#reverse.take(envelope.id);
    if (!reverse) {
      this.dropped(frame, 'no server waits for it, or none does any longer');
      return;
    }
    const { connection, rawId, cause } = reverse;
    if (reverse.makesTask && this.#made.answered(connection, frame)) this.#reverse.runs(reverse);
    const edits: Edit[] = [{ span: envelope.idSpan!, text: rawId }, ...this.#taskEdits(frame, connection.name)];
    if (reverse.method === 'tasks/list') edits.push(...this.#made.cuts(connection, frame));
    connection.send(rewritten(frame, edits, connection.name, cause));
  }

  progress(frame: Frame): void {
    const progress = this.#reverse.progressToServer(frame, ({ name }) => this.#taskEdits(frame, name));
    progress?.connection.send(progress.out);
  }

  /** The client tells how a task of its own is getting on: to whoever asked for it, and nobody else. */
  taskStatus(frame: Frame): void {
    const connections = this.deps.connections();
    // It may come before the answer that says whose task it is.
    const to = this.#made.taskOf(frame)?.owner ?? (connections.length === 1 ? connections[0] : this.#reverse.awaitingTask);
    if (to) to.send(edited(frame, this.#taskEdits(frame, to.name), to.name));
    else this.dropped(frame, 'it is about a task that no server has asked for');
  }

  /** The server for which the client runs a task. */
  ownerOf(task: string): UpstreamConnection | undefined {
    return this.#made.ownerOf(task);
  }

  #taskEdits({ bytes, envelope }: Frame, server: string): readonly Edit[] {
    return ownTaskEdits(bytes, envelope, server, this.deps.tasks);
  }

  /** The server's `notifications/cancelled` as the client is to get it. */
  cancelled(from: UpstreamConnection, frame: ServerFrame): Outgoing | undefined {
    const tasks = exposedTaskEdits(frame.bytes, frame.envelope, from.name, this.deps.tasks);
    return this.#reverse.cancelledToClient(from, frame, tasks);
  }

  /** A server that is gone will not hear the client's answers; the client must not go on asking its user. */
  takeBack(from: UpstreamConnection): void {
    for (const { mapped, cause } of this.#reverse.lost(from)) this.deps.session.send(takenBack(from.name, mapped, cause), undefined);
  }

  /** See `SessionRouter.undeliverable`. */
  undeliverable(mapped: string): void {
    const reverse = this.#reverse.take(mapped);
    if (reverse) refuseQuestion(reverse.connection, reverse.rawId, reverse.number, UNREACHABLE);
  }

  #flooded(from: UpstreamConnection): void {
    if (this.#floods.has(from)) return;
    this.#floods.add(from);
    this.deps.recorder.event({ type: 'policy.limit', session: this.deps.session.storeId, server: from.name, data: FLOOD });
  }

  /** Says of a message of the client that it goes no further. */
  dropped(frame: Frame, why: string): void {
    const data = { frame: frame.number, why };
    this.deps.recorder.event({ type: 'client.answerDropped', session: this.deps.session.storeId, data });
  }
}
