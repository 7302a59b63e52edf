/**
 * Owns one MCP session with a server over Streamable HTTP (MCP 2025-11-25, transports): a POST per frame, the standalone
 * GET stream, resumption, DELETE at the end. The URL is used exactly as configured, and nothing of the client's own HTTP
 * headers goes along.
 */
import type { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { scanEnvelope, type Envelope } from '../../mcp/envelope';
import type { UpstreamAuth } from '../../auth/types';
import type { ResolvedServer } from '../../servers/types';
import type { Clock } from '../../util/clock';
import { FreshSet } from '../../util/freshMap';
import type { Disposable } from '../../util/lifecycle';
import { describeRefusal } from './httpRefusal';
import { isEventStream, placeOf, readBody, type Exchange } from './httpRequest';
import { letGoOfReads, type Release } from './letGo';
import { MAX_MESSAGE_BYTES } from './limits';
import { SseParser } from './sseParser';
import type { TransportEvents, UpstreamTransport } from './types';
import { describeFailure, UpstreamHttp, type UpstreamRequest } from './upstreamHttp';

const MAX_ERROR_BYTES = 64 * 1024;
const DEFAULT_RETRY_MS = 1000;
const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 60_000;
const MAX_RESUME_ATTEMPTS = 8;
const DELETE_GRACE_MS = 1000;

/** What was posted: with its id, where it is a request, and the session it was sent under. */
interface Posted {
  readonly bytes: Buffer;
  readonly envelope: Envelope;
  readonly id: string | undefined;
  readonly session: string | undefined;
  /** See `UpstreamTransport.send`. */
  readonly release: Release | undefined;
}

/** Network errors that mean that nobody listens there (any more). */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ENOENT']);

export class StreamableHttpTransport implements UpstreamTransport {
  readonly isShared = false;
  readonly #url: URL;
  readonly #http: UpstreamHttp;
  readonly #timers = new Set<Disposable>();
  #sessionId: string | undefined;
  #protocolVersion: string | undefined;
  #posting: { session?: string; version?: string; headers: Readonly<Record<string, string>> } | undefined;
  #closed = false;
  #ending: Promise<void> | undefined;
  /** Frames that wait until the server has taken `notifications/initialized`: POSTs may overtake each other. */
  #held: Parameters<UpstreamTransport['send']>[] | undefined;
  /** The server knows the session no more, and there is none in its place yet. */
  #isForgotten = false;

  constructor(
    private readonly server: Extract<ResolvedServer, { type: 'http' | 'sse' }>,
    private readonly events: TransportEvents,
    private readonly clock: Clock,
    auth?: UpstreamAuth,
    private readonly maxEventBytes = MAX_MESSAGE_BYTES,
  ) {
    this.#url = new URL(server.url);
    this.#http = new UpstreamHttp(server, auth);
  }

  encode(bytes: Buffer): Buffer {
    return bytes;
  }

  send(bytes: Buffer, envelope: Envelope, release?: Release): void {
    if (this.#closed) return;
    if (this.#isForgotten && envelope.method !== 'initialize') {
      // It was on its way when that became known. Told later, as all failures of sending are.
      queueMicrotask(() => this.#closed || this.events.onSessionLost({ bytes, envelope, renewed: false }));
      return;
    }
    if (this.#held) {
      this.#held.push([bytes, envelope, release]);
      return;
    }
    const isInitialized = envelope.method === 'notifications/initialized';
    if (isInitialized) this.#held = [];
    const id = envelope.kind === 'request' ? envelope.id : undefined;
    const session = this.#sessionId;
    const exchange = this.#request({
      method: 'POST',
      headers: this.#postHeaders(),
      body: bytes,
      onResponse: (response) => {
        if (envelope.method === 'initialize') {
          const sessionId = response.headers['mcp-session-id'];
          if (typeof sessionId === 'string') this.#sessionId = sessionId;
          this.#isForgotten = false;
        }
        this.#answer(response, { bytes, envelope, id, session, release }, exchange);
        if (isInitialized) this.#handshakeOver();
      },
      onRepeat: (code) => this.events.onRepeated?.({ method: envelope.method, id, code, reason: 'the kept-alive connection was closed' }),
      onError: (error) => {
        exchange.release();
        const message = describeFailure(this.server.name, this.#place, error);
        if (UNREACHABLE.has(error.code ?? '') || envelope.method === 'initialize') this.#end(message, true);
        else this.events.onSendFailed(id, message);
        if (isInitialized) this.#handshakeOver();
      },
    });
  }

  handshakeDone(protocolVersion: string | undefined): void {
    this.#protocolVersion = protocolVersion;
  }

  #handshakeOver(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const frame of held) this.send(...frame);
    this.#listen(undefined, undefined, 0, DEFAULT_RETRY_MS);
  }

  pause(paused: boolean): void {
    for (const stream of this.#streams) {
      if (paused) stream.pause();
      else stream.resume();
    }
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      for (const timer of this.#timers) timer.dispose();
      this.#http.destroyAll();
      this.events.onClose({ message: `The connection to server "${this.server.name}" was closed`, unexpected: false });
      this.#ending = this.#deleteSession();
    }
    await this.#ending;
  }

  readonly #streams = new FreshSet<IncomingMessage>();

  get #place(): string {
    return placeOf(this.#url);
  }

  #headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    if (this.#sessionId !== undefined) headers['mcp-session-id'] = this.#sessionId;
    if (this.#protocolVersion !== undefined) headers['mcp-protocol-version'] = this.#protocolVersion;
    return headers;
  }

  /** The same object until session or version change: it is made anew for no call. */
  #postHeaders(): Readonly<Record<string, string>> {
    const known = this.#posting;
    if (known && known.session === this.#sessionId && known.version === this.#protocolVersion) return known.headers;
    const headers = {
      ...this.#headers(),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    this.#posting = { session: this.#sessionId, version: this.#protocolVersion, headers };
    return headers;
  }

  #request(options: Omit<UpstreamRequest, 'url'>): ReturnType<UpstreamHttp['request']> {
    return this.#http.request({ url: this.#url, ...options });
  }

  #answer(
    response: IncomingMessage,
    { bytes, envelope, id, session, release: releaseMessage }: Posted,
    exchange: Exchange & { release(): void },
  ): void {
    const { release } = exchange;
    const answered = (): void => {
      // A server may answer before it has taken all, and more than once.
      if (exchange.isSent()) releaseMessage?.();
    };
    const status = response.statusCode ?? 0;
    if (status === 404 && session !== undefined && envelope.method !== 'initialize') {
      response.resume();
      release();
      if (this.#closed) return;
      const renewed = this.#sessionId !== session;
      if (!renewed) {
        this.#sessionId = undefined;
        this.#protocolVersion = undefined;
        this.#isForgotten = true;
      }
      this.events.onSessionLost({ bytes, envelope, renewed });
      return;
    }
    if (status >= 200 && status < 300) {
      if (isEventStream(response)) {
        this.#read(response, id, 0, release, id !== undefined, answered);
        return;
      }
      if (status === 202 || status === 204 || id === undefined) {
        response.resume();
        response.once('close', release);
        return;
      }
      readBody(response, MAX_MESSAGE_BYTES, (body, problem) => {
        release();
        if (this.#closed) return;
        const { name } = this.server;
        const scanned = body && scanEnvelope(body);
        if (body && scanned && scanned.kind !== 'invalid') {
          this.events.onMessage(body, id, scanned);
          answered();
        } else if (body) {
          const why = `Server "${name}" answered something that is no JSON-RPC message (${scanned?.problem ?? 'unknown'})`;
          this.events.onSendFailed(id, why, { status, body: body.toString('utf8', 0, 2000) });
        } else this.events.onSendFailed(id, `Server "${name}": ${problem}`);
      });
      return;
    }
    readBody(response, MAX_ERROR_BYTES, (body) => {
      release();
      if (!this.#closed) this.#refused(response, body, envelope, id);
    });
  }

  #refused(response: IncomingMessage, body: Buffer | undefined, envelope: Envelope, id: string | undefined): void {
    const status = response.statusCode ?? 0;
    // The protocol's own refusals come as JSON-RPC errors with an HTTP error status; they are the answer.
    if (body && id !== undefined) {
      const scanned = scanEnvelope(body);
      if (scanned.kind === 'error' && scanned.id === id) {
        this.events.onMessage(body, id, scanned);
        return;
      }
    }
    const { why, data } = describeRefusal(this.server.name, this.#place, response, body);
    if (envelope.method === 'initialize') {
      const noSuchTransport = status === 400 || status === 404 || status === 405 || status === 406;
      this.#end(why, true, noSuchTransport);
    } else this.events.onSendFailed(id, why, data);
  }

  /**
   * Reads one SSE stream: that of a request (`id`), or the standalone one. Resumes it where it breaks off, unless it
   * carries no more than the acknowledgement of a notification (`resumes` false).
   */
  #read(response: IncomingMessage, id: string | undefined, attempt: number, release: () => void, resumes = true, onAnswered?: () => void): void {
    let lastEventId: string | undefined;
    let retryMs = DEFAULT_RETRY_MS;
    let answered = false;
    let finished = false;
    let isTooLong = false;
    const parser = new SseParser(
      (event) => {
        if (event.id !== undefined) lastEventId = event.id;
        if (event.data.length === 0 || this.#closed) return;
        attempt = 0;
        const scanned = scanEnvelope(event.data);
        const isAnswer = scanned.kind === 'result' || scanned.kind === 'error';
        if ((isAnswer && scanned.id === id) || scanned.kind === 'batch') answered = true;
        this.events.onMessage(event.data, id, scanned);
        if (isAnswer && scanned.id === id) onAnswered?.();
      },
      (delayMs) => {
        // A server that asks for 0 and ends every stream at once would be asked as fast as it can answer.
        retryMs = Math.max(MIN_RETRY_MS, Math.min(delayMs, MAX_RETRY_MS));
      },
      {
        maxBytes: this.maxEventBytes,
        onOverflow: () => {
          isTooLong = true;
          response.destroy();
        },
      },
    );
    this.#streams.add(response);
    const letGo = letGoOfReads(response);
    response.on('data', (chunk: Buffer) => {
      letGo(chunk);
      parser.push(chunk);
    });
    const done = (): void => {
      if (finished) return;
      finished = true;
      this.#streams.delete(response);
      release();
      if (this.#closed || answered || !resumes) return;
      if (isTooLong) {
        // Taken up again it would only send the same once more.
        this.events.onSendFailed(id, `Server "${this.server.name}" sent a message of more than ${this.maxEventBytes} bytes`);
        return;
      }
      if (id === undefined) {
        this.#later(retryMs, () => this.#listen(lastEventId, undefined, attempt + 1, retryMs));
      } else if (lastEventId !== undefined && attempt < MAX_RESUME_ATTEMPTS) {
        this.#later(retryMs, () => this.#listen(lastEventId, id, attempt + 1, retryMs));
      } else {
        this.events.onSendFailed(id, `Server "${this.server.name}" ended its stream without an answer`);
      }
    };
    response.once('end', done);
    response.once('close', done);
    response.once('error', () => undefined);
  }

  /** Opens the standalone stream, or takes up a request's stream after `lastEventId`. */
  #listen(lastEventId: string | undefined, id: string | undefined, attempt: number, retryMs: number): void {
    if (this.#closed) return;
    const headers: Record<string, string> = { ...this.#headers(), accept: 'text/event-stream' };
    if (lastEventId !== undefined) headers['last-event-id'] = lastEventId;
    const retry = (why: string): void => {
      if (this.#closed) return;
      if (attempt < MAX_RESUME_ATTEMPTS) {
        this.#later(Math.min(retryMs * 2 ** attempt, MAX_RETRY_MS), () => this.#listen(lastEventId, id, attempt + 1, retryMs));
      } else if (id !== undefined) this.events.onSendFailed(id, why);
    };
    const exchange = this.#request({
      method: 'GET',
      headers,
      onResponse: (response) => {
        const { release } = exchange;
        const status = response.statusCode ?? 0;
        if (status === 200 && isEventStream(response)) {
          this.#read(response, id, attempt, release);
          return;
        }
        response.resume();
        release();
        // 405: the server has no standalone stream, which is its right. 4xx: no use in asking again.
        if (status >= 500) retry(`Server "${this.server.name}" answered HTTP ${status} when its stream was taken up again`);
        else if (id !== undefined) {
          this.events.onSendFailed(id, `Server "${this.server.name}" lost the stream of the answer (HTTP ${status})`);
        }
      },
      onError: (error) => {
        exchange.release();
        retry(describeFailure(this.server.name, this.#place, error));
      },
    });
  }

  #later(delayMs: number, fn: () => void): void {
    const timer = this.clock.timer(delayMs, () => {
      this.#timers.delete(timer);
      fn();
    });
    this.#timers.add(timer);
  }

  #end(message: string, unexpected: boolean, tryLegacySse = false): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) timer.dispose();
    this.#http.close();
    this.events.onClose({ message, unexpected, ...(tryLegacySse ? { tryLegacySse } : {}) });
  }

  /** Tells the server that the session is over (spec: "Session Management"); it may refuse or not answer. */
  #deleteSession(): Promise<void> {
    if (this.#sessionId === undefined) {
      this.#http.close();
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const finish = (): void => {
        timer.dispose();
        this.#http.close();
        resolve();
      };
      const timer = this.clock.timer(DELETE_GRACE_MS, finish);
      this.#request({
        method: 'DELETE',
        headers: this.#headers(),
        onResponse: (response) => {
          response.resume();
          response.once('close', finish);
        },
        onError: finish,
      });
    });
  }
}
