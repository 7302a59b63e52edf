/**
 * Owns reading `WWW-Authenticate` (RFC 9110 section 11.6.1): finds the Bearer challenge among any number of schemes and
 * gives its parameters (RFC 6750 section 3, RFC 9728 section 5.1). Never throws; what is malformed is left out.
 */

export interface BearerChallenge {
  /** `resource_metadata`: where the protected resource's metadata stands. Not checked yet. */
  readonly resourceMetadata?: string;
  /** `scope`, as written: separated by blanks. */
  readonly scope?: string;
  /** `invalid_token`, `insufficient_scope`, ... */
  readonly error?: string;
}

const MAX_HEADER_LENGTH = 8192;
/** scheme, or `name=token`, or `name="quoted"`; commas and blanks between. */
const PART = /\s*,?\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/gy;
const SCOPES = /^[\u0021\u0023-\u005b\u005d-\u007e]+(?: +[\u0021\u0023-\u005b\u005d-\u007e]+)*$/;

/** `undefined`: no Bearer challenge in it. */
export function bearerChallenge(header: string | undefined): BearerChallenge | undefined {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined;
  let found: Map<string, string> | undefined;
  let inBearer = false;
  for (const [, name = '', quoted, token] of header.matchAll(PART)) {
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? token;
    if (value === undefined) {
      if (found) break;
      inBearer = name.toLowerCase() === 'bearer';
      if (inBearer) found = new Map();
    } else if (inBearer && found && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), value);
  }
  if (!found) return undefined;
  const resourceMetadata = found.get('resource_metadata');
  const scope = found.get('scope')?.trim();
  const error = found.get('error');
  return {
    ...(resourceMetadata === undefined ? {} : { resourceMetadata }),
    ...(scope !== undefined && SCOPES.test(scope) ? { scope } : {}),
    ...(error === undefined ? {} : { error }),
  };
}

/** Every scope once, in the order of their first appearance; `undefined` where there is none. */
export function joinScopes(...scopes: readonly (string | undefined)[]): string | undefined {
  const all = [...new Set(scopes.flatMap((scope) => scope?.split(' ') ?? []).filter((scope) => scope !== ''))];
  return all.length > 0 ? all.join(' ') : undefined;
}

/** Whether `scope` holds all of `wanted`. */
export function coversScopes(scope: string | undefined, wanted: string | undefined): boolean {
  const held = new Set(scope?.split(' '));
  return (wanted?.split(' ') ?? []).every((name) => name === '' || held.has(name));
}
