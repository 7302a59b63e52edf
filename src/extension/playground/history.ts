/**
 * Owns what is remembered of earlier runs in this workspace: target, arguments and the recorded call's id. Results are
 * not kept: the audit log has them. Secrets are taken out before anything is stored.
 */
import { RUN_KINDS, type HistoryEntry, type PlaygroundRun, type RunKind } from '../contract/playgroundRuns';
import type { CallStatus } from '../contract/traffic';
import { isJsonObject } from '../util/json';
import type { PlaygroundOptions } from './ports';

const MAX_ENTRIES = 200;
const MAX_ARGUMENTS = 30_000;
const MAX_NAME = 4_000;
const KINDS: ReadonlySet<string> = new Set(RUN_KINDS);
const STATUSES: ReadonlySet<string> = new Set<CallStatus>(['ok', 'error', 'toolError', 'transportError', 'cancelled', 'timedOut', 'blocked']);

export class RunHistory {
  #entries: readonly HistoryEntry[];
  #revision = 0;

  constructor(private readonly options: Pick<PlaygroundOptions, 'memory' | 'redact' | 'logger'>) {
    const stored = options.memory.get('history');
    this.#entries = Array.isArray(stored) ? stored.flatMap(readEntry).slice(0, MAX_ENTRIES) : [];
  }

  get revision(): number {
    return this.#revision;
  }

  /** Newest first. */
  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  /** Takes a settled run; one that is there already is brought up to date. */
  add(run: PlaygroundRun): void {
    if (run.status === 'running' || run.origin === 'subscription') return;
    const id = `${run.startedMs}-${run.id}`;
    // Cut, or longer once secrets are marked: half of it would be of no use.
    const whole = run.isCut ? '' : this.options.redact(run.argumentsText);
    const redacted = whole.length > MAX_ARGUMENTS ? '' : whole;
    const entry: HistoryEntry = {
      id,
      target: run.target,
      argumentsText: redacted,
      isRedacted: redacted !== run.argumentsText,
      status: run.status,
      startedMs: run.startedMs,
      elapsedMs: run.elapsedMs ?? 0,
      ...(run.call === undefined ? {} : { call: run.call }),
    };
    this.#store([entry, ...this.#entries.filter((other) => other.id !== id)].slice(0, MAX_ENTRIES));
  }

  clear(): void {
    this.#store([]);
  }

  #store(entries: readonly HistoryEntry[]): void {
    this.#entries = entries;
    this.#revision++;
    this.options.memory.set('history', entries).catch((error: unknown) => this.options.logger.warn('The history of runs was not stored.', error));
  }
}

function readEntry(raw: unknown): HistoryEntry[] {
  if (!isJsonObject(raw) || !isJsonObject(raw.target)) return [];
  const { id, argumentsText, isRedacted, status, startedMs, elapsedMs, call } = raw;
  const { server, kind, name } = raw.target;
  const isSound =
    typeof id === 'string' &&
    typeof argumentsText === 'string' &&
    argumentsText.length <= MAX_ARGUMENTS &&
    STATUSES.has(String(status)) &&
    KINDS.has(String(kind)) &&
    typeof startedMs === 'number' &&
    typeof elapsedMs === 'number' &&
    [server, name].every((text) => typeof text === 'string' && text.length <= MAX_NAME);
  if (!isSound) return [];
  return [
    {
      id,
      target: { server: String(server), kind: kind as RunKind, name: String(name) },
      argumentsText,
      isRedacted: isRedacted === true,
      status: status as CallStatus,
      startedMs,
      elapsedMs,
      ...(typeof call === 'string' ? { call } : {}),
    },
  ];
}
