/**
 * Owns reading a recorded exchange for the Overview: arguments, result, error, out of text from anyone. Never throws;
 * what is not as expected is simply not found. Pure.
 */
import type { CallDetail, FrameText } from '../../../extension/contract/traffic';
import { isJsonObject, tryParseJson, type JsonObject, type JsonValue } from '../../../extension/util/json';

/** Part of a result as a person would name it. */
export type ResultPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'media'; readonly type: string; readonly mime: string; readonly bytes: number }
  | { readonly kind: 'json'; readonly value: JsonValue }
  | { readonly kind: 'structured'; readonly value: JsonValue };

export interface Exchange {
  /** Arguments of a tool or prompt; of other methods the parameters without `_meta`. */
  readonly input?: JsonValue;
  readonly hasArguments: boolean;
  readonly parts: readonly ResultPart[];
  readonly error?: { readonly code?: number; readonly message: string; readonly data?: JsonValue };
  /** Text of a request or response that is no JSON (or was cut), to be shown as it is. */
  readonly requestText?: string;
  readonly responseText?: string;
}

export function readExchange(detail: CallDetail): Exchange {
  const request = bodyOf(detail.request);
  const response = detail.response && bodyOf(detail.response);
  const params = isJsonObject(request) ? request['params'] : undefined;
  const hasArguments = isJsonObject(params) && isJsonObject(params['arguments']);
  const input = hasArguments ? params['arguments'] : withoutMeta(params);
  const result = isJsonObject(response) ? response['result'] : undefined;
  const error = readError(detail, response, result);
  return {
    ...(input === undefined ? {} : { input }),
    hasArguments,
    parts: error && !isJsonObject(result) ? [] : partsOf(result),
    ...(error ? { error } : {}),
    ...(request === undefined ? { requestText: detail.request.text } : {}),
    ...(detail.response && response === undefined ? { responseText: detail.response.text } : {}),
  };
}

function bodyOf(frame: FrameText): JsonValue | undefined {
  return frame.truncated ? undefined : tryParseJson(frame.text);
}

function withoutMeta(params: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(params) || !('_meta' in params)) return params;
  const { _meta, ...rest } = params;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function readError(detail: CallDetail, response: JsonValue | undefined, result: JsonValue | undefined): Exchange['error'] {
  const error = isJsonObject(response) ? response['error'] : undefined;
  if (isJsonObject(error)) {
    const { code, message, data } = error;
    return {
      ...(typeof code === 'number' ? { code } : {}),
      message: typeof message === 'string' && message !== '' ? message : (detail.errorMessage ?? ''),
      ...(data === undefined ? {} : { data }),
    };
  }
  // A tool's own failure says what is wrong in its content.
  if (isJsonObject(result) && result['isError'] === true) {
    const text = partsOf(result).find((part) => part.kind === 'text');
    return { message: detail.errorMessage ?? (text?.kind === 'text' ? text.text : '') };
  }
  return detail.errorMessage === undefined ? undefined : { message: detail.errorMessage };
}

function partsOf(result: JsonValue | undefined): ResultPart[] {
  if (result === undefined) return [];
  if (!isJsonObject(result)) return [{ kind: 'json', value: result }];
  const parts: ResultPart[] = [];
  const list = [result['content'], result['contents'], result['messages']].find((value) => Array.isArray(value));
  if (!Array.isArray(list)) {
    const shown = withoutMeta(result);
    return shown === undefined || Object.keys(shown as JsonObject).length === 0 ? [] : [{ kind: 'json', value: shown }];
  }
  for (const item of list) parts.push(partOf(item));
  if (result['structuredContent'] !== undefined) parts.push({ kind: 'structured', value: result['structuredContent'] });
  return parts;
}

function partOf(item: JsonValue): ResultPart {
  if (!isJsonObject(item)) return { kind: 'json', value: item };
  const inner = isJsonObject(item['resource']) ? item['resource'] : item;
  const mime = typeof inner['mimeType'] === 'string' ? inner['mimeType'] : 'application/octet-stream';
  const blob = [inner['data'], inner['blob']].find((value) => typeof value === 'string');
  if (typeof blob === 'string') {
    const type = typeof item['type'] === 'string' ? item['type'] : 'blob';
    return { kind: 'media', type, mime, bytes: Math.floor((blob.replace(/=+$/, '').length * 3) / 4) };
  }
  if (typeof inner['text'] === 'string') return { kind: 'text', text: inner['text'] };
  return { kind: 'json', value: item };
}
