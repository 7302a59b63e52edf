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

interface Word {
  readonly text: string;
  readonly whole: boolean;
}

const byLastCode: (Word[] | undefined)[] = [];
for (const [texts, whole] of [
  [endings, false],
  [wholeNames, true],
] as const) {
  for (const text of texts) (byLastCode[text.charCodeAt(text.length - 1)] ??= []).push({ text, whole });
}

const maxNameBytes = 64;

/** Whether the bytes from `start` to `end` are a name like `password`, `API_KEY`, `x-auth-token`. */
export function isSecretName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 3 || end - start > maxNameBytes) return false;
  const words = byLastCode[lower(bytes[end - 1] ?? 0)];
  if (!words) return false;
  for (const { text, whole } of words) {
    const left = endsWith(bytes, start, end, text);
    if (left < 0 || (whole && left > start)) continue;
    return text !== 'token' || left === start || !harmlessTokens.some((name) => endsWith(bytes, start, left, name) >= 0);
  }
  return false;
}

/** The same for text. */
export function isSecretText(name: string): boolean {
  const bytes = Buffer.from(name);
  return isSecretName(bytes, 0, bytes.length);
}

/** Where `text` starts when the name ends with it, separators aside; else -1. */
function endsWith(bytes: Uint8Array, start: number, end: number, text: string): number {
  let at = end;
  for (let i = text.length - 1; i >= 0; i--) {
    do {
      if (--at < start) return -1;
      // Not at the end of the name: `token_` is no name anybody uses.
    } while (isSeparator(bytes[at] ?? 0));
    if (lower(bytes[at] ?? 0) !== text.charCodeAt(i)) return -1;
  }
  return at;
}

const isSeparator = (code: number): boolean => code === 95 || code === 45 || code === 46 || code === 32;
const lower = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);
