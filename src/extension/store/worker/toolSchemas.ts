/**
 * Owns finding the output schema of a tool as its server last listed it before a call: in the answers to `tools/list` that
 * are in the log, of the call's own session first.
 */
import type { CallRow } from '../../contract/traffic';
import { isJsonObject, tryParseJson } from '../../util/json';
import { optional, rows, withFrames, type Source } from './source';
import { valuesOf } from './values';

/** A server that pages may need several answers for its whole list. */
const mostLists = 20;
const mostBytes = 8 << 20;

/** JSON text of the schema; `undefined`: the tool has none, or its list is not in the log. */
export function outputSchemaOf(sources: readonly Source[], { method, name, server, session, timeMs }: CallRow): string | undefined {
  if (method !== 'tools/call' || name === undefined || server === undefined) return undefined;
  const byTime = sources.filter(({ extent }) => extent.minMs <= timeMs).sort((a, b) => b.extent.maxMs - a.extent.maxMs);
  let looked = 0;
  for (const source of byTime) {
    if (!mayHoldLists(source)) continue;
    const lists = rows(
      withFrames(source),
      `SELECT f.body FROM call c JOIN frame f ON f.frame = ifnull(c.other_response_frame, c.response_frame)
       WHERE c.method = 'tools/list' AND c.time_ms <= ? AND c.server = ? AND c.status = 'ok'
       ORDER BY c.session = ? DESC, c.time_ms DESC LIMIT ${mostLists}`,
      [timeMs, server, session],
    );
    for (const [body] of lists) {
      if (++looked > mostLists) return undefined;
      const key = optional<number>(body);
      const tool = key === undefined ? undefined : toolIn(source, key, name);
      if (tool) return isJsonObject(tool['outputSchema']) ? JSON.stringify(tool['outputSchema']) : undefined;
    }
    if (looked > 0 && lists.length > 0) break;
  }
  return undefined;
}

/** Of a segment it is known which methods it holds. */
function mayHoldLists(source: Source): boolean {
  return !source.sealed || (valuesOf(source, 'method')?.includes('tools/list') ?? true);
}

function toolIn(source: Source, key: number, name: string): Record<string, unknown> | undefined {
  const { bytes, total } = source.bodyRange(key, 0, mostBytes);
  if (total > mostBytes) return undefined;
  const message = tryParseJson(bytes.toString('utf8'));
  const result = isJsonObject(message) ? message['result'] : undefined;
  const tools = isJsonObject(result) ? result['tools'] : undefined;
  return Array.isArray(tools) ? tools.filter(isJsonObject).find((tool) => tool['name'] === name) : undefined;
}
