/** Owns which sessions are open: found by their wire id, ended by their clients, when idle, or all at the end; never too many. */
import type { Buffer } from 'node:buffer';
import type { Recorder } from '../capture/types';
import type { Envelope } from '../mcp/envelope';
import { decodeString, findPath } from '../mcp/spans';
import type { Clock } from '../util/clock';
import { messageOf } from '../util/errors';
import type { Logger } from '../util/logger';
import type { DownstreamSession } from './downstreamSession';
import type { Endpoint } from './httpListener';
import type { UpstreamConnection } from './upstreamConnection';

export interface OpenSession {
  readonly session: DownstreamSession;
  readonly endpoint: Endpoint;
  readonly isPlayground: boolean;
  readonly connections: () => readonly UpstreamConnection[];
}

export interface OpenSessionsOptions {
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A session that is not used for so long is ended, milliseconds. */
  readonly idleMs: number;
  readonly most: number;
  /** A session has ended, with all that belongs to it. */
  readonly onEnded: () => void;
}

export class OpenSessions {
  readonly #byWireId = new Map<string, OpenSession>();
  readonly #endings = new Set<Promise<void>>();

  constructor(private readonly options: OpenSessionsOptions) {}

  /** As they are now: what is done to one may end it. */
  all(): readonly OpenSession[] {
    return [...this.#byWireId.values()];
  }

  find(wireId: string, endpoint: Endpoint): DownstreamSession | undefined {
    const open = this.#byWireId.get(wireId);
    return open?.endpoint.server === endpoint.server ? open?.session : undefined;
  }

  /** Idle ones make room for it. */
  hasRoom(): boolean {
    const { most } = this.options;
    if (this.#byWireId.size >= most) this.sweep();
    return this.#byWireId.size < most;
  }

  add(open: OpenSession): void {
    const { session, endpoint, isPlayground } = open;
    session.onInitialize = (bytes, envelope) => this.#recordOpened(session.storeId, endpoint, isPlayground, bytes, envelope);
    this.#byWireId.set(session.wireId, open);
  }

  /** Whether a client is connected there that caches by versions; the Playground does not. */
  isServed(server: string | undefined): boolean {
    return this.all().some(({ endpoint, isPlayground }) => endpoint.server === server && !isPlayground);
  }

  connections(): UpstreamConnection[] {
    return this.all().flatMap((open) => open.connections());
  }

  end(session: DownstreamSession): void {
    if (!this.#byWireId.delete(session.wireId)) return;
    const { recorder, logger, onEnded } = this.options;
    const ending = session.close().then(
      () => {
        recorder.event({ type: 'session.closed', session: session.storeId, data: {} });
      },
      (error: unknown) => logger.error(`A session could not be closed: ${messageOf(error)}`),
    );
    this.#endings.add(ending);
    void ending.finally(() => {
      this.#endings.delete(ending);
      onEnded();
    });
  }

  /** Ends those that are idle. */
  sweep(): void {
    const limit = this.options.clock.wallMs() - this.options.idleMs;
    for (const { session } of this.all()) if (session.lastActiveMs < limit) this.end(session);
  }

  /** Resolves when nothing of any session is left. */
  async endAll(): Promise<void> {
    for (const { session } of this.all()) this.end(session);
    await Promise.all(this.#endings);
  }

  #recordOpened(session: string, { server }: Endpoint, isPlayground: boolean, bytes: Buffer, envelope: Envelope): void {
    const text = (...path: string[]): string | undefined => decodeString(bytes, findPath(bytes, envelope.paramsSpan, ...path));
    this.options.recorder.event({
      type: 'session.opened',
      session,
      server,
      data: {
        endpoint: server === undefined ? '/mcp' : `/mcp/${encodeURIComponent(server)}`,
        clientName: text('clientInfo', 'name'),
        clientVersion: text('clientInfo', 'version'),
        protocolVersion: text('protocolVersion'),
        ...(isPlayground ? { playground: true } : {}),
      },
    });
  }
}
