/** Owns the JSON-RPC messages the gateway writes itself, and the error codes it uses. Ids are given as JSON text. */
import { Buffer } from 'node:buffer';

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
/** MCP Shark itself refuses: a rule of the configuration or the user's policy. Own to MCP Shark, in JSON-RPC's server range. */
export const BLOCKED_BY_POLICY = -32080;
/** The server could not be reached, died, or answered outside the protocol. */
export const SERVER_UNAVAILABLE = -32000;
/** The client cannot be asked: what a server hears of the gateway itself. */
export const CLIENT_UNAVAILABLE = -32000;

export function errorFrame(id: string | undefined, code: number, message: string, data?: unknown): Buffer {
  const extra = data === undefined ? '' : `,"data":${JSON.stringify(data)}`;
  return Buffer.from(
    `{"jsonrpc":"2.0","id":${id ?? 'null'},"error":{"code":${code},"message":${JSON.stringify(message)}${extra}}}`,
  );
}

/** `result`: JSON text. */
export function resultFrame(id: string, result: string | Buffer): Buffer {
  const head = `{"jsonrpc":"2.0","id":${id},"result":`;
  return typeof result === 'string'
    ? Buffer.from(`${head}${result}}`)
    : Buffer.concat([Buffer.from(head), result, Buffer.from('}')]);
}

/** `params`: JSON text. */
export function requestFrame(id: string, method: string, params?: string): Buffer {
  const rest = params === undefined ? '' : `,"params":${params}`;
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)}${rest}}`);
}

export function notificationFrame(method: string, params?: string): Buffer {
  const rest = params === undefined ? '' : `,"params":${params}`;
  return Buffer.from(`{"jsonrpc":"2.0","method":${JSON.stringify(method)}${rest}}`);
}
