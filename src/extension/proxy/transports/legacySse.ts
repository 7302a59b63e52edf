/**
 * Owns a connection over the deprecated HTTP+SSE transport (MCP 2024-11-05): one GET stream carries everything from the
 * server and first of all names the address that frames are posted to. The stream's end is the connection's end.
 */
import type { Buffer } from 'node:buffer';
import type { Envelope } from '../../mcp/envelope';
import type { UpstreamAuth } from '../../auth/types';
import type { ResolvedServer } from '../../servers/types';
import { isEventStream, placeOf, sameServer } from './httpRequest';
import { MAX_MESSAGE_BYTES } from './limits';
import { SseParser } from './sseParser';
import type { TransportEvents, UpstreamTransport } from './types';
import { describeFailure, UpstreamHttp } from './upstreamHttp';

export class LegacySseTransport implements UpstreamTransport {
  readonly isShared = true;
  readonly #http: UpstreamHttp;
  /** Frames that wait for the `endpoint` event. */
  #waiting: { readonly bytes: Buffer; readonly envelope: Envelope }[] = [];
  #endpoint: URL | undefined;
  #paused: ((paused: boolean) => void) | undefined;
  #closed = false;

  constructor(
    private readonly server: Extract<ResolvedServer, { type: 'http' | 'sse' }>,
    private readonly events: TransportEvents,
    auth?: UpstreamAuth,
    maxEventBytes = MAX_MESSAGE_BYTES,
  ) {
    this.#http = new UpstreamHttp(server, auth);
    const url = new URL(server.url);
    const place = placeOf(url);
    const parser = new SseParser(
      (event) => {
        if (this.#closed) return;
        if (event.type === 'endpoint') this.#ready(event.data.toString('utf8'), url);
        else if (event.type === 'message' && event.data.length > 0) this.events.onMessage(event.data, undefined);
      },
      undefined,
      {
        maxBytes: maxEventBytes,
        onOverflow: () => this.#end(`Server "${server.name}" sent a message of more than ${maxEventBytes} bytes`, true),
      },
    );
    this.#http.request({
      url,
      method: 'GET',
      headers: { accept: 'text/event-stream' },
      onResponse: (response) => {
        if (response.statusCode !== 200 || !isEventStream(response)) {
          response.resume();
          this.#end(`Server "${server.name}" offers no event stream (HTTP ${response.statusCode} from ${place})`, true);
          return;
        }
        this.#paused = (paused) => (paused ? response.pause() : response.resume());
        response.on('data', (chunk: Buffer) => parser.push(chunk));
        response.once('error', () => undefined);
        response.once('close', () => this.#end(`Server "${server.name}" closed its event stream`, true));
      },
      onError: (error) =>
        this.#end(describeFailure(server.name, place, error), true),
    });
  }

  encode(bytes: Buffer): Buffer {
    return bytes;
  }

  send(bytes: Buffer, envelope: Envelope): void {
    if (this.#closed) return;
    if (!this.#endpoint) {
      this.#waiting.push({ bytes, envelope });
      return;
    }
    const id = envelope.kind === 'request' ? envelope.id : undefined;
    const url = this.#endpoint;
    const exchange = this.#http.request({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bytes,
      onResponse: (response) => {
        const status = response.statusCode ?? 0;
        response.resume();
        response.once('close', exchange.release);
        if (status >= 300 && !this.#closed) {
          this.events.onSendFailed(id, `Server "${this.server.name}" answered HTTP ${status}`, { status });
        }
      },
      onError: (error) => {
        exchange.release();
        this.events.onSendFailed(id, describeFailure(this.server.name, placeOf(url), error));
      },
    });
  }

  handshakeDone(): void {
    // Nothing is settled on this wire.
  }

  pause(paused: boolean): void {
    this.#paused?.(paused);
  }

  close(): Promise<void> {
    this.#end(`The connection to server "${this.server.name}" was closed`, false);
    return Promise.resolve();
  }

  #ready(text: string, base: URL): void {
    const endpoint = sameServer(text, base);
    // Elsewhere the configured headers (secrets) must not go.
    if (!endpoint) {
      this.#end(`Server "${this.server.name}" named an address of another origin for its messages`, true);
      return;
    }
    this.#endpoint = endpoint;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { bytes, envelope } of waiting) this.send(bytes, envelope);
  }

  #end(message: string, unexpected: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#http.close();
    this.events.onClose({ message, unexpected });
  }
}
