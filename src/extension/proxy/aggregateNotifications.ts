/** Owns where notifications go on the aggregate: the client's to the servers they concern, a server's to the client. */
import type { Buffer } from 'node:buffer';
import { scanEnvelope } from '../mcp/envelope';
import type { ResourceTable } from '../mcp/resourceTable';
import { canonicalScalar, findMember } from '../mcp/spans';
import type { AggregateServers } from './aggregateServers';
import type { ServerFrame } from './connectionTypes';
import type { DownstreamSession } from './downstreamSession';
import { changed, verbatim, type Frame } from './frame';
import type { OpenRequests } from './openRequests';
import type { ReverseRequests } from './reverseRequests';
import type { UpstreamConnection } from './upstreamConnection';
import { exposeUris } from './uriRewriter';

export interface NotificationDeps {
  readonly session: DownstreamSession;
  readonly servers: AggregateServers;
  readonly reverse: ReverseRequests;
  readonly open: OpenRequests;
  readonly resources: ResourceTable;
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
        }
        this.deps.open.cancel(open);
        return;
      }
      case 'notifications/progress': {
        const progress = this.deps.reverse.progressToServer(frame);
        if (!progress) return;
        const { connection, cause } = progress.reverse;
        connection.send(changed(frame, progress.bytes, scanEnvelope(progress.bytes), connection.name, cause));
        return;
      }
      default:
        for (const connection of this.deps.servers.connections) {
          if (connection.isReady) connection.send(verbatim(frame, connection.name));
        }
    }
  }

  fromServer(connection: UpstreamConnection, frame: ServerFrame): void {
    const { envelope, pending } = frame;
    let bytes: Buffer | undefined = frame.bytes;
    switch (envelope.method) {
      case 'notifications/cancelled':
        bytes = this.deps.reverse.cancelledToClient(connection, frame);
        break;
      case 'notifications/resources/updated':
        bytes = exposeUris(frame.bytes, envelope, connection.name, this.deps.resources);
        break;
      case 'notifications/tools/list_changed':
      case 'notifications/prompts/list_changed':
      case 'notifications/resources/list_changed':
        this.deps.onListChanged(connection.name, envelope.method);
        // Before the client knows the gateway's capabilities there is no list that could have changed.
        if (!this.deps.servers.isAnswered) return;
        break;
    }
    if (!bytes) return;
    const out =
      bytes === frame.bytes
        ? verbatim(frame, connection.name, pending?.cause)
        : changed(frame, bytes, scanEnvelope(bytes), connection.name, pending?.cause);
    this.deps.session.send(out, pending?.exchange);
  }
}
