/**
 * Owns bringing a server that knows nothing of the session (it is new, late, or has lost its memory) to where the client has
 * brought it, and having the client look again at its lists; alike on both kinds of endpoint.
 */
import { CHANGE_NOTIFICATIONS } from './listKinds';
import type { UpstreamConnection } from './upstreamConnection';

export interface Settled {
  /** Params of the last `logging/setLevel`, as JSON text. */
  readonly logLevel: string | undefined;
  /** URIs that are subscribed to, as JSON texts. */
  readonly subscriptions: Iterable<string>;
}

/** Tells a server that has just shaken hands. What it refuses is in the log. */
export function tellAgain(connection: UpstreamConnection, cause: number, { logLevel, subscriptions }: Settled): void {
  const ignore = (): void => undefined;
  if (logLevel !== undefined && connection.hasCapability('logging')) {
    connection.request('logging/setLevel', logLevel, cause).catch(ignore);
  }
  if (!connection.hasCapability('resources')) return;
  for (const uri of subscriptions) connection.request('resources/subscribe', `{"uri":${uri}}`, cause).catch(ignore);
}

/** The notifications that tell a client to look again at what the server may have changed. */
export function listsToReread(connection: UpstreamConnection): string[] {
  return [...CHANGE_NOTIFICATIONS].flatMap(([method, capability]) => (connection.hasCapability(capability) ? [method] : []));
}
