/** Owns which HTTP headers of a session's requests go into the audit log: nothing that repeats, and no secrets. */
import type { IncomingMessage } from 'node:http';

/** Headers that say nothing about a frame, or that are secrets of the session. */
const UNRECORDED_HEADERS = new Set([
  'authorization',
  'cookie',
  'mcp-session-id',
  'content-length',
  'connection',
  'accept-encoding',
  'transfer-encoding',
]);

export class RecordedHeaders {
  #first: Readonly<Record<string, string>> | undefined;
  /** Raw headers of a request of which there was nothing to record. */
  #dull: readonly string[] = [];

  /** All headers of the first frame; of later ones only what differs: they repeat with every call. */
  of(request: IncomingMessage, protocolVersion: string | undefined): Readonly<Record<string, string>> | undefined {
    if (areAlike(request.rawHeaders, this.#dull)) return undefined;
    const first = this.#first;
    let recorded: Record<string, string> | undefined;
    for (const name in request.headers) {
      if (UNRECORDED_HEADERS.has(name)) continue;
      const value = request.headers[name];
      const text = Array.isArray(value) ? value.join(', ') : value;
      if (text === undefined || first?.[name] === text) continue;
      if (first && name === 'mcp-protocol-version' && text === protocolVersion) continue;
      recorded ??= {};
      recorded[name] = text;
    }
    this.#first ??= recorded ?? {};
    if (!recorded) this.#dull = request.rawHeaders;
    return recorded;
  }
}

/** Whether raw headers are equal, but for the length of the body. */
function areAlike(headers: readonly string[], others: readonly string[]): boolean {
  if (headers.length !== others.length) return false;
  for (let k = 1; k < headers.length; k += 2) {
    const name = headers[k - 1]!;
    if (name !== others[k - 1]) return false;
    if (headers[k] !== others[k] && !(name.length === 14 && name.toLowerCase() === 'content-length')) return false;
  }
  return true;
}
