/**
 * Owns who may talk to the listener: Host and Origin first (they stop a browser page that found the port, MCP 2025-11-25
 * transports "Security Warning"), then the token. Pure: gives a verdict, answers nothing.
 */
import { Buffer } from 'node:buffer';
import { timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Refusal {
  readonly status: 401 | 403;
  readonly reason: string;
  /** For the client, says what to do. */
  readonly message: string;
}

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);
const EDITOR_SCHEMES = new Set(['vscode-webview:', 'vscode-file:']);

export class Guard {
  readonly #token: Buffer;
  /** The whole header as nearly all clients write it. */
  readonly #header: Buffer;
  readonly #tokenHash: Buffer;
  readonly #hosts: ReadonlySet<string>;

  constructor(token: string, port: number) {
    this.#token = Buffer.from(token);
    this.#header = Buffer.from(`Bearer ${token}`);
    this.#tokenHash = hash(token);
    this.#hosts = new Set([...LOOPBACK_NAMES].map((name) => `${name}:${port}`));
  }

  check(headers: IncomingHttpHeaders): Refusal | undefined {
    const host = headers.host?.toLowerCase();
    if (host === undefined || !this.#hosts.has(host)) {
      return {
        status: 403,
        reason: 'host',
        message: 'Forbidden: the Host header must name this gateway by 127.0.0.1 or localhost and its port',
      };
    }
    if (headers.origin !== undefined && !isLocalOrigin(headers.origin)) {
      return { status: 403, reason: 'origin', message: 'Forbidden: requests from web pages are not accepted' };
    }
    const { authorization } = headers;
    if (authorization !== undefined && authorization.length === this.#header.length) {
      const bytes = Buffer.from(authorization, 'latin1');
      if (timingSafeEqual(bytes, this.#header)) return undefined;
    }
    const given = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1]?.trim();
    if (given === undefined || !this.#isToken(given)) {
      return {
        status: 401,
        reason: given === undefined ? 'token missing' : 'token wrong',
        message:
          'Unauthorized: send "Authorization: Bearer <token>" with the token of this MCP Shark gateway',
      };
    }
    return undefined;
  }

  #isToken(given: string): boolean {
    const bytes = Buffer.from(given);
    if (bytes.length === this.#token.length) return timingSafeEqual(bytes, this.#token);
    // Takes its time as well, so that the time does not tell how long the token is.
    return timingSafeEqual(hash(given), this.#tokenHash);
  }
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isLocalOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  if (EDITOR_SCHEMES.has(protocol)) return true;
  return (protocol === 'http:' || protocol === 'https:') && LOOPBACK_NAMES.has(hostname);
}
