/**
 * Owns the requests servers make of the client on the aggregate (sampling, elicitation, roots, ping). Two servers may use
 * the same id or progress token, so both are mapped to numbers of the session, and back.
 */
import type { Buffer } from 'node:buffer';
import { canonicalScalar, findPath, rawText, splice, type Edit } from '../mcp/spans';
import type { ServerFrame } from './connectionTypes';
import type { Frame } from './frame';
import type { UpstreamConnection } from './upstreamConnection';

interface Reverse {
  readonly mapped: string;
  readonly connection: UpstreamConnection;
  /** Canonical and raw JSON text of the server's id. */
  readonly id: string;
  readonly rawId: string;
  /** Raw JSON text of the server's progress token. */
  readonly rawToken: string | undefined;
  readonly number: number;
  readonly cause: number | undefined;
}

export class ReverseRequests {
  readonly #byMapped = new Map<string, Reverse>();
  // From 1: the SDK's client ignores a cancellation of request 0.
  #next = 1;

  /** The server's request with mapped id and token. */
  toClient(connection: UpstreamConnection, frame: ServerFrame): Buffer {
    const { bytes, envelope } = frame;
    const mapped = String(this.#next++);
    const token = findPath(bytes, envelope.paramsSpan, '_meta', 'progressToken');
    this.#byMapped.set(mapped, {
      mapped,
      connection,
      id: envelope.id!,
      rawId: rawText(bytes, envelope.idSpan!),
      rawToken: token && rawText(bytes, token),
      number: frame.number,
      cause: frame.pending?.cause,
    });
    const edits: Edit[] = [{ span: envelope.idSpan!, text: mapped }];
    if (token) edits.push({ span: token, text: mapped });
    return splice(bytes, edits);
  }

  /** The client's answer with the server's own id; `undefined` where no server waits for it. */
  toServer(frame: Frame): { readonly bytes: Buffer; readonly reverse: Reverse } | undefined {
    const { bytes, envelope } = frame;
    const reverse = envelope.id === undefined ? undefined : this.#byMapped.get(envelope.id);
    if (!reverse) return undefined;
    this.#byMapped.delete(reverse.mapped);
    return { bytes: splice(bytes, [{ span: envelope.idSpan!, text: reverse.rawId }]), reverse };
  }

  /** The client's progress with the server's own token. */
  progressToServer(frame: Frame): { readonly bytes: Buffer; readonly reverse: Reverse } | undefined {
    const span = findPath(frame.bytes, frame.envelope.paramsSpan, 'progressToken');
    const reverse = span && this.#byMapped.get(canonicalScalar(frame.bytes, span));
    if (reverse?.rawToken === undefined) return undefined;
    return { bytes: splice(frame.bytes, [{ span: span!, text: reverse.rawToken }]), reverse };
  }

  /** The server's `notifications/cancelled` with the mapped id; `undefined` where nothing is left to cancel. */
  cancelledToClient(connection: UpstreamConnection, frame: ServerFrame): Buffer | undefined {
    const span = findPath(frame.bytes, frame.envelope.paramsSpan, 'requestId');
    if (!span) return undefined;
    const id = canonicalScalar(frame.bytes, span);
    for (const reverse of this.#byMapped.values()) {
      if (reverse.connection !== connection || reverse.id !== id) continue;
      this.#byMapped.delete(reverse.mapped);
      return splice(frame.bytes, [{ span, text: reverse.mapped }]);
    }
    return undefined;
  }

  /** Forgets what a lost server still waits for; gives those requests so that the client can be told. */
  lost(connection: UpstreamConnection): Reverse[] {
    const lost = [...this.#byMapped.values()].filter((reverse) => reverse.connection === connection);
    for (const { mapped } of lost) this.#byMapped.delete(mapped);
    return lost;
  }
}
