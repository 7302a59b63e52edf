/**
 * Owns what is kept of a sign-in: the client registration, the tokens, and while the browser is open the PKCE verifier,
 * in the SecretPort, one record per server URL and issuer (SEP-2352). Invariants: a record is only ever given out for
 * the server and the issuer it was written for; a server has one issuer at a time, and taking another deletes all that
 * belongs to the one before. Keys are hashes: a server's URL may hold secrets, keys are stored in the clear.
 */
import { createHash } from 'node:crypto';
import { SerialQueue } from '../util/async';
import { isJsonObject, tryParseJson, type JsonObject } from '../util/json';
import type { SecretPort } from './types';
import { sameIssuer } from './urlPolicy';

export interface StoredClient {
  readonly id: string;
  readonly secret?: string;
  /** Wall clock; absent: never. */
  readonly secretExpiresAtMs?: number;
  /** What the registration settled (RFC 7591 `token_endpoint_auth_method`). */
  readonly authMethod?: string;
  readonly redirectUri: string;
  /** Scopes it was registered for; absent: not limited. */
  readonly scope?: string;
}

export interface StoredTokens {
  readonly access: string;
  readonly refresh?: string;
  readonly receivedAtMs: number;
  /** Wall clock; absent: the server did not say. */
  readonly expiresAtMs?: number;
  readonly by: 'signIn' | 'refresh';
}

export interface Credentials {
  readonly issuer: string;
  /** Where the server said its metadata stands, for looking it up again before a refresh. */
  readonly resourceMetadata?: string;
  /** All scopes asked for so far; kept when tokens are dropped. */
  readonly scope?: string;
  readonly client?: StoredClient;
  readonly tokens?: StoredTokens;
  readonly verifier?: string;
}

const PREFIX = 'mcpShark.oauth.1:';

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The server's URL as it is compared and stored: without fragment (RFC 8707 section 2). */
export function canonicalServerUrl(url: string): string {
  const parsed = new URL(url);
  parsed.hash = '';
  return parsed.href;
}

export class CredentialStore {
  /** Two writes of one window never interleave. */
  readonly #writes = new SerialQueue();

  constructor(private readonly secrets: SecretPort) {}

  /** Key under which the server's current issuer stands; it changes with everything that is stored for the server. */
  keyOf(serverUrl: string): string {
    return `${PREFIX}${hash(serverUrl)}`;
  }

  async load(serverUrl: string): Promise<Credentials | undefined> {
    const pointer = parse(await this.secrets.get(this.keyOf(serverUrl)));
    if (typeof pointer?.issuer !== 'string') return undefined;
    const record = parse(await this.secrets.get(this.#recordKey(serverUrl, pointer.issuer)));
    if (record?.server !== serverUrl || record.issuer !== pointer.issuer) return undefined;
    return readCredentials(record, pointer.issuer);
  }

  save(serverUrl: string, credentials: Credentials): Promise<void> {
    return this.#writes.run(async () => {
      const pointer = parse(await this.secrets.get(this.keyOf(serverUrl)));
      const before = typeof pointer?.issuer === 'string' ? pointer.issuer : undefined;
      if (before !== undefined && before !== credentials.issuer) {
        await this.secrets.delete(this.#recordKey(serverUrl, before));
      }
      await this.secrets.set(this.#recordKey(serverUrl, credentials.issuer), JSON.stringify({ server: serverUrl, ...credentials }));
      // Last, and each time: other windows listen to this key. The stamp makes it a change.
      await this.secrets.set(this.keyOf(serverUrl), JSON.stringify({ issuer: credentials.issuer, stamp: hash(JSON.stringify(credentials)) }));
    });
  }

  /** Gives whether there was anything. */
  delete(serverUrl: string): Promise<boolean> {
    return this.#writes.run(async () => {
      const pointer = parse(await this.secrets.get(this.keyOf(serverUrl)));
      if (typeof pointer?.issuer === 'string') await this.secrets.delete(this.#recordKey(serverUrl, pointer.issuer));
      if (pointer) await this.secrets.delete(this.keyOf(serverUrl));
      return pointer !== undefined;
    });
  }

  #recordKey(serverUrl: string, issuer: string): string {
    return `${this.keyOf(serverUrl)}:${hash(issuer)}`;
  }
}

/** The credentials if they are those of `issuer`; nothing of them goes to any other (SEP-2352). */
export function boundTo(credentials: Credentials | undefined, issuer: string): Credentials | undefined {
  return credentials && sameIssuer(credentials.issuer, issuer) ? credentials : undefined;
}

function parse(text: string | undefined): JsonObject | undefined {
  const value = text === undefined ? undefined : tryParseJson(text);
  return isJsonObject(value) ? value : undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function readCredentials(record: JsonObject, issuer: string): Credentials {
  const { client, tokens } = record;
  return {
    issuer,
    ...(isText(record.resourceMetadata) ? { resourceMetadata: record.resourceMetadata } : {}),
    ...(isText(record.scope) ? { scope: record.scope } : {}),
    ...(isText(record.verifier) ? { verifier: record.verifier } : {}),
    ...(isJsonObject(client) && isText(client.id) && isText(client.redirectUri)
      ? {
          client: {
            id: client.id,
            redirectUri: client.redirectUri,
            ...(isText(client.secret) ? { secret: client.secret } : {}),
            ...(isTime(client.secretExpiresAtMs) ? { secretExpiresAtMs: client.secretExpiresAtMs } : {}),
            ...(isText(client.authMethod) ? { authMethod: client.authMethod } : {}),
            ...(isText(client.scope) ? { scope: client.scope } : {}),
          },
        }
      : {}),
    ...(isJsonObject(tokens) && isText(tokens.access) && isTime(tokens.receivedAtMs)
      ? {
          tokens: {
            access: tokens.access,
            receivedAtMs: tokens.receivedAtMs,
            by: tokens.by === 'refresh' ? 'refresh' : 'signIn',
            ...(isText(tokens.refresh) ? { refresh: tokens.refresh } : {}),
            ...(isTime(tokens.expiresAtMs) ? { expiresAtMs: tokens.expiresAtMs } : {}),
          },
        }
      : {}),
  };
}
