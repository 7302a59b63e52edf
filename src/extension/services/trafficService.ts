/**
 * Owns the host's side of the Traffic view: implements `TrafficApi` over the application and a small editor port.
 * Holds no state of its own; what comes from the webview is checked before use, since a webview can send anything.
 */
import type { Application } from '../application';
import type { ApplicationStatus } from '../contract/status';
import type { CallDetail, CallPage, CallQuery, CallSummary, FrameText, PagePosition } from '../contract/traffic';
import type { CopyForm, ExportFormat, PayloadPart, PayloadRef, TrafficApi, TrafficSettings } from '../contract/trafficApi';
import { parseFilter } from '../query/parser';
import type { Handlers } from '../rpc/peer';
import { AppError } from '../util/errors';
import { copyText } from './copyForms';
import { exportCalls, type ExportJob } from './exportCalls';
import { trafficSettingsOf } from './trafficSettings';

/** What only the editor can do for the view. */
export interface TrafficEditorPort {
  /** Shows text in a read-only tab; the same key shows the same tab. */
  openPayload(id: string, part: PayloadPart, title: string): Promise<void>;
  /** Shows two texts side by side; the keys are those of `openPayload`. */
  comparePayloads(left: TitledPayload, right: TitledPayload): Promise<void>;
  copy(text: string): Promise<void>;
  /** Asks where to, runs the export with progress and a way to cancel, and says how it went. Never rejects. */
  export(format: ExportFormat, run: ExportRun): Promise<void>;
  openConfig(line?: number): Promise<void>;
  showLog(): Promise<void>;
  setRouting(on: boolean): Promise<void>;
  /** What `saveSettings` stored for this workspace, in whatever form. */
  settings(): unknown;
  saveSettings(settings: TrafficSettings): Promise<void>;
}

export interface TitledPayload extends PayloadRef {
  readonly title: string;
}

/** Gives how many calls were written. */
export type ExportRun = (target: Pick<ExportJob, 'file' | 'format' | 'signal' | 'onProgress'>) => Promise<number>;

const FORMS: ReadonlySet<string> = new Set<CopyForm>(['jsonrpc', 'curl', 'typescript', 'markdown']);
const FORMATS: ReadonlySet<string> = new Set<ExportFormat>(['jsonl', 'json', 'csv']);
const MAX_COPY = 1_000_000;
const PARTS: ReadonlySet<string> = new Set<PayloadPart>(['request', 'response', 'upstreamRequest', 'upstreamResponse']);
const MAX_LIMIT = 1_000;

export class TrafficService implements Handlers<TrafficApi> {
  constructor(
    private readonly application: Application,
    private readonly editor: TrafficEditorPort,
  ) {
    // Peer looks methods up as own properties, so that nothing inherited can be called from a webview.
    this.ready = this.ready.bind(this);
    this.page = this.page.bind(this);
    this.summary = this.summary.bind(this);
    this.call = this.call.bind(this);
    this.openPayload = this.openPayload.bind(this);
    this.copyPayload = this.copyPayload.bind(this);
    this.copyText = this.copyText.bind(this);
    this.copyCall = this.copyCall.bind(this);
    this.comparePayloads = this.comparePayloads.bind(this);
    this.exportCalls = this.exportCalls.bind(this);
    this.settings = this.settings.bind(this);
    this.saveSettings = this.saveSettings.bind(this);
    this.setRouting = this.setRouting.bind(this);
    this.openConfig = this.openConfig.bind(this);
    this.showLog = this.showLog.bind(this);
  }

  async ready(): Promise<ApplicationStatus> {
    return this.application.status;
  }

  async page(query: CallQuery, signal: AbortSignal): Promise<CallPage> {
    return (await this.application.store()).page(checkedQuery(query), signal);
  }

  async summary(filter: string, signal: AbortSignal): Promise<CallSummary> {
    return (await this.application.store()).summary(checkedText(filter, 'filter'), signal);
  }

  async call(id: string, signal: AbortSignal): Promise<CallDetail | undefined> {
    return (await this.application.store()).call(checkedText(id, 'id'), signal);
  }

  async openPayload(id: string, part: PayloadPart): Promise<void> {
    const { detail } = await this.payload(id, part);
    await this.editor.openPayload(id, part, titleOf(detail, part));
  }

  async copyPayload(id: string, part: PayloadPart): Promise<void> {
    await this.editor.copy((await this.payload(id, part)).frame.text);
  }

  async copyText(text: string): Promise<void> {
    await this.editor.copy(checkedText(text, 'text').slice(0, MAX_COPY));
  }

  async copyCall(id: string, form: CopyForm): Promise<void> {
    if (!FORMS.has(form)) throw new AppError('query.invalid', `A call cannot be copied as "${String(form)}".`);
    const { detail } = await this.payload(id, 'request');
    await this.editor.copy(copyText(detail, form));
  }

  async comparePayloads(left: PayloadRef, right: PayloadRef): Promise<void> {
    const titled = async (ref: PayloadRef): Promise<TitledPayload> => {
      const { id, part } = ref ?? {};
      const { detail } = await this.payload(id, part);
      return { id, part, title: titleOf(detail, part) };
    };
    await this.editor.comparePayloads(await titled(left), await titled(right));
  }

  async exportCalls(filter: string, format: ExportFormat): Promise<void> {
    if (!FORMATS.has(format)) throw new AppError('query.invalid', `Calls cannot be exported as "${String(format)}".`);
    // What does not parse is said before the user has chosen a file.
    parseFilter(checkedText(filter, 'filter'));
    const store = await this.application.store();
    void this.editor.export(format, (target) => exportCalls(store, { ...target, filter }));
  }

  async settings(): Promise<TrafficSettings> {
    return trafficSettingsOf(this.editor.settings());
  }

  async saveSettings(settings: TrafficSettings): Promise<void> {
    await this.editor.saveSettings(trafficSettingsOf(settings));
  }

  async setRouting(on: boolean): Promise<void> {
    await this.editor.setRouting(on === true);
  }

  async openConfig(line?: number): Promise<void> {
    await this.editor.openConfig(Number.isSafeInteger(line) && (line as number) > 0 ? line : undefined);
  }

  async showLog(): Promise<void> {
    await this.editor.showLog();
  }

  /** The recorded text a `PayloadPart` names; rejects with `notFound` where there is none. */
  async payload(id: string, part: PayloadPart): Promise<{ detail: CallDetail; frame: FrameText }> {
    if (!PARTS.has(part)) throw new AppError('query.invalid', `There is no payload "${String(part)}".`);
    const detail = await (await this.application.store()).call(checkedText(id, 'id'));
    const frame = detail?.[part];
    if (!detail || !frame) throw new AppError('notFound', `The ${part} of this call is not in the audit log.`);
    return { detail, frame };
  }
}

function titleOf({ row }: CallDetail, part: PayloadPart): string {
  return `${row.name ?? row.method} ${part.startsWith('upstream') ? `${part.slice(8).toLowerCase()} (server)` : part}`;
}

function checkedText(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new AppError('query.invalid', `${what} must be text.`);
  return value;
}

function checkedQuery(query: CallQuery): CallQuery {
  const { position, limit, filter } = query ?? {};
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new AppError('query.invalid', `limit must be a whole number from 1 to ${MAX_LIMIT}.`);
  }
  if (filter !== undefined) checkedText(filter, 'filter');
  return { limit, position: checkedPosition(position), ...(filter === undefined ? {} : { filter }) };
}

function checkedPosition(position: PagePosition): PagePosition {
  switch (position?.kind) {
    case 'newest':
      return { kind: 'newest' };
    case 'olderThan':
    case 'newerThan':
      return { kind: position.kind, cursor: checkedText(position.cursor, 'cursor') };
    case 'offset':
      if (Number.isSafeInteger(position.offset) && position.offset >= 0) {
        return { kind: 'offset', offset: position.offset };
      }
  }
  throw new AppError('query.invalid', 'position is none of newest, olderThan, newerThan, offset.');
}
