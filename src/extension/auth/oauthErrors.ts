/**
 * Owns turning what the SDK and authorization servers throw into AppErrors. Invariant: no text of an answer gets into a
 * message, and no `cause` is kept, since both may quote tokens; only an error code of RFC 6749 shape is passed on.
 */
import { AppError, isAppError } from '../util/errors';

/** The OAuth error code of what was thrown, such as `invalid_grant` (RFC 6749 section 5.2). */
export function oauthCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { errorCode?: unknown }).errorCode : undefined;
  return typeof code === 'string' ? cleanCode(code) : undefined;
}

/** An error code as servers may send it; `undefined` where it is none. */
export function cleanCode(code: string): string | undefined {
  return /^[A-Za-z0-9_.-]{1,64}$/.test(code) ? code : undefined;
}

/** `doing`: what was tried, as the subject of the sentence, such as "Signing in to server \"x\" at login.example.com". */
export function authError(error: unknown, doing: string): AppError {
  if (isAppError(error)) return error;
  const code = oauthCodeOf(error);
  return refused(doing, code === undefined ? 'the authorization server gave an answer that cannot be used' : `the authorization server said ${code}`, code);
}

export function refused(doing: string, why: string, oauthError?: string): AppError {
  return new AppError('server.notAllowed', `${doing} failed: ${why}.`, {
    details: { reason: 'auth.refused', ...(oauthError === undefined ? {} : { oauthError }) },
  });
}
