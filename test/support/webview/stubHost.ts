/**
 * Owns a host that answers the Traffic contract out of generated calls: for the development page in a browser, and for
 * tests that want a whole host. Filters mean what they mean everywhere, but bodies are not searched.
 */
import type { CallFinding, FlaggedDefinition } from '../../../src/extension/contract/findings';
import type { DefinitionVersion } from '../../../src/extension/contract/governance';
import type { ApplicationStatus, ServerStatus } from '../../../src/extension/contract/status';
import { GAP_METHOD, PAUSE_METHOD, type BodyPart, type CallDetail, type CallNote, type CallPage, type CallQuery, type CallRow, type CallSummary, type NoteChange } from '../../../src/extension/contract/traffic';
import type { GroupPage, GroupQuery, Timeline, TimelineQuery } from '../../../src/extension/contract/trafficGroups';
import type { CallSelection, ExportSelection, PayloadRef, RecordedName, SchemaCheck, TrafficApi, TrafficReveal, TrafficSettings } from '../../../src/extension/contract/trafficApi';
import { compileMatcher } from '../../../src/extension/query/match';
import { parseFilter } from '../../../src/extension/query/parser';
import { AppError } from '../../../src/extension/util/errors';
import { callAt, detailOf, type GenerateOptions } from './generateCalls';
import { sampleCall, type Sample } from './sampleCalls';
import { groupsOf, namesOf, sortCalls, timelineOf } from './stubViews';

export interface Scene extends Partial<GenerateOptions> {
  readonly findings?: readonly CallFinding[];
  readonly flagged?: readonly FlaggedDefinition[];
  /** The version of its definition that every call of a tool or prompt ran under. */
  readonly definition?: DefinitionVersion;
  /** `definition` is answered with nothing all the same. */
  readonly isUnknown?: boolean;
  readonly total: number;
  readonly status?: Partial<ApplicationStatus>;
  /** The host never answers. */
  readonly isGone?: boolean;
  /** Every page fails with this. */
  readonly pageError?: string;
  readonly delayMs?: number;
  readonly settings?: Partial<TrafficSettings>;
  /** Calls of this window; absent: all of them. */
  readonly windowTotal?: number;
  /** Nothing but the first contact is answered. */
  readonly answersReady?: boolean;
  /** Bodies are still being searched. */
  readonly isSearching?: boolean;
  /** Numbers of the calls in whose place a pause of recording, or a gap in the log, stands. */
  readonly pauseAt?: number;
  readonly gapAt?: number;
  /** Number of the call whose answer was damaged on disk. */
  readonly damagedAt?: number;
  /** Notes on calls, by id. */
  readonly notes?: Readonly<Record<string, CallNote>>;
  /** What `checkOutput` answers. */
  readonly outputCheck?: SchemaCheck;
  /** Stand in the places of the first calls. */
  readonly samples?: readonly Sample[];
}

/** Every method of the contract, for who must give them one by one. */
export const HOST_METHODS = ['ready', 'takeReveal', 'page', 'summary', 'call', 'openPayload', 'copyPayload', 'copyText', 'copyCall', 'comparePayloads', 'exportCalls', 'settings', 'saveSettings', 'setRouting', 'setRecording', 'groups', 'timeline', 'names', 'body', 'checkOutput', 'findings', 'flagged', 'definition', 'openDefinition', 'compareDefinition', 'annotate', 'resend', 'openInPlayground', 'openContent', 'openLink', 'openConfig', 'showLog'] as const satisfies readonly (keyof TrafficApi)[];

/** A row that stands for what is not in the log. */
function missing(row: CallRow, method: string, detail: string, durationUs: number): CallRow {
  return { id: row.id, frame: row.frame, timeMs: row.timeMs, origin: 'gateway', session: '', method, detail, status: 'unrecorded', durationUs, requestBytes: 0 };
}

/** What groups and time line are made of, at most: they look at every call. */
const MOST_SCANNED = 20_000;

const running = (name: string): ServerStatus => ({ name, transport: 'stdio', state: { kind: 'running', connections: 1 } });

export const healthy: ApplicationStatus = {
  gateway: { kind: 'on', url: 'http://127.0.0.1:41113/mcp' },
  store: { kind: 'ok' },
  servers: ['github', 'filesystem', 'browser', 'memory', 'postgres'].map(running),
  configProblems: [],
  configNotes: [],
  trusted: true,
  routing: true,
  recording: { kind: 'on' },
};

export class StubHost implements TrafficApi {
  readonly actions: string[] = [];
  reveal: TrafficReveal | undefined;
  kept: TrafficSettings;
  #total: number;
  #settled = 0;
  #status: ApplicationStatus;
  readonly #notes: Map<string, CallNote>;

  constructor(private readonly scene: Scene) {
    this.#total = scene.total;
    this.#status = { ...healthy, ...scene.status };
    this.kept = { savedFilters: [], columns: [], timeMode: 'local', layout: 'list', scope: 'all', ...scene.settings };
    this.#notes = new Map(Object.entries(scene.notes ?? {}));
  }

  get total(): number {
    return this.#total;
  }

  /** More calls come in; those that ran before settle. */
  add(count: number): void {
    this.#settled = this.#total;
    this.#total += count;
  }

  #row(i: number): CallRow {
    const { running: stillRunning = 0, hostile = false, endMs = Date.now() } = this.scene;
    const anchored = endMs + (this.#total - this.scene.total) * 700;
    const total = i < this.#settled ? Number.MAX_SAFE_INTEGER : this.#total;
    const row = callAt(i, { total, running: stillRunning, hostile, endMs: anchored });
    const note = this.#notes.get(row.id);
    const sample = this.scene.samples?.[i];
    if (sample) return { ...sampleCall(sample, row).row, ...(note ? { note } : {}) };
    if (i + 1 === this.scene.pauseAt) return missing(row, PAUSE_METHOD, 'Recording was paused: 382 messages not written down.', 134_000_000);
    if (i + 1 === this.scene.gapAt) return missing(row, GAP_METHOD, '1,382 messages could not be kept: the disk is full (ENOSPC).', 4_200_000);
    if (i + 1 === this.scene.damagedAt) {
      const { detail: _lost, ...rest } = row;
      return { ...rest, status: 'unrecorded' };
    }
    const { definition } = this.scene;
    const isUsed = definition !== undefined && row.name !== undefined;
    return { ...row, ...(isUsed ? { definition: definition.hash.slice(0, 16) } : {}), ...(total === this.#total ? {} : { timeMs: anchored - (this.#total - 1 - i) * 700 }), ...(note ? { note } : {}) };
  }

  #matches(filter: string): number[] | undefined {
    if (filter === '') return undefined;
    const matches = compileMatcher(parseFilter(filter), Date.now());
    const found: number[] = [];
    for (let i = 0; i < this.#total; i += 1) if (matches({ row: this.#row(i), bodies: () => [] })) found.push(i);
    return found;
  }

  async takeReveal(): Promise<TrafficReveal | undefined> {
    const { reveal } = this;
    this.reveal = undefined;
    return reveal;
  }

  async ready(): Promise<ApplicationStatus> {
    return this.scene.answersReady ? this.#status : this.#wait(this.#status);
  }

  /** Every call of a filter, oldest first; of very many, the newest. */
  #rows(filter = ''): CallRow[] {
    const matches = this.#matches(filter) ?? Array.from({ length: Math.min(this.#total, MOST_SCANNED) }, (_, k) => this.#total - Math.min(this.#total, MOST_SCANNED) + k);
    return matches.map((place) => this.#row(place));
  }

  async page({ filter = '', scope, sort, position, limit }: CallQuery): Promise<CallPage> {
    if (scope === 'window' && this.scene.windowTotal === 0) return this.#wait({ rows: [], total: 0, offset: 0, through: this.#total });
    if (this.scene.pageError) throw new AppError('store.unavailable', this.scene.pageError);
    if (sort) {
      const sorted = sortCalls(this.#rows(filter), sort);
      const start = position.kind === 'offset' ? position.offset : 0;
      return this.#wait({ rows: sorted.slice(start, start + limit), total: sorted.length, offset: start, through: this.#total });
    }
    const matches = this.#matches(filter);
    const total = matches?.length ?? this.#total;
    const offset = position.kind === 'offset' ? position.offset : 0;
    const rows: CallRow[] = [];
    for (let k = offset; k < Math.min(total, offset + limit); k += 1) {
      const place = total - 1 - k;
      rows.push(this.#row(matches?.[place] ?? place));
    }
    return this.#wait({ rows, total, offset, through: this.#total, ...(this.scene.isSearching ? { isTotalExact: false as const } : {}) });
  }

  async summary({ filter }: CallSelection): Promise<CallSummary> {
    const matches = this.#matches(filter);
    const calls = matches?.length ?? this.#total;
    return this.#wait({ calls, errors: Math.round(calls * 0.041), running: calls === 0 ? 0 : (this.scene.running ?? 0), bytes: calls * 3_400, ...(calls > 0 ? { p95Us: 340_000 } : {}) });
  }

  async call(id: string): Promise<CallDetail | undefined> {
    const frame = Number(id.split('/')[1]);
    const row = frame >= 1 && frame <= this.#total ? this.#row(frame - 1) : undefined;
    const sample = this.scene.samples?.[frame - 1];
    const detail = row && (sample ? { ...sampleCall(sample, row).detail, row } : detailOf(row));
    const isDamaged = detail?.response && frame === this.scene.damagedAt;
    return this.#wait(isDamaged ? { ...detail, errorMessage: 'The text of the answer cannot be read, so what it said is not known.', response: { ...detail.response!, text: '', damaged: true } } : detail);
  }

  async openPayload(id: string, part: string): Promise<void> {
    this.actions.push(`open ${id} ${part}`);
  }
  async copyPayload(id: string, part: string): Promise<void> {
    this.actions.push(`copy ${id} ${part}`);
  }
  async copyText(text: string): Promise<void> {
    this.actions.push(`copy text ${text}`);
  }
  async copyCall(id: string, form: string): Promise<void> {
    this.actions.push(`copy ${id} as ${form}`);
  }
  async comparePayloads(left: PayloadRef, right: PayloadRef): Promise<void> {
    this.actions.push(`compare ${left.id} ${left.part} with ${right.id} ${right.part}`);
  }
  async exportCalls({ filter, scope, sort }: ExportSelection, format: string): Promise<void> {
    this.actions.push(`export ${format} of ${filter}${scope === 'window' ? ' in this window' : ''}${sort ? ` by ${sort.by}, ${sort.isDescending ? 'descending' : 'ascending'}` : ''}`);
  }
  async groups(query: GroupQuery): Promise<GroupPage> {
    return this.#wait(groupsOf(this.#rows(query.filter), query, this.#total));
  }
  async names(): Promise<readonly RecordedName[]> {
    return this.#wait(namesOf(this.#rows()));
  }
  async timeline(query: TimelineQuery): Promise<Timeline> {
    return this.#wait(timelineOf(this.#rows(query.filter), query, this.#total));
  }
  async body(ref: PayloadRef, fromByte: number, limit: number): Promise<BodyPart> {
    const detail = await this.call(ref.id);
    const sample = this.scene.samples?.[Number(ref.id.split('/')[1]) - 1];
    const whole = sample && detail ? sampleCall(sample, detail.row).texts[ref.part] : detail?.[ref.part]?.text;
    const bytes = new TextEncoder().encode(whole ?? '');
    const isInside = (at: number): boolean => ((bytes[at] ?? 0) & 0xc0) === 0x80;
    let from = Math.min(fromByte, bytes.length);
    while (from > 0 && isInside(from)) from -= 1;
    let to = Math.min(from + limit, bytes.length);
    while (to > from && isInside(to)) to -= 1;
    return this.#wait({ text: new TextDecoder().decode(bytes.subarray(from, to)), fromByte: from, toByte: to, totalBytes: bytes.length });
  }
  async checkOutput(id: string): Promise<SchemaCheck> {
    const sample = this.scene.samples?.[Number(id.split('/')[1]) - 1];
    return this.#wait(sample?.check ?? this.scene.outputCheck ?? { kind: 'fits' });
  }
  async annotate(ids: readonly string[], change: NoteChange): Promise<void> {
    this.actions.push(`annotate ${ids.join(' ')} ${JSON.stringify(change)}`);
    for (const id of ids) {
      const { isPinned, color, comment } = { ...this.#notes.get(id), ...change };
      const note: CallNote = { ...(isPinned ? { isPinned } : {}), ...(color ? { color } : {}), ...(comment ? { comment } : {}) };
      this.#notes.set(id, note);
    }
  }
  async resend(id: string): Promise<void> {
    this.actions.push(`resend ${id}`);
  }
  async openInPlayground(id: string): Promise<void> {
    this.actions.push(`playground ${id}`);
  }
  async findings(id: string): Promise<readonly CallFinding[]> {
    return this.#wait(id === '' ? [] : (this.scene.findings ?? []));
  }
  async flagged(): Promise<readonly FlaggedDefinition[]> {
    return this.scene.flagged ?? [];
  }
  async definition(id: string): Promise<DefinitionVersion | undefined> {
    return this.#wait(id === '' || this.scene.isUnknown ? undefined : this.scene.definition);
  }
  async openDefinition(id: string): Promise<void> {
    this.actions.push(`definition ${id}`);
  }
  async compareDefinition(id: string): Promise<void> {
    this.actions.push(`compare definition ${id}`);
  }
  async openContent(ref: PayloadRef, pointer: string, how?: 'open' | 'save'): Promise<void> {
    this.actions.push(`content ${how ?? 'open'} ${ref.id} ${ref.part} ${pointer}`);
  }
  async openLink(url: string): Promise<void> {
    this.actions.push(`link ${url}`);
  }
  async settings(): Promise<TrafficSettings> {
    return this.#wait(this.kept);
  }
  async saveSettings(settings: TrafficSettings): Promise<void> {
    this.kept = settings;
  }
  async setRouting(on: boolean): Promise<void> {
    this.actions.push(`routing ${on}`);
  }
  async setRecording(on: boolean): Promise<void> {
    this.actions.push(`recording ${on}`);
  }
  async openConfig(line?: number): Promise<void> {
    this.actions.push(`config ${typeof line === 'number' ? line : ''}`);
  }
  async showLog(): Promise<void> {
    this.actions.push('log');
  }

  #wait<T>(value: T): Promise<T> {
    if (this.scene.isGone) return new Promise(() => undefined);
    const ms = this.scene.delayMs ?? 0;
    return ms === 0 ? Promise.resolve(value) : new Promise((resolve) => setTimeout(() => resolve(value), ms));
  }
}
