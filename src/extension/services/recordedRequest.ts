/**
 * Owns reading a recorded request as something that can be run again: which server, what on it, with which arguments. Arguments are
 * taken as text, so that no digit and no unknown key is lost.
 */
import { Buffer } from 'node:buffer';
import { findPath, rawText, skipSpace } from '../mcp/spans';
import { repeatable } from '../contract/repeatable';
import type { CallDetail } from '../contract/traffic';
import type { RunTarget } from '../contract/playgroundRuns';
import { AppError } from '../util/errors';
import { exactJson, isJsonObject } from '../util/json';
import type { PlaygroundOpening } from './playgroundPort';

/** What the recorder writes in the place of a secret begins so. */
const REDACTED = '[redacted:';

/** `requestText`: the whole text of the request, as the server saw it where that is known. Throws `query.invalid`, with why, for what cannot be run again. */
export function openingOf({ row }: CallDetail, requestText: string): PlaygroundOpening {
  const where = repeatable(row);
  if ('refusal' in where) throw new AppError('query.invalid', where.refusal);
  const { server } = where;
  const { method, name } = row;
  const kind = name === undefined && !method.startsWith('notifications/') ? 'request' : kindOf(method);
  const target: RunTarget = { server, kind, name: kind === 'request' || kind === 'notification' ? method : (name ?? method) };
  const argumentsText = kind === 'request' || kind === 'notification' ? withoutMeta(textAt(requestText, 'params')) : textAt(requestText, 'params', 'arguments');
  return { target, ...(argumentsText === undefined ? {} : { argumentsText }), isRedacted: (argumentsText ?? '').includes(REDACTED) };
}

function kindOf(method: string): RunTarget['kind'] {
  if (method === 'tools/call') return 'tool';
  if (method === 'prompts/get') return 'prompt';
  if (method === 'resources/read') return 'resource';
  return method.startsWith('notifications/') ? 'notification' : 'request';
}

/** A progress token of then means nothing now. */
function withoutMeta(params: string | undefined): string | undefined {
  const value = params === undefined ? undefined : exactJson(params);
  if (!isJsonObject(value) || value['_meta'] === undefined) return params;
  const { _meta, ...rest } = value;
  return Object.keys(rest).length === 0 ? undefined : JSON.stringify(rest);
}

/** The text of a member as it stands in a JSON text; `undefined` where there is none. */
export function textAt(json: string, ...path: readonly string[]): string | undefined {
  const bytes = Buffer.from(json);
  try {
    const span = findPath(bytes, { start: skipSpace(bytes, 0), end: bytes.length }, ...path);
    return span && rawText(bytes, span);
  } catch {
    return undefined; // no JSON
  }
}
