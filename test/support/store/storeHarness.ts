/**
 * Owns what tests of the store share: the worker as a script, stores in temporary folders, and messages in the form the
 * gateway records them.
 */
import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecorder } from '../../../src/extension/capture/recorder';
import type { CapturedFrame, Recorder } from '../../../src/extension/capture/types';
import { openStore, type StoreOptions } from '../../../src/extension/store/client';
import type { JournalEntry } from '../../../src/extension/store/journalFormat';
import { JournalReader, readAtOf } from '../../../src/extension/store/journalReader';
import { JournalWriter } from '../../../src/extension/store/journalWriter';
import { openStoreReader, type RecordedCall } from '../../../src/extension/store/reader';
import type { TrafficStore } from '../../../src/extension/store/types';
import { Sealer } from '../../../src/extension/store/worker/sealer';
import type { SqlEngine } from '../../../src/extension/store/worker/sqlEngine';
import { systemClock, type Clock } from '../../../src/extension/util/clock';
import { toDisposable } from '../../../src/extension/util/lifecycle';
import { nullLogger } from '../../../src/extension/util/logger';
import { bundle } from '../bundles';

export const wasmFile = createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm.wasm');

export function workerFile(): string {
  return bundle('src/extension/store/worker/main.ts', 'storeWorker.js');
}

/** A fresh folder; removed by `cleanFolders`. */
export function tempFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'mcp-shark-store-'));
  folders.push(made);
  return made;
}

const folders: string[] = [];

export function cleanFolders(): void {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
}

let ids = 0;

export function openTestStore(dir: string, options: Partial<StoreOptions> = {}): Promise<TrafficStore> {
  return openStore({
    dir,
    workerFile: workerFile(),
    wasmFile,
    clock: systemClock,
    logger: nullLogger,
    // Two stores of one test must not have the same name.
    randomId: () => `t${process.pid}n${++ids}`,
    snapshotQuietMs: 600_000,
    ...options,
  });
}

/** All calls of a folder, as another process reads them. */
export async function recordedIn(dir: string): Promise<RecordedCall[]> {
  const reader = await openStoreReader({ dir, wasmFile, clock: systemClock, logger: nullLogger });
  const calls: RecordedCall[] = [];
  for await (const call of reader.calls()) calls.push(call);
  await reader.close();
  return calls;
}

/** What journal `k` of writer `w` holds; the reader says what of it could not be read. */
export function readJournal(path: string, k = 1): { readonly entries: JournalEntry[]; readonly reader: JournalReader } {
  const fd = openSync(path, 'r');
  try {
    const entries: JournalEntry[] = [];
    const reader = new JournalReader(readAtOf(fd), 'w', k);
    reader.read(statSync(path).size, true, (entry) => void entries.push({ ...entry, body: Buffer.from(entry.body) }));
    return { entries, reader };
  } finally {
    closeSync(fd);
  }
}

/** Seals the history of so many windows that are gone, a segment each, oldest first; `play` says what happened in one. */
export async function sealWindows(dir: string, engine: SqlEngine, windows: number, nowMs: number, play: (player: Player, window: number) => void): Promise<void> {
  let wall = nowMs - 10_000_000;
  let mono = 0;
  const clock: Clock = { wallMs: () => (wall += 1000), monotonicUs: () => (mono += 10), timer: () => toDisposable(() => undefined) };
  for (let k = 0; k < windows; k++) {
    const journal = new JournalWriter({ dir, writer: `w${k}`, clock, logger: nullLogger, pid: 999_999_999, host: hostname(), socket: '' });
    play(new Player({ journal }, `s${k}`, clock), k);
    journal.close();
  }
  const warn = (message: string): never => {
    throw new Error(message);
  };
  await new Sealer({ dir, engine, me: 'me', now: () => nowMs, warn, mergeFrom: 50 }).recover();
}

export interface Script {
  readonly session?: string;
  readonly server?: string;
}

/** Plays the gateway: records whole exchanges on both legs, as it would. */
export class Player {
  readonly recorder: Recorder;
  #id = 0;

  constructor(store: Pick<TrafficStore, 'journal'>, readonly session = 's1', clock = systemClock) {
    this.recorder = createRecorder({ journal: store.journal, clock });
  }

  frame(message: Record<string, unknown> | string, facts: Partial<CapturedFrame>): number {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    return this.recorder.frame({ leg: 'downstream', direction: 'toServer', session: this.session, envelope: envelopeOf(text), bytes: Buffer.from(text), ...facts });
  }

  initialize(client = 'Visual Studio Code', version = '1.0'): void {
    const id = ++this.#id;
    const request = this.frame({ jsonrpc: '2.0', id, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: client, version } } }, {});
    this.frame({ jsonrpc: '2.0', id, result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'MCP Shark', version: '1' } } }, { direction: 'toClient', cause: request, ownMessage: true });
  }

  /** A tool call through the gateway to a server; gives the numbers of its frames. */
  call(server: string, tool: string, args: Record<string, unknown>, result: Record<string, unknown> = { content: [{ type: 'text', text: 'done' }] }): Exchange {
    const asked = this.ask(server, tool, args);
    return { ...asked, ...this.answer(server, asked, { result }) };
  }

  ask(server: string, tool: string, args: Record<string, unknown>, meta?: Record<string, unknown>): Asked {
    const id = ++this.#id;
    const params = { name: `${server}__${tool}`, arguments: args, ...(meta ? { _meta: meta } : {}) };
    const from = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params }));
    const request = this.frame(from.toString(), { bytes: from });
    const upstreamId = id + 1000;
    const sent = JSON.stringify({ jsonrpc: '2.0', id: upstreamId, method: 'tools/call', params: { ...params, name: tool } });
    const idAt = sent.indexOf(`"id":`) + 5;
    const nameAt = sent.indexOf(`"name":`) + 7;
    const places = [
      { start: idAt, end: idAt + String(upstreamId).length },
      { start: nameAt, end: nameAt + JSON.stringify(tool).length },
    ];
    const upstreamRequest = this.frame(sent, { leg: 'upstream', server, forwards: request, edited: { from, places } });
    return { id, upstreamId, request, upstreamRequest };
  }

  answer(server: string, { id, upstreamId }: Asked, outcome: { result?: unknown; error?: unknown }): Answered {
    const upstreamResponse = this.frame({ jsonrpc: '2.0', id: upstreamId, ...outcome }, { leg: 'upstream', direction: 'toClient', server });
    const response = this.frame({ jsonrpc: '2.0', id, ...outcome }, { direction: 'toClient', forwards: upstreamResponse });
    return { upstreamResponse, response };
  }
}

export interface Asked {
  readonly id: number;
  readonly upstreamId: number;
  readonly request: number;
  readonly upstreamRequest: number;
}
export interface Answered {
  readonly upstreamResponse: number;
  readonly response: number;
}
export type Exchange = Asked & Answered;

export function envelopeOf(text: string): CapturedFrame['envelope'] {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { kind: 'invalid', problem: 'no JSON' };
  }
  if (Array.isArray(message)) return { kind: 'batch' };
  const { id, method, error } = message as { id?: unknown; method?: string; error?: unknown };
  const raw = id === undefined ? undefined : JSON.stringify(id);
  if (method !== undefined) return { kind: raw === undefined ? 'notification' : 'request', id: raw, method };
  return { kind: error === undefined ? 'result' : 'error', id: raw };
}
