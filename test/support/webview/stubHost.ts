/**
 * Owns a host that answers the Traffic contract out of generated calls: for the development page in a browser, and for
 * tests that want a whole host. Filters mean what they mean everywhere, but bodies are not searched.
 */
import type { ApplicationStatus, ServerStatus } from '../../../src/extension/contract/status';
import type { CallDetail, CallPage, CallQuery, CallRow, CallSummary } from '../../../src/extension/contract/traffic';
import type { PayloadRef, TrafficApi, TrafficSettings } from '../../../src/extension/contract/trafficApi';
import { compileMatcher } from '../../../src/extension/query/match';
import { parseFilter } from '../../../src/extension/query/parser';
import { AppError } from '../../../src/extension/util/errors';
import { callAt, detailOf, type GenerateOptions } from './generateCalls';

export interface Scene extends Partial<GenerateOptions> {
  readonly total: number;
  readonly status?: Partial<ApplicationStatus>;
  /** The host never answers. */
  readonly isGone?: boolean;
  /** Every page fails with this. */
  readonly pageError?: string;
  readonly delayMs?: number;
  readonly settings?: Partial<TrafficSettings>;
}

/** Every method of the contract, for who must give them one by one. */
export const HOST_METHODS = ['ready', 'page', 'summary', 'call', 'openPayload', 'copyPayload', 'copyText', 'copyCall', 'comparePayloads', 'exportCalls', 'settings', 'saveSettings', 'setRouting', 'openConfig', 'showLog'] as const satisfies readonly (keyof TrafficApi)[];

const running = (name: string): ServerStatus => ({ name, transport: 'stdio', state: { kind: 'running', connections: 1 } });

export const healthy: ApplicationStatus = {
  gateway: { kind: 'on', url: 'http://127.0.0.1:41113/mcp' },
  store: { kind: 'ok' },
  servers: ['github', 'filesystem', 'browser', 'memory', 'postgres'].map(running),
  configProblems: [],
  configNotes: [],
  trusted: true,
  routing: true,
};

export class StubHost implements TrafficApi {
  readonly actions: string[] = [];
  kept: TrafficSettings;
  #total: number;
  #settled = 0;
  #status: ApplicationStatus;

  constructor(private readonly scene: Scene) {
    this.#total = scene.total;
    this.#status = { ...healthy, ...scene.status };
    this.kept = { savedFilters: [], columns: [], timeMode: 'local', ...scene.settings };
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
    return total === this.#total ? row : { ...row, timeMs: anchored - (this.#total - 1 - i) * 700 };
  }

  #matches(filter: string): number[] | undefined {
    if (filter === '') return undefined;
    const matches = compileMatcher(parseFilter(filter), Date.now());
    const found: number[] = [];
    for (let i = 0; i < this.#total; i += 1) if (matches({ row: this.#row(i), bodies: () => [] })) found.push(i);
    return found;
  }

  async ready(): Promise<ApplicationStatus> {
    return this.#wait(this.#status);
  }

  async page({ filter = '', position, limit }: CallQuery): Promise<CallPage> {
    if (this.scene.pageError) throw new AppError('store.unavailable', this.scene.pageError);
    const matches = this.#matches(filter);
    const total = matches?.length ?? this.#total;
    const offset = position.kind === 'offset' ? position.offset : 0;
    const rows: CallRow[] = [];
    for (let k = offset; k < Math.min(total, offset + limit); k += 1) {
      const place = total - 1 - k;
      rows.push(this.#row(matches?.[place] ?? place));
    }
    return this.#wait({ rows, total, offset, through: this.#total });
  }

  async summary(filter: string): Promise<CallSummary> {
    const matches = this.#matches(filter);
    const calls = matches?.length ?? this.#total;
    return this.#wait({ calls, errors: Math.round(calls * 0.041), running: calls === 0 ? 0 : (this.scene.running ?? 0), bytes: calls * 3_400, ...(calls > 0 ? { p95Us: 340_000 } : {}) });
  }

  async call(id: string): Promise<CallDetail | undefined> {
    const frame = Number(id.split('/')[1]);
    return this.#wait(frame >= 1 && frame <= this.#total ? detailOf(this.#row(frame - 1)) : undefined);
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
  async exportCalls(filter: string, format: string): Promise<void> {
    this.actions.push(`export ${format} of ${filter}`);
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
