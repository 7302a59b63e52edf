/**
 * Owns what the gateway needs to know of a JSON-RPC message without re-writing it: kind, id, method and where the few
 * values that routing touches stand in the bytes. Reads bytes once, allocates little, never throws: bytes that are no
 * JSON-RPC message give kind `invalid`.
 */
import { Buffer, isUtf8 } from 'node:buffer';
import type { FrameKind } from '../contract/traffic';
import {
  asBuffer,
  canonicalScalar,
  decodeString,
  elementsOf,
  keyIs,
  skipSpace,
  skipValue,
  walkMembers,
  type MemberVisitor,
  type Edit,
  type Span,
} from './spans';

export type { Span } from './spans';

/** JSON-RPC 2.0 envelope of one frame. */
export interface Envelope {
  readonly kind: FrameKind;
  /**
   * JSON text of the id (`1`, `"a"`), so that 1 and "1" stay apart and big integers survive. Canonical: equal ids have
   * equal texts, however their senders escape them. Absent where the id is missing or null.
   */
  readonly id?: string;
  readonly idSpan?: Span;
  readonly method?: string;
  readonly paramsSpan?: Span;
  /** Values of the members of `params` that routing asks for, where `params` is an object. */
  readonly params?: RoutedParams;
  readonly resultSpan?: Span;
  readonly errorSpan?: Span;
  /** For `invalid`: why, in a few words. */
  readonly problem?: string;
  /** For `invalid`: the bytes are not even JSON (JSON-RPC -32700), as against JSON of the wrong shape (-32600). */
  readonly malformed?: true;
}

/** What routing reads of a request's params; found while the frame is scanned, since params may be large. */
export interface RoutedParams {
  name?: Span;
  uri?: Span;
  ref?: Span;
  meta?: Span;
  task?: Span;
  taskId?: Span;
}

const ROUTED = [
  ['name', 'name'],
  ['uri', 'uri'],
  ['ref', 'ref'],
  ['_meta', 'meta'],
  ['task', 'task'],
  ['taskId', 'taskId'],
] as const;

/** Walks the params at `start`, which open an object; gives where they end, or -1. */
function walkParams(b: Buffer, start: number, found: RoutedParams): number {
  return walkMembers(b, start, (keyStart, keyEnd, valueStart, valueEnd) => {
    for (const [name, place] of ROUTED) if (keyIs(b, keyStart, keyEnd, name)) found[place] = { start: valueStart, end: valueEnd };
  });
}

const NOT_JSON: Envelope = { kind: 'invalid', problem: 'not JSON', malformed: true };
const NOT_UTF8: Envelope = { kind: 'invalid', problem: 'not UTF-8', malformed: true };

function isNull(b: Buffer, span: Span): boolean {
  return b[span.start] === 0x6e;
}

/**
 * Reads the envelope of one frame (JSON-RPC 2.0; MCP basic protocol, "Messages"). Keys may stand in any order; where a
 * key stands twice the last one counts, as in JSON.parse. Never throws.
 */
export function scanEnvelope(bytes: Uint8Array): Envelope {
  const b = asBuffer(bytes);
  const start = skipSpace(b, 0);
  const first = b[start];
  if (first !== 0x7b) {
    const end = first === undefined ? -1 : skipValue(b, start);
    if (end < 0 || skipSpace(b, end) !== b.length) return NOT_JSON;
    if (!isUtf8(b)) return NOT_UTF8;
    if (first === 0x5b) return { kind: 'batch' };
    return { kind: 'invalid', problem: 'not a JSON object' };
  }

  let version: Span | undefined;
  let id: Span | undefined;
  let method: Span | undefined;
  let params: Span | undefined;
  let result: Span | undefined;
  let error: Span | undefined;
  let routed: RoutedParams | undefined;
  const skip = (_b: Buffer, valueStart: number, keyStart: number, keyEnd: number): number => {
    if (!keyIs(b, keyStart, keyEnd, 'params')) return skipValue(b, valueStart);
    routed = b[valueStart] === 0x7b ? {} : undefined;
    return routed ? walkParams(b, valueStart, routed) : skipValue(b, valueStart);
  };
  const visit: MemberVisitor = (keyStart, keyEnd, valueStart, valueEnd) => {
    // The lengths of the six keys differ enough to tell them apart by their first letter.
    switch (b[keyStart + 1]) {
      case 0x69:
        if (keyIs(b, keyStart, keyEnd, 'id')) id = { start: valueStart, end: valueEnd };
        break;
      case 0x6a:
        if (keyIs(b, keyStart, keyEnd, 'jsonrpc')) version = { start: valueStart, end: valueEnd };
        break;
      case 0x6d:
        if (keyIs(b, keyStart, keyEnd, 'method')) method = { start: valueStart, end: valueEnd };
        break;
      case 0x70:
        if (keyIs(b, keyStart, keyEnd, 'params')) params = { start: valueStart, end: valueEnd };
        break;
      case 0x72:
        if (keyIs(b, keyStart, keyEnd, 'result')) result = { start: valueStart, end: valueEnd };
        break;
      case 0x65:
        if (keyIs(b, keyStart, keyEnd, 'error')) error = { start: valueStart, end: valueEnd };
        break;
      case 0x5c: {
        // A key that starts with an escape.
        const value = { start: valueStart, end: valueEnd };
        switch (decodeString(b, { start: keyStart, end: keyEnd })) {
          case 'id':
            id = value;
            break;
          case 'jsonrpc':
            version = value;
            break;
          case 'method':
            method = value;
            break;
          case 'params':
            params = value;
            break;
          case 'result':
            result = value;
            break;
          case 'error':
            error = value;
            break;
        }
      }
    }
  };
  const end = walkMembers(b, start, visit, skip);
  if (end < 0 || skipSpace(b, end) !== b.length) return NOT_JSON;
  if (!isUtf8(b)) return NOT_UTF8;

  let idText: string | undefined;
  let idProblem = false;
  if (id && !isNull(b, id)) {
    const c = b[id.start]!;
    if (c === 0x22 || c === 0x2d || (c >= 0x30 && c <= 0x39)) idText = canonicalScalar(b, id);
    else idProblem = true;
  }
  const invalid = (problem: string): Envelope =>
    idText === undefined ? { kind: 'invalid', problem } : { kind: 'invalid', problem, id: idText, idSpan: id! };

  if (decodeString(b, version) !== '2.0') return invalid('"jsonrpc" is not "2.0"');
  if (idProblem) return invalid('"id" is neither string nor number');
  if (method) {
    const name = decodeString(b, method);
    if (name === undefined) return invalid('"method" is not a string');
    if (idText !== undefined) return { kind: 'request', id: idText, idSpan: id!, method: name, paramsSpan: params, params: routed };
    if (id) return invalid('"id" is null');
    return { kind: 'notification', method: name, paramsSpan: params };
  }
  if (error && !(result && isNull(b, error))) {
    return { kind: 'error', id: idText, idSpan: idText === undefined ? undefined : id!, errorSpan: error };
  }
  if (result) {
    if (idText === undefined) return invalid('a result without "id"');
    return { kind: 'result', id: idText, idSpan: id!, resultSpan: result };
  }
  return invalid('neither "method" nor "result" nor "error"');
}

/**
 * The envelope of a message after edits within its params or result, without reading it again: only places move. Edits
 * must not touch id or method.
 */
export function movedEnvelope(envelope: Envelope, edits: readonly Edit[]): Envelope {
  const moved = (span: Span | undefined): Span | undefined => {
    if (!span) return undefined;
    let { start, end } = span;
    for (const edit of edits) {
      const length = typeof edit.text === 'string' ? Buffer.byteLength(edit.text) : edit.text.length;
      const grown = length - (edit.span.end - edit.span.start);
      if (edit.span.end <= span.start) start += grown;
      if (edit.span.end <= span.end) end += grown;
    }
    return { start, end };
  };
  return {
    ...envelope,
    idSpan: moved(envelope.idSpan),
    paramsSpan: moved(envelope.paramsSpan),
    params: envelope.params && Object.fromEntries(Object.entries(envelope.params).map(([name, span]) => [name, moved(span as Span)])),
    resultSpan: moved(envelope.resultSpan),
    errorSpan: moved(envelope.errorSpan),
  };
}

/** The messages of a batch (protocol 2025-03-26), as slices of its bytes. */
export function splitBatch(bytes: Uint8Array): Buffer[] {
  const b = asBuffer(bytes);
  const start = skipSpace(b, 0);
  return elementsOf(b, { start, end: b.length }).map((span) => b.subarray(span.start, span.end));
}
