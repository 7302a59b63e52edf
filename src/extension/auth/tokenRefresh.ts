/**
 * Owns one refresh from looking up the token endpoint to storing what came. Looks the issuer up anew each time, so that
 * a refresh token never goes to a server that has stopped being the issuer. Invariants: what another window has renewed
 * in the meantime is taken over, not renewed again; only an answer that says "never again" forgets a token, a network
 * failure does not.
 */
import { AppError } from '../util/errors';
import type { Clock } from '../util/clock';
import type { Logger } from '../util/logger';
import { boundTo, type CredentialStore, type Credentials } from './credentialStore';
import { discover } from './discovery';
import { authError, oauthCodeOf } from './oauthErrors';
import { isOver, type ServerState } from './serverState';
import { refreshTokens } from './tokens';
import type { FetchPort } from './types';
import { originOf } from './urlPolicy';
import { cancelled } from './waiting';

export interface RefreshContext {
  readonly store: CredentialStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Guarded. */
  readonly fetch: FetchPort;
  readonly signal: AbortSignal;
}

/** RFC 6749 section 5.2: answers after which the refresh token is of no use. */
const FINAL = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client', 'invalid_scope', 'unsupported_grant_type']);
/** Those of them after which the registration is of no use either. */
const CLIENT_IS_GONE = new Set(['invalid_client', 'unauthorized_client']);

/** Whether there is a new token. `name`: the server's, for messages. Rejects with AppError where that cannot be told now. */
export async function runRefresh(state: ServerState, name: string, context: RefreshContext): Promise<boolean> {
  const { store, clock, logger, fetch, signal } = context;
  const before = state.credentials?.tokens?.access;
  const isRenewed = async (): Promise<boolean> => {
    state.credentials = await store.load(state.url);
    const tokens = state.credentials?.tokens;
    return tokens !== undefined && tokens.access !== before && !isOver(tokens, clock.wallMs());
  };
  if (await isRenewed()) return true;
  const credentials = state.credentials;
  if (credentials?.tokens?.refresh === undefined || !credentials.client) return false;
  const doing = `Renewing the sign-in of server "${name}" at ${originOf(credentials.issuer)}`;

  const discovered = await discover({
    serverUrl: state.url,
    fetch,
    knownIssuer: credentials.issuer,
    resourceMetadata: credentials.resourceMetadata,
  });
  if (!discovered) {
    throw new AppError('server.unreachable', `${doing} is not possible now: the server does not say who issues its tokens.`);
  }
  if (!boundTo(credentials, discovered.issuer)) {
    await replace(state, undefined, store);
    logger.info(`Server "${name}" has another authorization server now; its sign-in is forgotten.`);
    return false;
  }

  try {
    const { tokens } = await refreshTokens({ discovered, credentials, client: credentials.client, fetch, clock, doing });
    if (signal.aborted) throw cancelled();
    await replace(state, { ...credentials, tokens }, store);
    return true;
  } catch (error) {
    const code = oauthCodeOf(error);
    if (code === undefined || !FINAL.has(code)) throw authError(error, doing);
    if (await isRenewed()) return true;
    const { tokens: _tokens, client, ...rest } = credentials;
    await replace(state, CLIENT_IS_GONE.has(code) ? rest : { ...rest, client }, store);
    logger.info(`${doing} is over (${code}); the next call asks to sign in.`);
    return false;
  }
}

/** Puts `next` in the place of what was stored for the server. */
export async function replace(state: ServerState, next: Credentials | undefined, store: CredentialStore): Promise<void> {
  state.credentials = next;
  if (next) await store.save(state.url, next);
  else await store.delete(state.url);
}
