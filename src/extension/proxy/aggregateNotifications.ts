/** Owns where notifications go on the aggregate: the client's to the servers they concern, a server's to the client. */
import { canonicalScalar, findMember } from '../mcp/spans';
import type { AggregateQuestions } from './aggregateQuestions';
import type { AggregateServers } from './aggregateServers';
import type { ServerFrame } from './connectionTypes';
import type { DownstreamSession } from './downstreamSession';
import { exposed, type ExposureTables } from './exposure';
import { verbatim, type Frame } from './frame';
import type { OpenRequests } from './openRequests';
import type { UpstreamConnection } from './upstreamConnection';

export interface NotificationDeps extends ExposureTables {
  readonly session: DownstreamSession;
  readonly servers: AggregateServers;
  readonly questions: AggregateQuestions;
  readonly open: OpenRequests;
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
          open.connection.send(verbatim(frame, open.connection.name, open.frame.number));
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
      default:
        for (const connection of this.deps.servers.connections) {
          if (connection.isReady) connection.send(verbatim(frame, connection.name));
        }
    }
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
