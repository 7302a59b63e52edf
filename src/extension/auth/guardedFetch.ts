/**
 * Owns what every OAuth request must keep to, whatever the servers say: allowed URLs only, also after a redirect, a
 * time limit over the whole exchange, and a cap on the size of the answer. Invariant: its errors are AppErrors whose
 * text holds no part of an answer and no query.
 */
import type { Clock } from '../util/clock';
import { AppError, isAppError } from '../util/errors';
import type { FetchPort } from './types';
import { allowedUrl } from './urlPolicy';

export const MAX_ANSWER_BYTES = 64 * 1024;
const FETCH_TIMEOUT_MS = 20_000;

export interface FetchGuard {
  readonly fetch: FetchPort;
  readonly clock: Clock;
  /** The configured server on whose behalf requests are made. */
  readonly serverUrl: string;
  readonly signal: AbortSignal;
}

/** The statuses a `Response` must not have a body with. */
const BODILESS = new Set([101, 204, 205, 304]);

/**
 * A `fetch` for the SDK's OAuth functions. Redirects are never followed by `fetch` itself (the SDK follows them within
 * one origin, each through here). An answer of 5xx to a GET is `server.unreachable`: metadata that cannot be read just
 * now is not metadata that does not exist.
 */
export function guardedFetch(guard: FetchGuard): FetchPort {
  return async (input, init) => {
    const url = allowedUrl(input, 'address', guard.serverUrl);
    const place = `${url.origin}${url.pathname}`;
    const ended = new AbortController();
    const stop = (): void => ended.abort();
    guard.signal.addEventListener('abort', stop, { once: true });
    if (guard.signal.aborted) stop();
    let late = false;
    const timer = guard.clock.timer(FETCH_TIMEOUT_MS, () => {
      late = true;
      stop();
    });
    try {
      const response = await guard.fetch(url, { ...init, redirect: 'manual', signal: ended.signal });
      const body = await readCapped(response, place);
      if (response.status >= 500 && (init?.method ?? 'GET') === 'GET') throw unreachable(place, `HTTP ${response.status}`);
      const { status, statusText, headers } = response;
      return new Response(BODILESS.has(status) ? null : body, { status: status < 200 ? 502 : status, statusText, headers });
    } catch (error) {
      if (isAppError(error)) throw error;
      if (late) throw unreachable(place, 'it does not answer');
      if (guard.signal.aborted) throw new AppError('cancelled', 'The request was given up.', { userFacing: false });
      throw unreachable(place, causeCode(error));
    } finally {
      timer.dispose();
      guard.signal.removeEventListener('abort', stop);
    }
  };
}

async function readCapped(response: Response, place: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (response.body) {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > MAX_ANSWER_BYTES) {
        void reader.cancel().catch(() => undefined);
        throw new AppError('server.notAllowed', `The answer of ${place} is larger than ${MAX_ANSWER_BYTES / 1024} KB.`, {
          details: { reason: 'auth.tooLarge' },
        });
      }
      chunks.push(value);
    }
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

function unreachable(place: string, why: string): AppError {
  return new AppError('server.unreachable', `${place} cannot be reached for signing in: ${why}.`, {
    details: { reason: 'auth.unreachable' },
  });
}

/** `ECONNREFUSED` of undici's "fetch failed"; the messages themselves may quote the URL. */
function causeCode(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === 'string' ? cause.code : 'the connection failed';
}
