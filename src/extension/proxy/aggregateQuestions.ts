/**
 * Owns what servers ask of the client on the aggregate, from the question to the answer: ids and tokens are mapped, tasks
 * that the client makes of a question stay with the server that asked, and nobody waits for an answer that cannot come.
 */
import type { Buffer } from 'node:buffer';
import type { Recorder } from '../capture/types';
import { scanEnvelope } from '../mcp/envelope';
import { CLIENT_UNAVAILABLE, errorFrame, INVALID_PARAMS, notificationFrame } from '../mcp/messages';
import { rawText, splice, type Edit } from '../mcp/spans';
import { ClientTasks } from './clientTasks';
import type { ServerFrame } from './connectionTypes';
import type { DownstreamSession } from './downstreamSession';
import { changed, verbatim, type Frame, type Outgoing } from './frame';
import { MAX_OPEN_QUESTIONS } from './relayQuestions';
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
      this.#refuse(from, rawText(frame.bytes, frame.envelope.idSpan!), frame.number, INVALID_PARAMS, `Unknown task: ${foreign}`);
      return;
    }
    if (this.#reverse.countOf(from) >= MAX_OPEN_QUESTIONS) {
      this.#flooded(from);
      this.#refuse(from, rawText(frame.bytes, frame.envelope.idSpan!), frame.number, CLIENT_UNAVAILABLE, 'Too many requests of this server are not answered yet');
      return;
    }
    const bytes = this.#reverse.toClient(from, frame, exposedTaskEdits(frame.bytes, frame.envelope, from.name, this.deps.tasks));
    this.deps.session.send(changed(frame, bytes, scanEnvelope(bytes), from.name, frame.pending?.cause), frame.pending?.exchange);
  }

  answer(frame: Frame): void {
    const { bytes, envelope } = frame;
    const reverse = this.#reverse.take(envelope.id);
    if (!reverse) {
      this.#dropped(frame, 'no server waits for it, or none does any longer');
      return;
    }
    const { connection, rawId, cause } = reverse;
    if (reverse.makesTask && this.#made.answered(connection, frame)) this.#reverse.runs(reverse);
    const edits: Edit[] = [{ span: envelope.idSpan!, text: rawId }, ...ownTaskEdits(bytes, envelope, connection.name, this.deps.tasks)];
    if (reverse.method === 'tasks/list') edits.push(...this.#made.cuts(connection, frame));
    const out = splice(bytes, edits);
    connection.send(changed(frame, out, scanEnvelope(out), connection.name, cause));
  }

  progress(frame: Frame): void {
    const progress = this.#reverse.progressToServer(frame);
    if (!progress) return;
    const { connection, cause } = progress.reverse;
    connection.send(changed(frame, progress.bytes, scanEnvelope(progress.bytes), connection.name, cause));
  }

  /** The client tells how a task of its own is getting on: to whoever asked for it, and nobody else. */
  taskStatus(frame: Frame): void {
    const connections = this.deps.connections();
    // It may come before the answer that says whose task it is.
    const to = this.#made.taskOf(frame)?.owner ?? (connections.length === 1 ? connections[0] : this.#reverse.awaitingTask);
    if (to) to.send(verbatim(frame, to.name));
    else this.#dropped(frame, 'it is about a task that no server has asked for');
  }

  /** The server's `notifications/cancelled` as the client is to get it. */
  cancelled(from: UpstreamConnection, frame: ServerFrame): Buffer | undefined {
    return this.#reverse.cancelledToClient(from, frame);
  }

  /** A server that is gone will not hear the client's answers; the client must not go on asking its user. */
  takeBack(from: UpstreamConnection): void {
    this.#made.lost(from);
    for (const { mapped, cause } of this.#reverse.lost(from)) {
      const reason = JSON.stringify(`Server "${from.name}" is gone`);
      const bytes = notificationFrame('notifications/cancelled', `{"requestId":${mapped},"reason":${reason}}`);
      const out: Outgoing = { bytes, envelope: scanEnvelope(bytes), server: from.name, cause, ownMessage: true };
      this.deps.session.send(out, undefined);
    }
  }

  /** See `SessionRouter.undeliverable`. */
  undeliverable(mapped: string): void {
    const reverse = this.#reverse.take(mapped);
    if (!reverse) return;
    this.#refuse(reverse.connection, reverse.rawId, reverse.number, CLIENT_UNAVAILABLE, 'The client reads no stream on which it could be asked');
  }

  #refuse(connection: UpstreamConnection, rawId: string, cause: number, code: number, message: string): void {
    const bytes = errorFrame(rawId, code, message);
    connection.send({ bytes, envelope: scanEnvelope(bytes), server: connection.name, cause, ownMessage: true });
  }

  #flooded(from: UpstreamConnection): void {
    if (this.#floods.has(from)) return;
    this.#floods.add(from);
    const data = { what: 'questions of a server that are not answered', limit: MAX_OPEN_QUESTIONS };
    this.deps.recorder.event({ type: 'policy.limit', session: this.deps.session.storeId, server: from.name, data });
  }

  #dropped(frame: Frame, why: string): void {
    const data = { frame: frame.number, why };
    this.deps.recorder.event({ type: 'client.answerDropped', session: this.deps.session.storeId, data });
  }
}
