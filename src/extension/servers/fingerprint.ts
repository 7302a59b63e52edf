/**
 * Owns the fingerprint of a configured server: equal exactly when the same thing would run. Order of keys, comments and
 * what we do not act on make no difference; the file does, since placeholders and the working folder depend on it.
 */
import { createHash } from 'node:crypto';
import type { ServerConfig } from './types';

/** SHA-256, lower-case hex. */
export function fingerprintOf(config: ServerConfig, file: string): string {
  return createHash('sha256')
    .update(canonicalJson({ ...config, extra: undefined, file }))
    .digest('hex');
}

/**
 * JSON with sorted keys and without what is `undefined`. As RFC 8785, but for texts that hold half a character: those have no
 * such form, and a configuration that holds one is compared all the same.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
