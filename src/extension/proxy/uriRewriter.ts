/**
 * Owns putting the exposed URIs into what a server answers or announces. Only the places where MCP puts resource URIs are
 * looked at, and only for servers of which a URI is mapped at all; everything else stays as it came.
 */
import type { Buffer } from 'node:buffer';
import type { ResourceTable } from '../mcp/resourceTable';
import { decodeString, elementsOf, findMember, findPath, type Edit, type Span } from '../mcp/spans';
import type { Envelope } from '../mcp/envelope';

const NO_EDITS: readonly Edit[] = [];

/** What puts the mapped URIs into a message of `server`. */
export function exposedUriEdits(bytes: Buffer, envelope: Envelope, server: string, resources: ResourceTable): readonly Edit[] {
  if (!resources.hasMapped(server)) return NO_EDITS;
  const edits: Edit[] = [];
  const replace = (span: Span | undefined): void => {
    const own = decodeString(bytes, span);
    if (own === undefined) return;
    const exposed = resources.exposedUri(server, own);
    if (exposed !== own) edits.push({ span: span!, text: JSON.stringify(exposed) });
  };
  const content = (span: Span | undefined): void => {
    // A resource link, or an embedded resource.
    replace(findMember(bytes, span, 'uri'));
    replace(findPath(bytes, span, 'resource', 'uri'));
  };
  const { resultSpan, paramsSpan } = envelope;
  if (resultSpan) {
    for (const item of elementsOf(bytes, findMember(bytes, resultSpan, 'contents'))) replace(findMember(bytes, item, 'uri'));
    for (const item of elementsOf(bytes, findMember(bytes, resultSpan, 'content'))) content(item);
    for (const item of elementsOf(bytes, findMember(bytes, resultSpan, 'messages'))) content(findMember(bytes, item, 'content'));
  } else if (paramsSpan && envelope.method === 'notifications/resources/updated') {
    replace(findMember(bytes, paramsSpan, 'uri'));
  }
  return edits;
}
