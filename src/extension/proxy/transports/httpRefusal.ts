/** Owns what people are told where a server answers with an HTTP error. */
import type { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

const MAX_SHOWN_BODY = 2000;

/** `place`: the server's address as it may be shown. */
export function describeRefusal(
  name: string,
  place: string,
  response: IncomingMessage,
  body: Buffer | undefined,
): { readonly why: string; readonly data: Readonly<Record<string, unknown>> } {
  const status = response.statusCode ?? 0;
  const challenge = response.headers['www-authenticate'];
  const why =
    status === 401
      ? `Server "${name}" asks for authentication (HTTP 401 from ${place}): give it the right "headers" in the configuration`
      : status === 403
        ? `Server "${name}" refuses access (HTTP 403 from ${place})`
        : `Server "${name}" answered HTTP ${status} (${place})`;
  const data = {
    status,
    ...(challenge === undefined ? {} : { wwwAuthenticate: String(challenge) }),
    ...(body && body.length > 0 ? { body: body.toString('utf8', 0, MAX_SHOWN_BODY) } : {}),
  };
  return { why, data };
}
