/**
 * Owns the requests servers make of the client on the aggregate (sampling, elicitation, roots, ping). Two servers may use
 * the same id or progress token, so both are mapped to numbers of the session, and back.
 */
import { canonicalScalar, findPath, rawText, type Edit } from '../mcp/spans';
import type { ServerFrame } from './connectionTypes';
import { rewritten, type Frame, type Outgoing } from './frame';
import type { UpstreamConnection } from './upstreamConnection';

export interface Reverse {
  readonly mapped: string;
  readonly connection: UpstreamConnection;
  /** Canonical and raw JSON text of the server's id. */
  readonly id: string;
  readonly rawId: string;
  /** Raw JSON text of the server's progress token. */
  readonly rawToken: string | undefined;
  readonly method: string;
  /** The client is to run it as a task. */
  readonly makesTask: boolean;
  readonly number: number;
  readonly cause: number | undefined;
}

/** Answered requests of which the client still tells progress, since it runs them as tasks. */
const MAX_RUNNING = 1000;

export class ReverseRequests {
  readonly #byMapped = new Map<string, Reverse>();
  /** Of each server, how many of these are its own. */
  readonly #counts = new Map<UpstreamConnection, number>();
  /** What the client has answered by making a task of it, oldest first: its progress token holds until the task ends. */
  readonly #running = new Map<string, Reverse>();
  // From 1: the SDK's client ignores a cancellation of request 0.
  #next = 1;

  /** The server's request with mapped id and token; `more`: what else is mapped in it. */
  toClient(connection: UpstreamConnection, frame: ServerFrame, more: readonly Edit[]): Outgoing {
    const { bytes, envelope } = frame;
    const mapped = String(this.#next++);
    const token = findPath(bytes, envelope.paramsSpan, '_meta', 'progressToken');
    this.#byMapped.set(mapped, {
      mapped,
      connection,
      id: envelope.id!,
      rawId: rawText(bytes, envelope.idSpan!),
      rawToken: token && rawText(bytes, token),
      method: envelope.method!,
      makesTask: envelope.params?.task !== undefined,
      number: frame.number,
      cause: frame.pending?.cause,
    });
    this.#counts.set(connection, this.countOf(connection) + 1);
    const edits: Edit[] = [...more, { span: envelope.idSpan!, text: mapped }];
    if (token) edits.push({ span: token, text: mapped });
    return rewritten(frame, edits, connection.name, frame.pending?.cause);
  }

  /** How many requests of a server are not answered. */
  countOf(connection: UpstreamConnection): number {
    return this.#counts.get(connection) ?? 0;
  }

  #remove({ mapped, connection }: Reverse): void {
    this.#byMapped.delete(mapped);
    this.#counts.set(connection, this.countOf(connection) - 1);
  }

  /** The client goes on telling the progress of what it has answered. */
  runs(reverse: Reverse): void {
    if (reverse.rawToken === undefined) return;
    this.#running.set(reverse.mapped, reverse);
    if (this.#running.size <= MAX_RUNNING) return;
    const [oldest] = this.#running.keys();
    this.#running.delete(oldest!);
  }

  /** What the client has answered, by the id it knows; nobody waits for it any more. `undefined`: no server does. */
  take(mapped: string | undefined): Reverse | undefined {
    const reverse = mapped === undefined ? undefined : this.#byMapped.get(mapped);
    if (reverse) this.#remove(reverse);
    return reverse;
  }

  /** The only server that waits for the client to say which task it has made; `undefined` where none or several do. */
  get awaitingTask(): UpstreamConnection | undefined {
    let only: UpstreamConnection | undefined;
    for (const { makesTask, connection } of this.#byMapped.values()) {
      if (!makesTask || connection === only) continue;
      if (only) return undefined;
      only = connection;
    }
    return only;
  }

  /** The client's progress with the server's own token. `more`: what else is mapped in it for that server. */
  progressToServer(
    frame: Frame,
    more: (connection: UpstreamConnection) => readonly Edit[],
  ): { readonly out: Outgoing; readonly connection: UpstreamConnection } | undefined {
    const span = findPath(frame.bytes, frame.envelope.paramsSpan, 'progressToken');
    const token = span && canonicalScalar(frame.bytes, span);
    const reverse = token === undefined ? undefined : (this.#byMapped.get(token) ?? this.#running.get(token));
    if (reverse?.rawToken === undefined) return undefined;
    const { connection, cause, rawToken } = reverse;
    const edits = [{ span: span!, text: rawToken }, ...more(connection)];
    return { out: rewritten(frame, edits, connection.name, cause), connection };
  }

  /** The server's `notifications/cancelled` with the mapped id; `undefined` where nothing is left to cancel. `more`: what else is mapped in it. */
  cancelledToClient(connection: UpstreamConnection, frame: ServerFrame, more: readonly Edit[]): Outgoing | undefined {
    const span = findPath(frame.bytes, frame.envelope.paramsSpan, 'requestId');
    if (!span) return undefined;
    const id = canonicalScalar(frame.bytes, span);
    for (const reverse of this.#byMapped.values()) {
      if (reverse.connection !== connection || reverse.id !== id) continue;
      this.#remove(reverse);
      return rewritten(frame, [...more, { span, text: reverse.mapped }], connection.name, frame.pending?.cause);
    }
    return undefined;
  }

  /** Forgets what a lost server still waits for; gives those requests so that the client can be told. */
  lost(connection: UpstreamConnection): Reverse[] {
    const lost = [...this.#byMapped.values()].filter((reverse) => reverse.connection === connection);
    for (const { mapped } of lost) this.#byMapped.delete(mapped);
    this.#counts.delete(connection);
    for (const [mapped, reverse] of this.#running) if (reverse.connection === connection) this.#running.delete(mapped);
    return lost;
  }
}
