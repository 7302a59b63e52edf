/**
 * Owns the aggregate's answer to `initialize`: the union of what the servers can, one heading per server over their
 * instructions, and the protocol version (MCP 2025-11-25, lifecycle).
 */
import { isJsonObject, isTooDeep, type JsonObject, type JsonValue } from '../util/json';

/** Versions with the `initialize` handshake, oldest first. */
export const PROTOCOL_VERSIONS: readonly string[] = [
  '2024-10-07',
  '2024-11-05',
  '2025-03-26',
  '2025-06-18',
  '2025-11-25',
];

export const LATEST_PROTOCOL_VERSION = '2025-11-25';

export interface InitializeAnswer {
  readonly server: string;
  readonly result: JsonObject;
}

/** Union of two capability trees: objects member by member, `true` wins over `false`, else the first stays. */
function union(a: JsonValue | undefined, b: JsonValue | undefined): JsonValue | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (isJsonObject(a) && isJsonObject(b)) {
    const out: JsonObject = { ...a };
    for (const [key, value] of Object.entries(b)) {
      // A server may name a member `__proto__`; assignment would set the prototype instead.
      Object.defineProperty(out, key, {
        value: union(Object.hasOwn(a, key) ? a[key] : undefined, value),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return out;
  }
  return a === false && b === true ? true : a;
}

/** What a server may turn out to have that a client only uses where it was declared, and that is harmless where it has not. */
const PERHAPS: JsonObject = { logging: {}, completions: {}, resources: { subscribe: true } };

/** The `result` of the aggregate's initialize answer. Answers in configured order. `isMissing`: of servers that may still come nothing is known. */
export function mergeInitializeAnswers(
  answers: readonly InitializeAnswer[],
  requestedVersion: string | undefined,
  gatewayVersion: string,
  isMissing = false,
): JsonObject {
  let capabilities: JsonValue = {};
  const instructions: string[] = [];
  for (const { server, result } of answers) {
    // One server's nonsense must not cost the client the others.
    if (isJsonObject(result.capabilities) && !isTooDeep(result.capabilities)) capabilities = union(capabilities, result.capabilities)!;
    if (typeof result.instructions === 'string' && result.instructions.trim() !== '') {
      instructions.push(`# ${server}\n\n${result.instructions.trim()}`);
    }
  }
  // Always there, with list_changed: a server that comes late is announced that way.
  const lists: JsonObject = { listChanged: true };
  capabilities = union(capabilities, { tools: lists, prompts: lists, resources: lists })!;
  if (isMissing) capabilities = union(capabilities, PERHAPS)!;
  return {
    protocolVersion:
      requestedVersion !== undefined && PROTOCOL_VERSIONS.includes(requestedVersion)
        ? requestedVersion
        : LATEST_PROTOCOL_VERSION,
    capabilities,
    serverInfo: { name: 'mcp-shark', title: 'MCP Shark', version: gatewayVersion },
    ...(instructions.length > 0 ? { instructions: instructions.join('\n\n') } : {}),
  };
}
