/**
 * Owns keeping secrets off the disk: what is recorded is a copy in which they are replaced by `[redacted:<kind>]`; what
 * is forwarded is never touched. What is looked for can be added to and switched off (`RedactionOptions`).
 */
import type { RedactionOptions } from './redactionOptions';
import { scanCards } from './secretCards';
import { applyCuts, mergeCuts, redactionMark, type Cut, type SecretRules } from './secretCuts';
import { createSecretNames, isSecretText, type SecretNames } from './secretNames';
import { createPatternCutter } from './secretPatterns';
import { scanSecrets } from './secretScan';

export interface Redaction {
  /** The bytes given where nothing was found. */
  readonly bytes: Uint8Array;
  readonly count: number;
}

export interface Redactor {
  body(bytes: Uint8Array): Redaction;
  /** A copy, with names in lower case. */
  headers(headers: Readonly<Record<string, string>>): { readonly headers: Record<string, string>; readonly count: number };
  /** Whether what is found at a place depends on nothing but what stands near it; the user's patterns may look further. */
  readonly isLocal?: boolean;
  /** Where secrets stand, in order, with their kinds. */
  find(bytes: Uint8Array): readonly Cut[];
}

/** The options are as `readRedactionOptions` gives them: throws AppError `query.invalid` for a pattern that is none. */
export function createRedactor(options: RedactionOptions = {}): Redactor {
  const off = new Set(options.off ?? []);
  const rules: SecretRules = { names: createSecretNames(options.keys, !off.has('value')), off };
  const cutPatterns = options.patterns?.length ? createPatternCutter(options.patterns) : undefined;

  const cards = !off.has('card');
  const find = (bytes: Uint8Array): readonly Cut[] => {
    const secrets = scanSecrets(bytes, rules);
    return cards ? mergeCuts(secrets, scanCards(bytes)) : secrets;
  };
  const body = (bytes: Uint8Array): Redaction => {
    // First, so that they see the text as it came.
    const own = cutPatterns?.(bytes);
    const rest = own ? own.bytes : bytes;
    const cuts = find(rest);
    if (cuts.length === 0) return own ?? { bytes, count: 0 };
    return { bytes: applyCuts(rest, cuts), count: cuts.length + (own?.count ?? 0) };
  };
  return {
    body,
    find,
    isLocal: cutPatterns === undefined,
    headers(headers) {
      let count = 0;
      const out: Record<string, string> = {};
      for (const [name, value] of Object.entries(headers)) {
        const key = name.toLowerCase();
        const kind = headerKind(key, rules.names, off);
        if (kind) {
          out[key] = redactionMark(kind);
          count++;
          continue;
        }
        const redacted = body(Buffer.from(value));
        out[key] = redacted.count > 0 ? Buffer.from(redacted.bytes).toString() : value;
        count += redacted.count;
      }
      return { headers: out, count };
    },
  };
}

const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'api-key', 'mcp-session-id', 'x-amz-security-token', 'www-authenticate']);

function headerKind(name: string, names: SecretNames, off: ReadonlySet<string>): string | undefined {
  const bytes = Buffer.from(name);
  if (names.kindOf(bytes, 0, bytes.length) === 'key') return 'key';
  return !off.has('header') && (secretHeaders.has(name) || isSecretText(name)) ? 'header' : undefined;
}
