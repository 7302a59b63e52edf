/**
 * Owns turning what the SDK and authorization servers throw into AppErrors. Invariant: no text of an answer gets into a
 * message, and no `cause` is kept, since both may quote tokens; only an error code of RFC 6749 shape is passed on.
 */
import { AppError, isAppError } from '../util/errors';
import { isJsonObject, tryParseJson } from '../util/json';
import type { FetchPort } from './types';

/** The OAuth error code of what was thrown, such as `invalid_grant` (RFC 6749 section 5.2). */
export function oauthCodeOf(error: unknown): string | undefined {
  const code = isAppError(error) ? error.details.oauthError : undefined;
  return typeof code === 'string' ? code : undefined;
}

/**
 * Runs an SDK function that posts to the authorization server; what fails is an AppError with the error code that was
 * answered. (The SDK's own errors know fewer codes: not `invalid_redirect_uri` of RFC 7591, not `invalid_target` of RFC 8707.)
 */
export async function withErrorCode<T>(fetch: FetchPort, doing: string, run: (fetch: FetchPort) => Promise<T>): Promise<T> {
  let code: string | undefined;
  try {
    return await run(async (url, init) => {
      const response = await fetch(url, init);
      const answer = response.ok ? undefined : tryParseJson(await response.clone().text());
      code = isJsonObject(answer) && typeof answer.error === 'string' ? cleanCode(answer.error) : undefined;
      return response;
    });
  } catch (error) {
    if (isAppError(error) || code === undefined) throw authError(error, doing);
    throw refused(doing, `the authorization server said ${code}`, code);
  }
}

/** An error code as servers may send it; `undefined` where it is none. */
export function cleanCode(code: string): string | undefined {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(code) ? code : undefined;
}

/** `doing`: what was tried, as the subject of the sentence, such as "Signing in to server \"x\" at login.example.com". */
export function authError(error: unknown, doing: string): AppError {
  return isAppError(error) ? error : refused(doing, 'the authorization server gave an answer that cannot be used');
}

export function refused(doing: string, why: string, oauthError?: string): AppError {
  return new AppError('server.notAllowed', `${doing} failed: ${why}.`, {
    details: { reason: 'auth.refused', ...(oauthError === undefined ? {} : { oauthError }) },
  });
}
