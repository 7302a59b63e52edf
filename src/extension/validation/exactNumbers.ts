/**
 * Owns keeping integers that a double cannot hold apart while a value is checked: what a checker works on is plain, and beside it
 * stands, for the few numbers concerned, the text they were written with.
 */
import { isInteger, LosslessNumber, parse } from 'lossless-json';
import type { JsonValue } from '../util/json';

/** The exact integers directly in an object or array of the plain value, by key. */
type ExactMembers = Readonly<Record<string, bigint>>;

export class ExactIntegers {
  readonly #members = new WeakMap<object, ExactMembers>();
  #root: bigint | undefined;
  #isEmpty = true;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** The exact integer at a key of an object or array, without a parent the value itself; `undefined` where the double is exact. */
  at(parent: unknown, key: string | number | undefined): bigint | undefined {
    if (parent === undefined) return this.#root;
    if (typeof parent !== 'object' || parent === null || key === undefined) return undefined;
    const members = this.#members.get(parent);
    return members && Object.hasOwn(members, key) ? members[key] : undefined;
  }

  keepRoot(value: bigint): void {
    this.#root = value;
    this.#isEmpty = false;
  }

  keep(parent: object, members: ExactMembers): void {
    this.#members.set(parent, members);
    this.#isEmpty = false;
  }
}

/** Parses JSON to plain values; integers that do not survive that are noted in `exact`. Throws where the text is no JSON. */
export function parseNoting(text: string, exact: ExactIntegers): JsonValue {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as JsonValue;
  let lossless: unknown;
  try {
    lossless = parse(text);
  } catch {
    // A key given twice, or nested too deeply for it: the last one counts then, as everywhere.
    return JSON.parse(text) as JsonValue;
  }
  const itself = exactOf(lossless);
  if (itself !== undefined) exact.keepRoot(itself);
  return plain(lossless, exact);
}

/** The integer where a double cannot hold it. */
function exactOf(value: unknown): bigint | undefined {
  if (!(value instanceof LosslessNumber)) return undefined;
  const text = value.toString();
  return !isInteger(text) || Number.isSafeInteger(Number(text)) ? undefined : BigInt(text);
}

function plain(value: unknown, exact: ExactIntegers): JsonValue {
  if (value instanceof LosslessNumber) return Number(value.toString());
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const members: Record<string, bigint> = {};
  let hasExact = false;
  const note = (key: string, member: unknown): void => {
    const number = exactOf(member);
    if (number === undefined) return;
    members[key] = number;
    hasExact = true;
  };
  let copy: JsonValue[] | Record<string, JsonValue>;
  if (Array.isArray(value)) {
    value.forEach((member, index) => note(String(index), member));
    copy = value.map((member) => plain(member, exact));
  } else {
    copy = {};
    for (const [key, member] of Object.entries(value)) {
      note(key, member);
      Object.defineProperty(copy, key, { value: plain(member, exact), enumerable: true, configurable: true, writable: true });
    }
  }
  if (hasExact) exact.keep(copy, members);
  return copy;
}
