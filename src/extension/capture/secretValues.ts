/**
 * Owns secrets that are known by their very text: what was given for `${input:…}`. Whoever repeats one (a server in its
 * answer, the network in an error, a program on stderr), it is not written down. Kept in memory only.
 */
import { Buffer } from 'node:buffer';
import type { Logger } from '../util/logger';
import { isDigit } from './secretBytes';
import { quoteAround, StringState } from './secretCards';
import { applyCuts, mergeCuts, type Cut } from './secretCuts';
import type { Redaction, Redactor } from './redactor';

/** Stands in the mark: `[redacted:input]`. */
const KIND = 'input';
/** Shorter ones stand in too many words by chance. */
const LEAST_CHARACTERS = 6;
const MAX_VALUES = 1000;
/** What is longer may reach further than redaction of changed frames looks; see `Redactor.isLocal`. */
const LOCAL_BYTES = 400;
const none: readonly Cut[] = [];

export class SecretValues {
  readonly #values = new Set<string>();
  /** A value as it stands in a text, in JSON, in JSON within a string, and in an address. */
  #forms: readonly Buffer[] = [];

  /** What is shorter than 6 characters is not kept. */
  add(value: string): void {
    if (value.length < LEAST_CHARACTERS || this.#values.has(value)) return;
    this.#values.add(value);
    if (this.#values.size > MAX_VALUES) this.#values.delete(this.#values.values().next().value ?? '');
    const forms = [...this.#values].flatMap((one) => [one, inJson(one), inJson(inJson(one)), inJson(inJson(inJson(one))), encodeURIComponent(toWellFormed(one))]);
    // The longest first: a value that holds another one goes as a whole.
    this.#forms = [...new Set(forms)].map((form) => Buffer.from(form)).toSorted((a, b) => b.length - a.length);
  }

  get isLocal(): boolean {
    return (this.#forms[0]?.length ?? 0) <= LOCAL_BYTES;
  }

  /** Where they stand, in order. In JSON a cut leaves JSON. */
  find(bytes: Uint8Array): readonly Cut[] {
    if (this.#forms.length === 0) return none;
    let cuts = none;
    const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const form of this.#forms) cuts = mergeCuts(cuts, cutsOf(b, form));
    return cuts;
  }

  /** See `Redactor.body`. */
  body(bytes: Uint8Array): Redaction {
    const cuts = this.find(bytes);
    return cuts.length === 0 ? { bytes, count: 0 } : { bytes: applyCuts(bytes, cuts), count: cuts.length };
  }

  hide(text: string): string {
    const { bytes, count } = this.body(Buffer.from(text));
    return count === 0 ? text : Buffer.from(bytes).toString();
  }
}

/** A redactor that hides the values first, then what `redactor` finds in the rest. */
export function withSecretValues(redactor: Redactor, values: SecretValues): Redactor {
  return {
    body(bytes) {
      const first = values.body(bytes);
      const rest = redactor.body(first.bytes);
      return first.count === 0 ? rest : { bytes: rest.bytes, count: first.count + rest.count };
    },
    headers(headers) {
      let count = 0;
      const hidden = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => {
          const found = values.body(Buffer.from(value));
          count += found.count;
          return [name, found.count === 0 ? value : Buffer.from(found.bytes).toString()];
        }),
      );
      const rest = redactor.headers(hidden);
      return { headers: rest.headers, count: count + rest.count };
    },
    find: (bytes) => mergeCuts(values.find(bytes), redactor.find(bytes)),
    get isLocal() {
      return redactor.isLocal === true && values.isLocal;
    },
  };
}

/** A log in whose lines the values are hidden. */
export function hidingLogger(logger: Logger, values: SecretValues): Logger {
  const detail = (value: unknown): unknown =>
    typeof value === 'string' ? values.hide(value) : value instanceof Error ? values.hide(value.stack ?? value.message) : value;
  const hiding =
    (level: keyof Logger) =>
    (message: string, ...details: unknown[]): void =>
      logger[level](values.hide(message), ...details.map(detail));
  return { trace: hiding('trace'), debug: hiding('debug'), info: hiding('info'), warn: hiding('warn'), error: hiding('error') };
}

function cutsOf(b: Buffer, form: Buffer): readonly Cut[] {
  let start = b.indexOf(form);
  if (start < 0) return none;
  const cuts: Cut[] = [];
  const isJson = b[0] === 0x7b || b[0] === 0x5b;
  const isNumber = isJson && form.every((code) => isDigit(code) || code === 45 || code === 46);
  const strings = new StringState(b);
  for (; start >= 0; start = b.indexOf(form, start)) {
    const end = start + form.length;
    const inString = isNumber && strings.holds(start);
    const quote = isNumber ? quoteAround(b, start, end, inString) : undefined;
    const breaksNumber = isNumber && !inString && quote === undefined;
    // A letter of an escape is not where a value begins, and a part of a number is not what was given.
    if (breaksNumber || isEscaped(b, start)) {
      start++;
      continue;
    }
    cuts.push({ start, end, kind: KIND, quote });
    start = end;
  }
  return cuts;
}

function isEscaped(b: Buffer, at: number): boolean {
  let slashes = 0;
  while (b[at - 1 - slashes] === 92) slashes++;
  return slashes % 2 === 1 && /["\\/bfnrtu]/.test(String.fromCharCode(b[at]!));
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** `encodeURIComponent` throws at half a surrogate pair. */
const toWellFormed = (text: string): string => Buffer.from(text).toString();
