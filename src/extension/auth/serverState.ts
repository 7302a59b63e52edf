/**
 * Owns what is known of one server's sign-in within this window, and when a token of it is good, due or over. The state
 * is a cache of the CredentialStore: whoever changes `credentials` has stored them or is about to.
 */
import type { AppError } from '../util/errors';
import type { Credentials, StoredTokens } from './credentialStore';

export interface ServerState {
  /** Canonical. */
  readonly url: string;
  /** OAuth has no part in it: a socket or pipe, or a user name and password in the URL. */
  readonly isOff: boolean;
  loading: Promise<void> | undefined;
  loaded: boolean;
  credentials: Credentials | undefined;
  refreshing: Promise<boolean> | undefined;
  flow: Promise<boolean> | undefined;
  /** Ends what is under way for this server. */
  ended: AbortController;
  /** Failures that the user was involved in, by what was asked; not tried again by itself. */
  readonly settled: Map<string, AppError>;
  /** 0 to 1. */
  readonly spread: number;
}

/** How long before its end a token is renewed; at most a quarter of its life. */
const REFRESH_EARLY_MS = 60_000;
const REFRESH_SPREAD_MS = 60_000;
/** A token that is refused this soon after it was issued will not get better by another of its kind. */
const YOUNG_MS = 60_000;

export function newServerState(url: string, spread: number): ServerState {
  const { protocol, username, password } = new URL(url);
  return {
    url,
    isOff: (protocol !== 'https:' && protocol !== 'http:') || username !== '' || password !== '',
    loading: undefined,
    loaded: false,
    credentials: undefined,
    refreshing: undefined,
    flow: undefined,
    ended: new AbortController(),
    settled: new Map(),
    spread,
  };
}

/** Good, and not yet to be renewed. */
export function isFresh(tokens: StoredTokens, nowMs: number, spread: number): boolean {
  if (tokens.expiresAtMs === undefined) return true;
  const lifeMs = tokens.expiresAtMs - tokens.receivedAtMs;
  return nowMs < tokens.expiresAtMs - Math.min(REFRESH_EARLY_MS + spread * REFRESH_SPREAD_MS, lifeMs / 4);
}

export function isOver(tokens: StoredTokens, nowMs: number): boolean {
  return tokens.expiresAtMs !== undefined && nowMs >= tokens.expiresAtMs;
}

/** Just issued, and not over yet. */
export function isYoung(tokens: StoredTokens, nowMs: number): boolean {
  return !isOver(tokens, nowMs) && nowMs - tokens.receivedAtMs < YOUNG_MS;
}

/** Value of the `Authorization` header (RFC 6750 section 2.1). */
export function headerOf(tokens: StoredTokens): string {
  return `Bearer ${tokens.access}`;
}
