/**
 * Owns the question which URLs named by a server may be used at all. Servers are not trusted: their metadata decides
 * what we fetch and what the browser opens. Invariants: TLS everywhere (OAuth 2.1 section 1.5) except between loopback
 * addresses; a server elsewhere never makes us talk to this machine (RFC 9728 section 7.7, SSRF).
 */
import { AppError } from '../util/errors';

/** RFC 8252 section 7.3 and 8.3. `hostname` as in `URL.hostname`. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^\[::ffff:7f[0-9a-f]{2}:/.test(hostname) ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname) ||
    hostname === '0.0.0.0' ||
    hostname === '[::]'
  );
}

/**
 * Gives `text` as a URL, or rejects it with `server.notAllowed`. `what` names it in the message, such as
 * "token endpoint"; `serverUrl` is the configured server on whose behalf it is used.
 */
export function allowedUrl(text: string | URL, what: string, serverUrl: string): URL {
  const refuse = (why: string): AppError =>
    new AppError('server.notAllowed', `The ${what} named for ${originOf(serverUrl)} is not used: ${why}`, {
      details: { reason: 'auth.url' },
    });
  if (!URL.canParse(String(text))) throw refuse('it is no URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse(`${url.protocol} is not allowed there`);
  if (url.username !== '' || url.password !== '') throw refuse('it holds a user name or password');
  const local = isLoopback(url.hostname);
  if (local && !isLoopback(new URL(serverUrl).hostname)) throw refuse('it points to this machine, the server does not');
  if (url.protocol === 'http:' && !local) throw refuse(`${url.host} is to be reached without TLS`);
  return url;
}

/** Scheme, host and port: what of a URL is fit for messages. */
export function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'the server';
}

/**
 * Compares issuer identifiers. RFC 8414 section 3.3 wants them identical; a final slash is forgiven, since `URL` adds
 * one to a bare origin.
 */
export function sameIssuer(a: string, b: string): boolean {
  return withoutSlash(a) === withoutSlash(b);
}

function withoutSlash(url: string): string {
  const href = URL.canParse(url) ? new URL(url).href : url;
  return href.endsWith('/') ? href.slice(0, -1) : href;
}
