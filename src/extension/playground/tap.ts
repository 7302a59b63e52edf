/**
 * Owns what the Playground learns from the recorder: the numbers under which its own frames are recorded (so that a run
 * can link to its call), which answers the gateway made itself, and what becomes of the servers behind its sessions.
 * It passes everything on unchanged and looks at nothing of other sessions.
 */
import type { CapturedEvent, CapturedFrame, Recorder } from '../capture/types';

export interface TapListener {
  /** A request of the Playground was recorded; `id`: canonical JSON text. */
  onSent(id: string, frame: number): void;
  /** The gateway answered this request itself: the server did not. */
  onOwnAnswer(id: string): void;
  onServer(server: string, event: ServerNews): void;
}

/** What happened to the server behind a session of the Playground. */
export type ServerNews =
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly message: string; readonly stderr: readonly string[] }
  | { readonly kind: 'stderr'; readonly lines: readonly string[] };

export class PlaygroundTap {
  /** Server by session id of the store. */
  readonly #sessions = new Map<string, string>();
  /** By server the session that was opened last: what becomes of the process behind an earlier one is no news of it. */
  readonly #latest = new Map<string, string>();
  listener: TapListener | undefined;

  /** A recorder that does what `inner` does. */
  wrap(inner: Recorder): Recorder {
    return {
      flush: () => inner.flush(),
      frame: (frame, send) => {
        const number = inner.frame(frame, send);
        if (this.#sessions.size > 0) this.#frame(frame, number);
        return number;
      },
      event: (event) => {
        const number = inner.event(event);
        this.#event(event);
        return number;
      },
    };
  }

  #frame({ leg, direction, session, envelope, ownMessage }: CapturedFrame, number: number): void {
    if (leg !== 'downstream') return;
    const server = this.#sessions.get(session);
    if (server === undefined) return;
    const { kind, id } = envelope;
    if (id === undefined) return;
    if (direction === 'toServer') {
      if (kind === 'request') this.listener?.onSent(id, number);
    } else if (ownMessage && kind === 'error') this.listener?.onOwnAnswer(id);
  }

  #event({ type, session, server, data }: CapturedEvent): void {
    if (session === undefined) return;
    if (type === 'session.opened' && data.playground === true && server !== undefined) {
      this.#sessions.set(session, server);
      this.#latest.set(server, session);
      return;
    }
    const own = this.#sessions.get(session);
    if (own === undefined) return;
    const isLatest = this.#latest.get(own) === session;
    if (type === 'session.closed') {
      this.#sessions.delete(session);
      if (isLatest) this.#latest.delete(own);
      return;
    }
    if (!isLatest) return;
    switch (type) {
      case 'server.running':
        this.listener?.onServer(own, { kind: 'running' });
        return;
      case 'server.failed':
        this.listener?.onServer(own, { kind: 'failed', message: String(data.message), stderr: lines(data.stderr) });
        return;
      case 'server.stderr':
        this.listener?.onServer(own, { kind: 'stderr', lines: lines(data.lines) });
        return;
    }
  }
}

function lines(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((line) => typeof line === 'string') : [];
}
