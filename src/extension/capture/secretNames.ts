/**
 * Owns which names announce a secret: JSON keys, headers, query parameters, variables. A name is compared without case
 * and separators (`API_KEY`, `apiKey`, `x-api-key`), by its end, and without allocating: it is asked for every key of
 * every message.
 */

/** A name that ends like this is a secret's, whatever stands before. All lower case, without separators. */
const endings = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'apikey',
  'privatekey',
  'secretkey',
  'secretaccesskey',
  'accountkey',
  'encryptionkey',
  'signingkey',
  'token',
  'authorization',
  'credential',
  'sessioncookie',
  'connectionstring',
];

/** Names that are a secret's only as they stand here. */
const wholeNames = ['pwd', 'passwords', 'cookie', 'setcookie', 'apikeys', 'secrets', 'accesskey', 'authkey', 'jwt', 'bearer', 'mcpsessionid', 'sessiontoken', 'credentials'];

/** What stands before `token` where it is a place in a list or a piece of text, not a secret. */
const harmlessTokens = [
  'progress',
  'next',
  'prev',
  'previous',
  'page',
  'pagination',
  'continuation',
  'sync',
  'delta',
  'start',
  'end',
  'stop',
  'eos',
  'bos',
  'pad',
  'unk',
  'resume',
  'cursor',
  'cancel',
  'cancellation',
  'iteration',
  'idempotency',
  'clientrequest',
  'skip',
  'change',
  'per',
  'task',
];

/** Says what the bytes from `start` to `end` announce as a name: the kind of secret, or `undefined`. */
export interface SecretNames {
  /** Whether bytes that end at `end` may be such a name: most are told apart by their last two. */
  mayEnd(bytes: Uint8Array, end: number): boolean;
  kindOf(bytes: Uint8Array, start: number, end: number): NameKind | undefined;
}

/** `value`: a name known for it; `key`: one that the user has added. */
export type NameKind = 'value' | 'key';

/** The built-in names, and `added` ones, which are meant as a whole, without case and separators. */
export function createSecretNames(added: readonly string[] = [], builtIn = true): SecretNames {
  const table: (Word[] | undefined)[] = Array.from({ length: 256 }, () => undefined);
  // Of the last byte and the one before, which names may end like this; names with the same last byte share a bit.
  const lasts = new Int32Array(256);
  const befores = new Int32Array(256);
  const add = (word: Word): void => {
    const last = word.bytes.at(-1)!;
    const before = word.bytes.at(-2);
    (table[last] ??= []).push(word);
    const bit = 1 << (last & 31);
    for (let code = 0; code < 256; code++) {
      if (lower(code) === last) lasts[code]! |= bit;
      if (before === undefined || lower(code) === before || isSeparator(code)) befores[code]! |= bit;
    }
  };
  for (const text of added) {
    const bytes = [...Buffer.from(text)].filter((code) => !isSeparator(code)).map(lower);
    if (bytes.length > 0) add({ bytes, whole: true, kind: 'key' });
  }
  if (builtIn) {
    for (const text of endings) add({ bytes: [...Buffer.from(text)], whole: false, kind: 'value', isToken: text === 'token' });
    for (const text of wholeNames) add({ bytes: [...Buffer.from(text)], whole: true, kind: 'value' });
  }
  const shortest = Math.min(3, ...table.flat().map((word) => word?.bytes.length ?? maxNameBytes));
  return {
    mayEnd: (bytes, end) => (lasts[bytes[end - 1]!]! & befores[bytes[end - 2]!]!) !== 0,
    kindOf(bytes, start, end) {
      if (end - start < shortest || end - start > maxNameBytes) return undefined;
      const words = table[lower(bytes[end - 1] ?? 0)];
      if (!words) return undefined;
      for (const { bytes: text, whole, kind, isToken } of words) {
        const left = endsWith(bytes, start, end, text);
        if (left < 0 || (whole && left > start)) continue;
        // No other name ends like this one.
        return isToken !== true || left === start || !harmless.some((name) => endsWith(bytes, start, left, name) >= 0) ? kind : undefined;
      }
      return undefined;
    },
  };
}

interface Word {
  /** In lower case, without separators. */
  readonly bytes: readonly number[];
  readonly whole: boolean;
  readonly kind: NameKind;
  readonly isToken?: boolean;
}

const harmless = harmlessTokens.map((text) => [...Buffer.from(text)]);

const maxNameBytes = 64;

const builtInNames = createSecretNames();

/** Whether a name is like `password`, `API_KEY`, `x-auth-token`. */
export function isSecretText(name: string, names: SecretNames = builtInNames): boolean {
  const bytes = Buffer.from(name);
  return names.kindOf(bytes, 0, bytes.length) !== undefined;
}

/** Where `text` starts when the name ends with it, separators aside; else -1. */
function endsWith(bytes: Uint8Array, start: number, end: number, text: readonly number[]): number {
  let at = end;
  for (let i = text.length - 1; i >= 0; i--) {
    do {
      if (--at < start) return -1;
      // Not at the end of the name: `token_` is no name anybody uses.
    } while (isSeparator(bytes[at] ?? 0));
    if (lower(bytes[at] ?? 0) !== text[i]) return -1;
  }
  return at;
}

function isSeparator(code: number): boolean {
  return code === 95 || code === 45 || code === 46 || code === 32;
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}
