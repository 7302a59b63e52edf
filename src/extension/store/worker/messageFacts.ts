/**
 * Owns what a call's row needs from the text of its messages: names, a telling preview, errors, the ids that tie calls
 * to a chat turn. Pure; bodies come from clients and servers, so every value may be of any type, or no JSON at all.
 */
import { isJsonObject, isTooDeep, tryParseJson, type JsonObject, type JsonValue } from '../../util/json';
import { shortText } from './shortJson';

export interface RequestFacts {
  /** `params.name` or `params.uri`. */
  readonly name?: string;
  readonly detail?: string;
  /** VS Code's id of the conversation and of the prompt (`_meta`). */
  readonly conversation?: string;
  readonly prompt?: string;
  readonly traceparent?: string;
  readonly clientName?: string;
  readonly clientVersion?: string;
  readonly protocolVersion?: string;
}

export interface AnswerFacts {
  /** `result.isError` is true. */
  readonly toolError: boolean;
  readonly errorCode?: number;
  readonly errorMessage?: string;
  readonly protocolVersion?: string;
}

/** One message of a JSON-RPC batch. */
export interface BatchMember {
  readonly kind: 'request' | 'result' | 'error' | 'notification';
  readonly id?: string;
  readonly method?: string;
  readonly message: JsonObject;
}

export const maxDetail = 200;
const maxName = 500;
const maxSaid = 2000;
const maxStack = 100_000;
const noFacts: RequestFacts = {};
/** Of an answer in which nothing tells of a failure. */
export const noError: AnswerFacts = { toolError: false };

export function requestFacts(body: Buffer): RequestFacts {
  const message = parse(shortText(body, maxDetail * 4));
  return isJsonObject(message) ? requestFactsOf(message) : noFacts;
}

export function requestFactsOf(message: JsonObject): RequestFacts {
  const params = message['params'];
  if (!isJsonObject(params)) return noFacts;
  const meta = isJsonObject(params['_meta']) ? params['_meta'] : undefined;
  const name = text(params['name'] ?? params['uri'], maxName);
  // Clients of the modern protocol say who they are in every request instead of in an initialize.
  const client = params['clientInfo'] ?? meta?.['io.modelcontextprotocol/clientInfo'];
  const { name: clientName, version: clientVersion } = isJsonObject(client) ? client : ({} as JsonObject);
  return {
    name,
    detail: preview(telling(params)),
    conversation: text(meta?.['vscode.conversationId'], maxName),
    prompt: text(meta?.['vscode.requestId'], maxName),
    traceparent: text(meta?.['traceparent'], maxName),
    clientName: text(clientName, maxName),
    clientVersion: text(clientVersion, maxName),
    protocolVersion: text(params['protocolVersion'] ?? meta?.['io.modelcontextprotocol/protocolVersion'], maxName),
  };
}

/** `wantsProtocol`: the answer is to `initialize`. Other results are not parsed where nothing in them is `"isError": true`. */
export function answerFacts(kind: 'result' | 'error', body: Buffer, wantsProtocol: boolean): AnswerFacts {
  if (kind === 'result' && !wantsProtocol && !holdsErrorMark(body)) return noError;
  const message = parse(shortText(body, maxSaid));
  return isJsonObject(message) ? answerFactsOf(message) : noError;
}

/** The end of the name: its capital is rare in texts, and what begins with a rare byte is found several times as quickly. */
const markEnd = 'Error"';
const markBegin = Buffer.from('"is');

/** Whether some member `isError` in a message is true; whether it is the result's, only parsing tells. */
function holdsErrorMark(body: Buffer): boolean {
  for (let at = body.indexOf(markEnd); at >= 0; at = body.indexOf(markEnd, at + 1)) {
    if (markBegin.some((byte, index) => body[at - markBegin.length + index] !== byte)) continue;
    const colon = afterSpace(body, at + markEnd.length);
    if (body[colon] === 58 && body[afterSpace(body, colon + 1)] === 116) return true;
  }
  return false;
}

/** The first place from `at` on where no white space of JSON's is. */
function afterSpace(body: Buffer, at: number): number {
  while (body[at] === 32 || body[at] === 10 || body[at] === 13 || body[at] === 9) at++;
  return at;
}

export function answerFactsOf(message: JsonObject): AnswerFacts {
  const error = message['error'];
  if (error !== undefined) {
    const { code, message: said } = isJsonObject(error) ? error : ({} as JsonObject);
    return {
      toolError: false,
      errorCode: typeof code === 'number' && Number.isFinite(code) ? code : undefined,
      errorMessage: text(said, maxSaid) ?? preview(written(error)),
    };
  }
  const result = message['result'];
  if (!isJsonObject(result)) return noError;
  const protocolVersion = text(result['protocolVersion'], maxName);
  if (result['isError'] !== true) return { toolError: false, protocolVersion };
  return { toolError: true, errorMessage: firstText(result['content']) };
}

/** The raw JSON of the request id a `notifications/cancelled` is about. */
export function cancelledId(body: Buffer): { id?: string; reason?: string } {
  const message = parse(body.toString('utf8'));
  const params = isJsonObject(message) ? message['params'] : undefined;
  if (!isJsonObject(params)) return {};
  const { requestId, reason } = params;
  const known = typeof requestId === 'string' || typeof requestId === 'number';
  return { id: known ? JSON.stringify(requestId) : undefined, reason: text(reason, maxDetail) };
}

/** The messages of a batch; empty for anything else. */
export function batchMembers(body: Buffer): BatchMember[] {
  const messages = parse(body.toString('utf8'));
  if (!Array.isArray(messages)) return [];
  return messages.filter(isJsonObject).map((message) => {
    const id = message['id'] === undefined ? undefined : written(message['id']);
    const method = text(message['method'], maxName);
    if (method !== undefined) return { kind: id === undefined ? 'notification' : 'request', id, method, message };
    return { kind: message['error'] === undefined ? 'result' : 'error', id, message };
  });
}

/** Cuts to `maxDetail` characters without cutting a character in two. */
export function preview(value: string | undefined): string | undefined {
  if (!value) return undefined;
  // Mostly a little more than is shown is enough to tell what is shown.
  let line = oneLine(value.slice(0, maxDetail + 40));
  if (line.length <= maxDetail) line = oneLine(value.slice(0, maxDetail * 4));
  if (line.length <= maxDetail) return line || undefined;
  return `${line.slice(0, maxDetail - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** White space as single spaces, which most of it is already. */
function oneLine(text: string): string {
  return text.replaceAll(/[^\S ]\s*| \s+/g, ' ').trim();
}

/** The arguments as `key: value, key: value`, the scalars first: they tell more than a nested object. */
function telling(params: JsonObject): string | undefined {
  if (isJsonObject(params['clientInfo'])) {
    const { name, version } = params['clientInfo'];
    return `${String(name)} ${String(version ?? '')}`.trim();
  }
  const args = isJsonObject(params['arguments']) ? params['arguments'] : rest(params);
  const scalars: string[] = [];
  const nested: string[] = [];
  let length = 0;
  for (const key in args) {
    const value = args[key];
    if (value === undefined || length > maxDetail * 2) continue;
    const shown = typeof value === 'string' ? value.slice(0, maxDetail + 1) : short(value);
    const part = `${key}: ${shown}`;
    length += part.length;
    (typeof value === 'object' && value !== null ? nested : scalars).push(part);
  }
  return [...scalars, ...nested].join(', ');
}

function rest(params: JsonObject): JsonObject {
  const { _meta: _ignoredMeta, name: _ignoredName, uri: _ignoredUri, ...others } = params;
  return others;
}

/** Compact JSON of a value that may be huge: only its beginning is looked at. */
function short(value: JsonValue): string {
  if (Array.isArray(value) && value.length > 20) return `[${value.length} items]`;
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 20) return '{…}';
  return written(value).slice(0, maxDetail + 1);
}

/** JSON of a value, whatever it is: a message that cannot be filed would stop the filing of all that come after it. */
function written(value: JsonValue): string {
  return isTooDeep(value) ? '…' : JSON.stringify(value);
}

function firstText(content: JsonValue | undefined): string | undefined {
  if (!Array.isArray(content)) return undefined;
  for (const item of content) {
    if (isJsonObject(item) && typeof item['text'] === 'string') return item['text'].slice(0, maxSaid);
  }
  return undefined;
}

function text(value: unknown, max: number): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, max) : undefined;
}

function parse(message: string): JsonValue | undefined {
  return message === '' ? undefined : tryParseJson(message);
}

/** The stack that a JSON-RPC error carries: in `data`, under the names that servers use, or as `data` itself. */
export function answerStack(body: string): string | undefined {
  const message = tryParseJson(body);
  const error = isJsonObject(message) ? message['error'] : undefined;
  if (!isJsonObject(error)) return undefined;
  const { data } = error;
  const said = isJsonObject(data) ? (data['stack'] ?? data['stackTrace'] ?? data['traceback'] ?? data['trace']) : (data ?? error['stack']);
  const stack = Array.isArray(said) ? said.filter((line) => typeof line === 'string').join('\n') : said;
  return typeof stack === 'string' && /\n\s+at |Traceback \(most recent|\n\s+File "|^\s*at |\n\s*\d+: /m.test(stack) ? stack.slice(0, maxStack) : undefined;
}
