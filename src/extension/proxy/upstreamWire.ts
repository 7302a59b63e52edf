/**
 * Owns the transport below one connection: opens it, falls back to HTTP+SSE once, records before it sends, ends it, and
 * keeps the last words of a process. What a transport says after the next one was opened is not heard.
 */
import type { Buffer } from 'node:buffer';
import type { Envelope } from '../mcp/envelope';
import { withoutGiven, withoutGivenIn } from '../servers/given';
import type { ResolvedServer } from '../servers/types';
import type { ConnectionContext } from './connectionTypes';
import type { DefinitionWatch } from './definitionWatch';
import type { Outgoing } from './frame';
import { hold } from './transports/letGo';
import { openTransport } from './transports/open';
import type { CloseReason, TransportEvents, UpstreamTransport } from './transports/types';

const STDERR_TAIL_LINES = 20;

export interface WireOwner extends Pick<TransportEvents, 'onSendFailed' | 'onSessionLost' | 'onRepeated'> {
  readonly name: string;
  readonly definitions: DefinitionWatch;
  /** There is a transport; also after a fallback. */
  onOpened(): void;
  /** The transport is of no use and another is opened in its place: what was sent is void. */
  onFallback(message: string): void;
  onMessage(bytes: Buffer, stream: string | undefined, envelope?: Envelope): void;
  onStderr(lines: readonly string[]): void;
  onClose(reason: CloseReason): void;
}

export class UpstreamWire {
  #transport: UpstreamTransport | undefined;
  #generation = 0;
  #stderr: readonly string[] = [];
  #legacySse = false;
  readonly #endings = new Set<Promise<void>>();

  constructor(
    private readonly context: ConnectionContext,
    private readonly owner: WireOwner,
  ) {}

  /** Number of the transport in use, or of the attempt to open one. */
  get generation(): number {
    return this.#generation;
  }

  get isOpen(): boolean {
    return this.#transport !== undefined;
  }

  get isShared(): boolean {
    return this.#transport?.isShared ?? false;
  }

  get pid(): number | undefined {
    return this.#transport?.pid;
  }

  /** The last lines a process has printed since `begin`, oldest first. */
  get stderr(): readonly string[] {
    return this.#stderr;
  }

  /** A new attempt; gives its number. `isRestart`: what was printed before belongs to the past. */
  begin(isRestart = false): number {
    if (isRestart) this.#stderr = [];
    return ++this.#generation;
  }

  /** Throws where opening fails at once, such as for a URL that is none. */
  open(resolved: ResolvedServer): void {
    const generation = this.#generation;
    const current = (): boolean => generation === this.#generation;
    const { owner } = this;
    const said = (text: string): string => withoutGiven(text, resolved.given);
    const events: TransportEvents = {
      onMessage: (bytes, stream, envelope) => {
        if (current()) owner.onMessage(bytes, stream, envelope);
      },
      onStderr: (lines) => {
        // Also after the end: a process's last words explain it.
        this.#stderr = [...this.#stderr, ...lines.map(said)].slice(-STDERR_TAIL_LINES);
        owner.onStderr(lines);
      },
      onSendFailed: (id, message, data) => {
        if (current()) owner.onSendFailed(id, said(message), withoutGivenIn(data, resolved.given));
      },
      onSessionLost: (unsent) => {
        if (current()) owner.onSessionLost(unsent);
      },
      onRepeated: (facts) => {
        if (current()) owner.onRepeated?.(facts);
      },
      onClose: (ending) => {
        if (!current()) return;
        const reason = { ...ending, message: said(ending.message) };
        if (!reason.tryLegacySse || this.#legacySse || resolved.type !== 'http') {
          owner.onClose(reason);
          return;
        }
        this.#legacySse = true;
        this.begin();
        owner.onFallback(reason.message);
        try {
          this.open(resolved);
        } catch (error) {
          owner.onClose({ message: said(String(error)), unexpected: true });
        }
      },
    };
    const { clock, auth, processes } = this.context;
    this.#transport = openTransport(resolved, events, { clock, auth, legacySse: this.#legacySse });
    const { pid } = this.#transport;
    if (pid !== undefined) processes?.add(pid);
    owner.onOpened();
  }

  /** Records, then sends. */
  write(out: Outgoing): void {
    const transport = this.#transport;
    if (!transport) return;
    const { name, definitions } = this.owner;
    const { envelope } = out;
    const bytes = transport.encode(out.bytes);
    const frame = {
      leg: 'upstream',
      direction: 'toServer',
      session: this.context.session,
      server: name,
      envelope,
      bytes,
      forwards: out.forwards,
      unchanged: out.unchanged && bytes === out.bytes,
      edited: bytes === out.bytes ? out.edited : undefined,
      cause: out.cause,
      ownMessage: out.ownMessage,
      definition: envelope.kind === 'request' ? definitions.definitionOf(envelope.method!, out.bytes, envelope) : undefined,
    } as const;
    // What is no request may go to several servers, of which one takes it later than the others.
    const release = envelope.kind === 'request' ? hold(bytes, envelope.method) : undefined;
    this.context.recorder.frame(frame, () => transport.send(bytes, envelope, release));
  }

  handshakeDone(version: string | undefined): void {
    this.#transport?.handshakeDone(version);
  }

  /** Stops reading; what is returned goes on. `undefined`: nothing is open. */
  pause(): (() => void) | undefined {
    const transport = this.#transport;
    transport?.pause(true);
    return transport && (() => transport.pause(false));
  }

  /** See `UpstreamTransport.held`. */
  held(): ((goOn: () => void) => void) | undefined {
    return this.#transport?.held?.();
  }

  /** Hears nothing more of the transport; what is returned ends it. */
  leave(): () => void {
    this.#generation++;
    const transport = this.#transport;
    this.#transport = undefined;
    return () => {
      if (!transport) return;
      const ending = this.#end(transport);
      this.#endings.add(ending);
      void ending.finally(() => this.#endings.delete(ending));
    };
  }

  /** Resolves when nothing that was left is running any more. */
  async ended(): Promise<void> {
    await Promise.all(this.#endings);
  }

  async #end(transport: UpstreamTransport): Promise<void> {
    await transport.close();
    if (transport.pid !== undefined) this.context.processes?.remove(transport.pid);
  }
}
