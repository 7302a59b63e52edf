/**
 * Owns reading a recorded exchange for the views: arguments, result, error, out of text from anyone. Never throws;
 * what is not as expected is simply not found. Pure.
 */
import type { CallDetail, FrameText } from '../../../extension/contract/traffic';
import { isJsonObject, type JsonValue } from '../../../extension/util/json';
import { hasContent } from '../../components/content/contentModel';
import { numberOf, parseExact } from '../../components/exactNumbers';

/** A value with the JSON Pointer to it in its message. */
export interface PlacedValue {
  readonly value: JsonValue;
  readonly pointer: string;
}

export interface Exchange {
  /** Arguments of a tool or prompt; of other methods the parameters without `_meta`. */
  readonly input?: JsonValue;
  readonly hasArguments: boolean;
  /** Parameters that carry content (sampling), to be drawn instead of `input`. */
  readonly inputContent?: PlacedValue;
  readonly result?: PlacedValue;
  readonly error?: { readonly code?: number; readonly message: string; readonly data?: JsonValue };
  /** Text of a request or response that is no JSON, to be shown as it is. */
  readonly requestText?: string;
  readonly responseText?: string;
  /** The record holds more than was sent along. */
  readonly isRequestLong: boolean;
  readonly isResponseLong: boolean;
}

export function readExchange(detail: CallDetail): Exchange {
  const request = bodyOf(detail.request);
  const response = detail.response && bodyOf(detail.response);
  const params = isJsonObject(request) ? request['params'] : undefined;
  const hasArguments = isJsonObject(params) && isJsonObject(params['arguments']);
  const input = hasArguments ? params['arguments'] : withoutMeta(params);
  const inputContent = contentOf(request, 'request');
  const result = isJsonObject(response) ? withoutMeta(response['result']) : undefined;
  const error = readError(detail, response, result);
  return {
    ...(input === undefined ? {} : { input }),
    hasArguments,
    ...(inputContent ? { inputContent } : {}),
    ...(result === undefined ? {} : { result: { value: result, pointer: '/result' } }),
    ...(error ? { error } : {}),
    ...(request === undefined ? { requestText: detail.request.text } : {}),
    ...(detail.response && response === undefined ? { responseText: detail.response.text } : {}),
    isRequestLong: detail.request.truncated,
    isResponseLong: detail.response?.truncated === true,
  };
}

/** What in a message is content to be drawn: its result, or parameters with messages; `undefined` where there is none. */
export function contentOf(message: JsonValue | undefined, side: 'request' | 'response'): PlacedValue | undefined {
  const member = side === 'request' ? 'params' : 'result';
  const value = isJsonObject(message) ? message[member] : undefined;
  return value !== undefined && hasContent(value) ? { value, pointer: `/${member}` } : undefined;
}

function bodyOf(frame: FrameText): JsonValue | undefined {
  return frame.truncated ? undefined : parseExact(frame.text);
}

function withoutMeta(params: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(params) || !('_meta' in params)) return params;
  const { _meta, ...rest } = params;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function readError(detail: CallDetail, response: JsonValue | undefined, result: JsonValue | undefined): Exchange['error'] {
  const error = isJsonObject(response) ? response['error'] : undefined;
  if (isJsonObject(error)) {
    const { message, data } = error;
    const code = numberOf(error['code']);
    return {
      ...(code === undefined ? {} : { code }),
      message: typeof message === 'string' && message !== '' ? message : (detail.errorMessage ?? ''),
      ...(data === undefined ? {} : { data }),
    };
  }
  // A tool's own failure says what is wrong in its content.
  if (isJsonObject(result) && result['isError'] === true) return { message: detail.errorMessage ?? firstText(result['content']) ?? '' };
  return detail.errorMessage === undefined ? undefined : { message: detail.errorMessage };
}

function firstText(content: JsonValue | undefined): string | undefined {
  const block = Array.isArray(content) ? content.find((one) => isJsonObject(one) && typeof one['text'] === 'string') : undefined;
  return isJsonObject(block) && typeof block['text'] === 'string' ? block['text'] : undefined;
}

/** Whether the result is one text that says nothing but the error's message. */
export function isOnlyMessage({ result, error }: Exchange): boolean {
  const value = result?.value;
  if (!error || !isJsonObject(value) || value['structuredContent'] !== undefined) return false;
  const content = value['content'];
  return Array.isArray(content) && content.length === 1 && firstText(content) === error.message;
}
