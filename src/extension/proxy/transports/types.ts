/**
 * Owns the interface between an upstream connection and the wire below it. A transport carries frames as bytes, in
 * order, and knows nothing of their meaning beyond what its wire needs. It reports its end exactly once.
 */
import type { Buffer } from 'node:buffer';
import type { Envelope } from '../../mcp/envelope';
import type { Release } from './letGo';

export interface CloseReason {
  /** What happened, for people: names the server, exit code or signal or network error. */
  readonly message: string;
  /** The server ended by itself or was lost, as against `close()`. */
  readonly unexpected: boolean;
  /** The server speaks HTTP but not Streamable HTTP; the deprecated HTTP+SSE transport may work (spec: "Backwards Compatibility"). */
  readonly tryLegacySse?: true;
}

export interface TransportEvents {
  /**
   * One message from the server, without line ends or SSE framing. `stream`: id (canonical JSON text) of the request on
   * whose HTTP stream it came; absent on stdio and on the standalone stream. `envelope`: where the transport has read it.
   */
  onMessage(bytes: Buffer, stream: string | undefined, envelope?: Envelope): void;
  /** Complete lines of a process's stderr, each cut to 8 KB. */
  onStderr(lines: readonly string[]): void;
  /** A request or notification could not be delivered or answered; the connection itself goes on. `id` of the request. */
  onSendFailed(id: string | undefined, message: string, data?: Readonly<Record<string, unknown>>): void;
  /**
   * The server did not take the frame because it no longer knows the HTTP session under which it was sent. `renewed`: the
   * session has been replaced since, so sending again is enough; otherwise the connection must shake hands first.
   */
  onSessionLost(unsent: { readonly bytes: Buffer; readonly envelope: Envelope; readonly renewed: boolean }): void;
  /** A request was sent a second time, since it had found a connection that the server had closed already. */
  onRepeated?(facts: Readonly<Record<string, unknown>>): void;
  /** Once; nothing comes after it. */
  onClose(reason: CloseReason): void;
}

export interface UpstreamTransport {
  /** Everything the server sends comes on one stream, so that a message does not tell which request it belongs to. */
  readonly isShared: boolean;
  /** Process id, where the server is a process. */
  readonly pid?: number;
  /** The bytes that `send` will put on the wire for this frame; usually the same object. Recorded before `send`. */
  encode(bytes: Buffer): Buffer;
  /**
   * Takes one frame, already encoded; frames leave in the order given. `release` (letGo.ts) is for when it has left: it need not
   * be called.
   */
  send(bytes: Buffer, envelope: Envelope, release?: Release): void;
  /** While the server does not take what it is sent: gives what calls back once it does, or is gone. */
  held?(): ((goOn: () => void) => void) | undefined;
  /** Tells the transport what the server's answer to `initialize` settled. */
  handshakeDone(protocolVersion: string | undefined): void;
  /** Stops reading while the other side cannot take more; `false` goes on. */
  pause(paused: boolean): void;
  /** Ends it; resolves when no process and no socket is left. */
  close(): Promise<void>;
}
