/**
 * Owns what the lists that pass to a client of `/mcp/<server>` hold as a whole: a hash over the elements that clients see,
 * the same as the catalog makes on `/mcp`, known once the last page has passed. Pages that a client asks for out of turn say
 * nothing about the whole.
 */
import { createHash, type Hash } from 'node:crypto';
import { decodeString, elementsOf, findMember } from '../mcp/spans';
import type { DefinitionWatch } from './definitionWatch';
import type { Frame } from './frame';
import { isListMethod, LIST_KINDS, type ListMethod } from './listKinds';

/** A list that is being read; `expects`: the cursor of its next page. */
interface Reading {
  readonly hash: Hash;
  readonly expects: string;
}

export interface WholeList {
  readonly method: ListMethod;
  readonly hash: string;
}

export class RelayLists {
  readonly #readings = new Map<ListMethod, Reading>();

  constructor(private readonly definitions: DefinitionWatch) {}

  /** A request has been answered; gives the list whose last page this was. */
  answered(request: Frame, { bytes, envelope }: Frame): WholeList | undefined {
    const { method } = request.envelope;
    if (method === undefined || !isListMethod(method)) return undefined;
    const reading = this.#readings.get(method);
    this.#readings.delete(method);
    const cursor = decodeString(request.bytes, findMember(request.bytes, request.envelope.paramsSpan, 'cursor'));
    const hash = cursor === undefined ? createHash('sha256') : cursor === reading?.expects ? reading.hash : undefined;
    if (!hash || !envelope.resultSpan) return undefined;
    elementsOf(bytes, findMember(bytes, envelope.resultSpan, LIST_KINDS[method].member)).forEach((span, k) => {
      if (this.definitions.isVisible(bytes, k)) hash.update(bytes.subarray(span.start, span.end));
    });
    const next = decodeString(bytes, findMember(bytes, envelope.resultSpan, 'nextCursor'));
    if (next === undefined) return { method, hash: hash.digest('base64url') };
    this.#readings.set(method, { hash, expects: next });
    return undefined;
  }
}
