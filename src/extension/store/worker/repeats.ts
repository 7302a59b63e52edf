/**
 * Owns storing once what is said again: answers that differ in nothing but the JSON-RPC id, such as what the gateway passes
 * on under the client's own id, and lists of tools that every session asks for. The later one is kept as what it differs
 * in from the first; every byte of it is told again from the two.
 *
 * Form (table `body`, enc 3): the JSON array [frame of the first, place of its id, length of its id, the later one's id].
 */
import { hash } from 'node:crypto';
import { tryParseJson } from '../../util/json';

/** Smaller ones are not worth it. */
export const leastBytes = 2048;
/** The id stands near the beginning or near the end. */
const reachBytes = 256;
const mostRemembered = 10_000;

interface First {
  readonly key: number;
  readonly at: number;
  readonly length: number;
}

/** Finds repeats while a file is made. */
export class Repeats {
  /** What was said again most lately stands last. */
  readonly #seen = new Map<string, First>();

  /** The form of a body that repeats an earlier one; `undefined`: it does not, and may be repeated by later ones. */
  find(key: number, body: Buffer, id: string | undefined): Buffer | undefined {
    if (body.length < leastBytes || id === undefined) return undefined;
    const at = placeOfId(body, id);
    if (at < 0) return undefined;
    const length = Buffer.byteLength(id);
    // The place is part of what is compared: an id is put back where the first one's was.
    const rest = hash('sha256', Buffer.concat([body.subarray(0, at), Buffer.from(`\0${at}\0`), body.subarray(at + length)]), 'base64');
    const first = this.#seen.get(rest);
    this.#seen.delete(rest);
    this.#seen.set(rest, first ?? { key, at, length });
    if (first) return Buffer.from(JSON.stringify([first.key, first.at, first.length, id]));
    if (this.#seen.size > mostRemembered) this.#seen.delete(this.#seen.keys().next().value!);
    return undefined;
  }
}

function placeOfId(body: Buffer, id: string): number {
  const wanted = `"id":${id}`;
  const head = body.subarray(0, reachBytes).indexOf(wanted);
  if (head >= 0) return head + 5;
  const start = Math.max(0, body.length - reachBytes);
  const tail = body.subarray(start).lastIndexOf(wanted);
  return tail < 0 ? -1 : start + tail + 5;
}

type Form = readonly [first: number, at: number, length: number, id: string];

/** `undefined` where it is damaged. */
function read(form: Uint8Array): Form | undefined {
  const known: unknown = tryParseJson(Buffer.from(form).toString('utf8'));
  return Array.isArray(known) && typeof known[0] === 'number' ? (known as unknown as Form) : undefined;
}

/** Key of the first that a form refers to; `undefined` where it is damaged. */
export const firstOf = (form: Uint8Array): number | undefined => read(form)?.[0];

/** The bytes that a form stands for; `bodyOf` gives those of the first. Throws where it is damaged. */
export function repeated(form: Uint8Array, bodyOf: (key: number) => Buffer): Buffer {
  const known = read(form);
  if (!known) throw new Error('what a repeated text repeats is lost');
  const [key, at, length, id] = known;
  const first = bodyOf(key);
  return Buffer.concat([first.subarray(0, at), Buffer.from(id), first.subarray(at + length)]);
}

/**
 * The same form in a file where the first has another key; one that is damaged stays so. `told`: forms of those in that file which are
 * told of others themselves, by their keys there.
 */
export function rekeyed(form: Uint8Array, rekey: (key: number) => number, told?: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const known = read(form);
  if (!known) return form;
  const [first, at, length, id] = known;
  const key = rekey(first);
  const other = told?.get(key);
  const [whole, place, size] = (other && read(other)) ?? [key, at, length];
  return Buffer.from(JSON.stringify([whole, place, size, id]));
}
