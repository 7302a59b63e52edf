/** Owns to which server a request goes that names a resource: its owner by the table, else whoever turns out to know it. */
import { INVALID_PARAMS } from '../mcp/messages';
import type { ResourceTable } from '../mcp/resourceTable';
import { decodeString, type Edit, type Span } from '../mcp/spans';
import type { AggregateServers } from './aggregateServers';
import type { Frame } from './frame';
import type { OpenRequests } from './openRequests';
import type { PostExchange } from './postExchange';
import type { UpstreamConnection } from './upstreamConnection';

export interface UriRoutingDeps {
  readonly resources: ResourceTable;
  readonly servers: AggregateServers;
  readonly open: OpenRequests;
  /** Reads the lists of resources and templates anew. */
  readonly refresh: (cause: number) => Promise<unknown>;
  /** `accept`: looks at the answer first; `false` keeps it from the client. */
  readonly forward: (
    frame: Frame,
    exchange: PostExchange,
    connection: UpstreamConnection,
    edits: readonly Edit[],
    accept?: (answer: Frame) => boolean,
  ) => void;
}

export class UriRouting {
  constructor(private readonly deps: UriRoutingDeps) {}

  /** `span`: where the URI stands in the request. */
  async route(frame: Frame, exchange: PostExchange, span: Span | undefined): Promise<void> {
    const exposed = decodeString(frame.bytes, span);
    if (exposed === undefined) {
      this.deps.open.fail(frame, INVALID_PARAMS, `"${frame.envelope.method!}" needs a URI`);
      return;
    }
    // Also where its server is not there: it must not be subscribed to when that comes back.
    if (frame.envelope.method === 'resources/unsubscribe') this.deps.servers.subscriptions.delete(exposed);
    const route = (): boolean => {
      const owner = this.deps.resources.ownerOf(exposed);
      const connection = this.deps.servers.find(owner?.server);
      if (!owner || !connection) return false;
      if (frame.envelope.method === 'resources/subscribe') this.deps.servers.subscriptions.set(exposed, owner);
      const edits = owner.uri === exposed ? [] : [{ span: span!, text: JSON.stringify(owner.uri) }];
      this.deps.forward(frame, exchange, connection, edits);
      return true;
    };
    if (route()) return;
    await this.deps.refresh(frame.number);
    if (route()) return;
    // Listed nowhere, which MCP allows: ask whoever has resources, in order, until one knows it.
    const candidates = this.deps.servers.connections.filter((one) => one.isReady && one.hasCapability('resources'));
    if (candidates.length === 0) {
      this.deps.open.fail(frame, INVALID_PARAMS, `Unknown resource: ${exposed}`);
      return;
    }
    const ask = (k: number): void => {
      const connection = candidates[k]!;
      const isLast = k === candidates.length - 1;
      this.deps.forward(frame, exchange, connection, [], (answer) => {
        if (answer.envelope.kind !== 'error') {
          this.deps.resources.learn(connection.name, exposed);
          if (frame.envelope.method === 'resources/subscribe') {
            this.deps.servers.subscriptions.set(exposed, { server: connection.name, uri: exposed });
          }
          return true;
        }
        if (isLast || !this.deps.open.isOpen(frame)) return true;
        ask(k + 1);
        return false;
      });
    };
    ask(0);
  }
}
