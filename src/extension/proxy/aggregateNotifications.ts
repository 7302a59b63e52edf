/**
 * Owns where notifications go on the aggregate: the client's to the servers they concern, a server's to the client. What
 * belongs to a task goes to the server whose task it is, or for which the client runs it, and to no other.
 */
import type { NameTable } from '../mcp/names';
import { canonicalScalar, decodeString, findMember, type Edit } from '../mcp/spans';
import type { Admission } from './admission';
import type { AggregateQuestions } from './aggregateQuestions';
import type { AggregateServers } from './aggregateServers';
import type { ServerFrame } from './connectionTypes';
import type { DownstreamSession } from './downstreamSession';
import { exposed, type ExposureTables } from './exposure';
import { edited, type Frame } from './frame';
import type { OpenRequests } from './openRequests';
import { ownTaskEdits, relatedTask } from './taskRewriter';
import type { UpstreamConnection } from './upstreamConnection';

export interface NotificationDeps extends ExposureTables {
  readonly session: DownstreamSession;
  readonly servers: AggregateServers;
  readonly questions: AggregateQuestions;
  readonly open: OpenRequests;
  readonly names: NameTable;
  readonly admission: Admission;
  readonly onListChanged: (server: string, method: string) => void;
}

export class AggregateNotifications {
  constructor(private readonly deps: NotificationDeps) {}

  fromClient(frame: Frame): void {
    const { envelope, bytes } = frame;
    switch (envelope.method) {
      case 'notifications/initialized':
        this.deps.servers.clientInitialized(frame);
        return;
      case 'notifications/cancelled': {
        const span = findMember(bytes, envelope.paramsSpan, 'requestId');
        const id = span && canonicalScalar(bytes, span);
        const open = this.deps.open.get(id);
        if (id === undefined || !open || open.frame.envelope.method === 'initialize') return;
        if (open.connection) {
          this.#send(open.connection, frame, [], open.frame.number);
          open.connection.forget(id);
        } else open.onCancelled?.(frame, span!);
        this.deps.open.cancel(open);
        return;
      }
      case 'notifications/progress':
        this.deps.questions.progress(frame);
        return;
      case 'notifications/tasks/status':
        this.deps.questions.taskStatus(frame);
        return;
      case 'tools/call':
        this.#unaskedCall(frame);
        return;
      default:
        this.#other(frame);
    }
  }

  /** A notification whose method says nothing of whom it is for. */
  #other(frame: Frame): void {
    const { servers, tasks, questions } = this.deps;
    // The only server can tell for itself.
    const task = servers.connections.length === 1 ? undefined : relatedTask(frame.bytes, frame.envelope);
    if (task === undefined) {
      for (const connection of servers.connections) this.#send(connection, frame);
      return;
    }
    const owner = tasks.ownerOf(task);
    const connection = owner ? servers.find(owner.server) : questions.ownerOf(task);
    if (connection) this.#send(connection, frame);
    else questions.dropped(frame, 'it belongs to a task that no server knows');
  }

  /** Without an id nobody is told anything; but a server that runs it all the same is no way around names and policy. */
  #unaskedCall(frame: Frame): void {
    const { names, servers, admission, questions } = this.deps;
    const span = findMember(frame.bytes, frame.envelope.paramsSpan, 'name');
    const owner = names.ownerOf(decodeString(frame.bytes, span) ?? '');
    const connection = servers.find(owner?.server);
    if (!owner || !connection) {
      questions.dropped(frame, 'it calls a tool that no server has');
      return;
    }
    admission.ask(connection, frame, owner.own, (refusal) => {
      if (!refusal) this.#send(connection, frame, [{ span: span!, text: JSON.stringify(owner.own) }]);
    });
  }

  #send(connection: UpstreamConnection, frame: Frame, edits: readonly Edit[] = [], cause?: number): void {
    const tasks = ownTaskEdits(frame.bytes, frame.envelope, connection.name, this.deps.tasks);
    connection.send(edited(frame, [...edits, ...tasks], connection.name, cause));
  }

  fromServer(connection: UpstreamConnection, frame: ServerFrame): void {
    const { envelope, pending } = frame;
    switch (envelope.method) {
      case 'notifications/cancelled': {
        const out = this.deps.questions.cancelled(connection, frame);
        if (out) this.deps.session.send(out, pending?.exchange);
        return;
      }
      case 'notifications/tools/list_changed':
      case 'notifications/prompts/list_changed':
      case 'notifications/resources/list_changed':
        this.deps.onListChanged(connection.name, envelope.method);
        // Before the client knows the gateway's capabilities there is no list that could have changed.
        if (!this.deps.servers.isAnswered) return;
        break;
    }
    this.deps.session.send(exposed(frame, connection.name, this.deps, undefined, pending?.cause), pending?.exchange);
  }
}
