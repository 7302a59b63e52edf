/** Owns reading what a server said of itself when it shook hands. Everything in it is a stranger's: kinds are checked, texts are cut. */
import type { PlaygroundServer } from '../contract/playground';
import { isJsonObject, type JsonObject } from '../util/json';

const MAX_TEXT = 10_000;

/** What the view offers of what the server can. `handshake`: its answer to `initialize`. */
export function abilitiesOf(handshake: JsonObject | undefined): PlaygroundServer['can'] {
  const capabilities = object(handshake?.capabilities);
  const calls = object(object(object(capabilities.tasks).requests).tools);
  return {
    complete: isJsonObject(capabilities.completions as never),
    log: isJsonObject(capabilities.logging as never),
    subscribe: object(capabilities.resources).subscribe === true,
    tasks: isJsonObject(calls.call as never),
  };
}

export function describedBy(handshake: JsonObject | undefined): Pick<PlaygroundServer, 'info' | 'protocolVersion' | 'instructions'> {
  const info = object(handshake?.serverInfo);
  const protocolVersion = text(handshake?.protocolVersion);
  const instructions = text(handshake?.instructions);
  return {
    ...(handshake ? { info: { name: text(info.name), title: text(info.title), version: text(info.version) } as NonNullable<PlaygroundServer['info']> } : {}),
    ...(protocolVersion === undefined ? {} : { protocolVersion }),
    ...(instructions === undefined ? {} : { instructions }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : undefined;
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
