/**
 * Owns what the gateway itself says of the questions servers ask (sampling, elicitation, roots, ping), alike on both kinds of
 * endpoint: to the server that its question is refused, to the client that nobody waits for an answer.
 */
import { CLIENT_UNAVAILABLE, errorFrame, notificationFrame } from '../mcp/messages';
import { ownMessage, type Outgoing } from './frame';
import type { UpstreamConnection } from './upstreamConnection';

/** A server that asks more without waiting for answers is refused. */
export const MAX_OPEN_QUESTIONS = 1000;
/** What the log says of it. */
export const FLOOD = { what: 'questions of a server that are not answered', limit: MAX_OPEN_QUESTIONS } as const;

export const TOO_MANY = 'Too many requests of this server are not answered yet';
export const UNREACHABLE = 'The client reads no stream on which it could be asked';

/** Answers a question for the client. `rawId`: the server's id, as JSON text. `cause`: the question's number. */
export function refuseQuestion(connection: UpstreamConnection, rawId: string, cause: number, message: string, code = CLIENT_UNAVAILABLE): void {
  connection.send(ownMessage(errorFrame(rawId, code, message), connection.name, cause));
}

/** What tells the client that a lost server waits for its answer no more. `rawExposed`: the id it knows, as JSON text. */
export function takenBack(server: string, rawExposed: string, cause: number | undefined): Outgoing {
  const reason = JSON.stringify(`Server "${server}" is gone`);
  return ownMessage(notificationFrame('notifications/cancelled', `{"requestId":${rawExposed},"reason":${reason}}`), server, cause);
}
