/**
 * Owns the identity of what servers define: SHA-256 over the RFC 8785 form, so that key order and white space make no
 * difference and everything else does. Two texts that some reader could understand differently never share a hash.
 */
import type { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import serialize from 'canonicalize';
import { skipString } from '../mcp/strings';
import { isJsonObject, tryParseJson, type JsonValue } from '../util/json';

/** SHA-256 of the RFC 8785 form of a value, lower-case hex. Throws where there is none (lone surrogates, infinities). */
export function canonicalHash(value: unknown): string {
  return createHash('sha256').update(serialize(value) ?? 'null').digest('hex');
}

/** The same of JSON bytes as they came. Text that has no RFC 8785 form, or names a key twice, counts byte by byte. */
export function definitionHash(bytes: Buffer): string {
  const value = tryParseJson(bytes.toString('utf8'));
  // Readers disagree on which of two equal keys counts, so the last one must not stand for both.
  if (value !== undefined && membersIn(bytes) === membersOf(value)) {
    try {
      return canonicalHash(value);
    } catch {
      // Counted as it stands.
    }
  }
  return createHash('sha256').update('bytes\n').update(bytes).digest('hex');
}

/** How many members the objects of a JSON text have: as many as there are colons outside strings. */
function membersIn(bytes: Buffer): number {
  let count = 0;
  for (let i = 0; i < bytes.length; ) {
    const c = bytes[i]!;
    if (c === 0x22) {
      const end = skipString(bytes, i);
      if (end < 0) return -1;
      i = end;
      continue;
    }
    if (c === 0x3a) count++;
    i++;
  }
  return count;
}

function membersOf(root: JsonValue): number {
  let count = 0;
  const open: (JsonValue | undefined)[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (Array.isArray(value)) for (const item of value) open.push(item);
    else if (isJsonObject(value)) {
      for (const key in value) {
        count++;
        open.push(value[key]);
      }
    }
  }
  return count;
}
