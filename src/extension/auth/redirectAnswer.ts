/**
 * Owns judging what a browser brings back: an answer counts once, and only with the right `state` (RFC 6749 section
 * 10.12), compared in constant time; a parameter given twice makes it invalid (RFC 6749 section 3.1). Shared by the
 * loopback listener and the editor's URI handler.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Deferred } from '../util/async';
import { AppError } from '../util/errors';
import type { RedirectReceiver, RedirectResponse } from './types';

const MAX_WRONG_ANSWERS = 20;
const MAX_VALUE_LENGTH = 8192;

/** One awaited answer. */
export class AwaitedAnswer {
  readonly #answer = new Deferred<RedirectResponse>();
  #wrong = 0;

  constructor(private readonly state: string) {
    // Who waits may have given up by then.
    this.#answer.promise.catch(() => undefined);
  }

  get response(): Promise<RedirectResponse> {
    return this.#answer.promise;
  }

  get isOver(): boolean {
    return this.#answer.isSettled;
  }

  /** Whether the answer was taken. A wrong one does not end the wait, a series of them does: somebody is guessing. */
  take(params: URLSearchParams): boolean {
    if (this.#answer.isSettled) return false;
    if (!sameSecret(this.state, only(params, 'state') ?? '')) {
      this.#wrong += 1;
      if (this.#wrong >= MAX_WRONG_ANSWERS) {
        this.#answer.reject(
          new AppError('server.notAllowed', 'The sign-in was ended: too many answers came that nobody had asked for.', {
            details: { reason: 'auth.state' },
          }),
        );
      }
      return false;
    }
    const [code, error, iss] = [only(params, 'code'), only(params, 'error'), only(params, 'iss')];
    this.#answer.resolve({
      ...(code === undefined ? {} : { code }),
      ...(error === undefined ? {} : { error }),
      ...(iss === undefined ? {} : { iss }),
    });
    return true;
  }
}

/** Hands answers that all come in at one place (a URI handler) to whoever waits for their state. */
export class AnswerDesk {
  readonly #awaited = new Set<AwaitedAnswer>();

  expect(state: string, redirectUri: string): RedirectReceiver {
    const awaited = new AwaitedAnswer(state);
    this.#awaited.add(awaited);
    return { redirectUri, response: awaited.response, dispose: () => void this.#awaited.delete(awaited) };
  }

  /** Whether somebody waited for it. */
  deliver(params: URLSearchParams): boolean {
    // Each is asked, so that the time taken does not tell which one it was.
    return [...this.#awaited].map((awaited) => awaited.take(params)).includes(true);
  }
}

/**
 * Reads the query of a VS Code `Uri`, which is decoded once already: a `+` or `%` in it is one, not an escape.
 */
export function decodedQuery(query: string): URLSearchParams {
  return new URLSearchParams(query.replaceAll('%', '%25').replaceAll('+', '%2B'));
}

/** Compares in a time that depends on neither text's content. */
export function sameSecret(expected: string, given: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(expected), digest(given));
}

function only(params: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = params.getAll(name);
  return more.length === 0 && value !== undefined && value !== '' && value.length <= MAX_VALUE_LENGTH ? value : undefined;
}
