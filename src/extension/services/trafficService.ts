/**
 * Owns the host's side of the Traffic view: implements `TrafficApi` over the application and a small editor port.
 * Holds no state of its own; what comes from the webview is checked before use, since a webview can send anything.
 */
import type { Application } from '../application';
import type { ApplicationStatus } from '../contract/status';
import type { CallDetail, CallPage, CallQuery, CallSummary, FrameText, PagePosition } from '../contract/traffic';
import type { PayloadPart, TrafficApi, TrafficSettings } from '../contract/trafficApi';
import type { Handlers } from '../rpc/peer';
import { AppError } from '../util/errors';
import { trafficSettingsOf } from './trafficSettings';

/** What only the editor can do for the view. */
export interface TrafficEditorPort {
  /** Shows text in a read-only tab; the same key shows the same tab. */
  openPayload(id: string, part: PayloadPart, title: string): Promise<void>;
  copy(text: string): Promise<void>;
  openConfig(line?: number): Promise<void>;
  showLog(): Promise<void>;
  setRouting(on: boolean): Promise<void>;
  /** What `saveSettings` stored for this workspace, in whatever form. */
  settings(): unknown;
  saveSettings(settings: TrafficSettings): Promise<void>;
}

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
