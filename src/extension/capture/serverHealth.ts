/**
 * Owns how each server is doing, over all sessions, as it can be told from what is recorded: it looks at every frame and
 * event on their way to the recorder and changes none. Bounded per server and in all, whatever servers do.
 */
import type { ServerHandshake, ServerHealth } from '../contract/health';
import type { Clock } from '../util/clock';
import { FreshMap } from '../util/freshMap';
import { isJsonObject, tryParseJson, type JsonObject } from '../util/json';
import type { CapturedEvent, CapturedFrame, Recorder } from './types';

/** So many answers say how quick a server is; older ones are forgotten. */
const SAMPLES = 256;
/** Requests without an answer that are remembered; the oldest are given up. */
const MAX_OPEN = 10_000;
/** A handshake beyond this is not looked into. */
const MAX_HANDSHAKE_BYTES = 1024 * 1024;
const MAX_TEXT = 200;
const MAX_NAMES = 100;

interface Entry {
  /** When the connection of each session came up, Unix epoch, milliseconds. */
  readonly up: Map<string, number>;
  /** Sessions whose connection is being started again after a loss. */
  readonly again: Set<string>;
  restarts: number;
  lastError: { readonly message: string; readonly atMs: number } | undefined;
  readonly latencies: number[];
  next: number;
  handshake: ServerHandshake | undefined;
}

/** When it was asked, monotonic microseconds; of an `initialize`, with its params. */
type OpenRequest = number | { readonly us: number; readonly client: JsonObject | undefined };

export class ServerHealthBook {
  readonly #entries = new Map<string, Entry>();
  /** Requests without an answer, per connection (session, then server), by id: no key is put together for a frame. */
  readonly #open = new Map<string, Map<string, FreshMap<string, OpenRequest>>>();
  #openCount = 0;

  constructor(private readonly clock: Clock) {}

  /** The recorder, looked over the shoulder. */
  observe(recorder: Recorder): Recorder {
    return {
      frame: (frame, send) => {
        this.#frame(frame);
        return recorder.frame(frame, send);
      },
      flush: () => recorder.flush(),
      event: (event) => {
        this.#event(event);
        return recorder.event(event);
      },
    };
  }

  of(server: string): ServerHealth {
    const entry = this.#entries.get(server);
    if (!entry) return { name: server, connections: 0, restarts: 0 };
    const { up, restarts, lastError, latencies, handshake } = entry;
    const sorted = latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      name: server,
      connections: up.size,
      restarts,
      ...(up.size > 0 ? { upSinceMs: Math.min(...up.values()) } : {}),
      ...(lastError ? { lastError } : {}),
      ...(sorted.length > 0 ? { latency: { p50Us: at(0.5), p95Us: at(0.95), samples: sorted.length } } : {}),
      ...(handshake ? { handshake } : {}),
    };
  }

  /** Forgets every server but these. */
  keep(servers: readonly string[]): void {
    for (const server of this.#entries.keys()) if (!servers.includes(server)) this.#entries.delete(server);
  }

  #frame({ leg, direction, session, server, envelope: { kind, id, method }, bytes }: CapturedFrame): void {
    if (leg !== 'upstream' || server === undefined || id === undefined) return;
    if (direction === 'toServer') {
      if (kind !== 'request') return;
      const us = this.clock.monotonicUs();
      this.#asked(session, server, id, method === 'initialize' ? { us, client: member(bytes, 'params') } : us);
      return;
    }
    if (kind !== 'result' && kind !== 'error') return;
    const open = this.#open.get(session)?.get(server);
    const request = open?.get(id);
    if (request === undefined) return;
    open!.delete(id);
    this.#openCount--;
    const entry = this.#entry(server);
    if (typeof request === 'number') {
      entry.latencies[entry.next] = this.clock.monotonicUs() - request;
      entry.next = (entry.next + 1) % SAMPLES;
      return;
    }
    const result = kind === 'result' ? member(bytes, 'result') : undefined;
    if (result && request.client) entry.handshake = handshakeOf(result, request.client);
  }

  #asked(session: string, server: string, id: string, request: OpenRequest): void {
    if (this.#openCount >= MAX_OPEN) this.#giveUpOldest();
    let servers = this.#open.get(session);
    if (!servers) this.#open.set(session, (servers = new Map()));
    let open = servers.get(server);
    if (!open) servers.set(server, (open = new FreshMap()));
    if (!open.has(id)) this.#openCount++;
    open.set(id, request);
  }

  /** The oldest request of the oldest connection that has any: answers to it say nothing about anybody any more. */
  #giveUpOldest(): void {
    for (const [session, servers] of this.#open) {
      for (const open of servers.values()) {
        for (const id of open.keys()) {
          open.delete(id);
          this.#openCount--;
          return;
        }
      }
      // Nothing is asked in it now; it comes back with its next request.
      this.#open.delete(session);
    }
  }

  #forget(session: string, server: string | undefined): void {
    const servers = this.#open.get(session);
    if (!servers) return;
    for (const [name, open] of servers) {
      if (server !== undefined && server !== name) continue;
      this.#openCount -= open.size;
      servers.delete(name);
    }
    if (servers.size === 0) this.#open.delete(session);
  }

  #event({ type, session = '', server, data }: CapturedEvent): void {
    if (type === 'gateway.stopped') for (const { up } of this.#entries.values()) up.clear();
    if (type === 'session.closed' || type === 'server.stopped' || type === 'server.failed') this.#forget(session, server);
    if (server === undefined) return;
    const entry = this.#entry(server);
    switch (type) {
      case 'server.starting':
        if (typeof data.attempt === 'number' && data.attempt > 1) entry.again.add(session);
        return;
      case 'server.running':
        entry.up.set(session, this.clock.wallMs());
        if (entry.again.delete(session)) entry.restarts += 1;
        return;
      case 'server.stopped':
        entry.up.delete(session);
        entry.again.delete(session);
        return;
      case 'server.failed':
        entry.up.delete(session);
        entry.lastError = { message: String(data.message ?? 'It failed.').slice(0, 2000), atMs: this.clock.wallMs() };
    }
  }

  #entry(server: string): Entry {
    let entry = this.#entries.get(server);
    if (!entry) {
      entry = { up: new Map(), again: new Set(), restarts: 0, lastError: undefined, latencies: [], next: 0, handshake: undefined };
      this.#entries.set(server, entry);
    }
    return entry;
  }
}

/** An object under this key of a message. */
function member(bytes: Uint8Array, key: 'params' | 'result'): JsonObject | undefined {
  if (bytes.length > MAX_HANDSHAKE_BYTES) return undefined;
  const message = tryParseJson(Buffer.from(bytes).toString());
  const value = isJsonObject(message) ? message[key] : undefined;
  return isJsonObject(value) ? value : undefined;
}

function handshakeOf(result: JsonObject, client: JsonObject): ServerHandshake {
  const { serverInfo, capabilities, instructions, protocolVersion } = result;
  const info: JsonObject = isJsonObject(serverInfo) ? serverInfo : {};
  const declared: JsonObject = isJsonObject(capabilities) ? capabilities : {};
  const offered: JsonObject = isJsonObject(client.capabilities) ? client.capabilities : {};
  const text = (key: 'protocolVersion' | 'serverName' | 'serverTitle' | 'serverVersion', value: unknown): Partial<ServerHandshake> =>
    typeof value === 'string' ? { [key]: value.slice(0, MAX_TEXT) } : {};
  return {
    ...text('protocolVersion', protocolVersion),
    ...text('serverName', info.name),
    ...text('serverTitle', info.title),
    ...text('serverVersion', info.version),
    hasInstructions: typeof instructions === 'string' && instructions !== '',
    capabilities: names(declared).filter((name) => !/^(extensions|experimental)(\.|$)/.test(name)),
    extensions: ['extensions', 'experimental']
      .flatMap((group) => keysOf(declared[group]).filter((key) => keysOf(offered[group]).includes(key)))
      .toSorted(),
  };
}

const keysOf = (value: unknown): string[] => (isJsonObject(value) ? Object.keys(value).slice(0, MAX_NAMES) : []);

/** Capabilities with what they have switched on, one level down. */
function names(declared: JsonObject): string[] {
  return Object.entries(declared)
    .slice(0, MAX_NAMES)
    .flatMap(([name, options]) => [
      name.slice(0, MAX_TEXT),
      ...(isJsonObject(options)
        ? Object.entries(options)
            .slice(0, MAX_NAMES)
            .filter(([, value]) => value === true || isJsonObject(value))
            .map(([option]) => `${name}.${option}`.slice(0, MAX_TEXT))
        : []),
    ])
    .toSorted();
}
