/**
 * Owns the host's side of the Traffic view: implements `TrafficApi` over the application and a small editor port.
 * Holds no state of its own but what is to be shown next; what comes from the webview is checked before use, since a webview can send anything.
 */
import type { Application } from '../application';
import type { CallFinding, FlaggedDefinition } from '../contract/findings';
import type { DefinitionVersion } from '../contract/governance';
import type { ApplicationStatus } from '../contract/status';
import type { BodyPart, CallDetail, CallPage, CallQuery, CallSummary, FrameText, NoteChange } from '../contract/traffic';
import type { CallSelection, CopyForm, ExportFormat, ExportSelection, PayloadPart, PayloadRef, RecordedName, SchemaCheck, TrafficApi, TrafficReveal, TrafficSettings } from '../contract/trafficApi';
import type { GroupPage, GroupQuery, Timeline, TimelineQuery } from '../contract/trafficGroups';
import { parseFilter } from '../query/parser';
import type { Handlers } from '../rpc/peer';
import { AppError } from '../util/errors';
import { Emitter, type Event } from '../util/event';
import { toDisposable, type Disposable } from '../util/lifecycle';
import type { CallActions } from './callActions';
import { checkedText } from './checked';
import { copyText } from './copyForms';
import { exportCalls, type ExportJob } from './exportCalls';
import { checkedBodyRange, checkedExport, checkedGroups, checkedIds, checkedNote, checkedPayload, checkedQuery, checkedSelection, checkedTimeline } from './trafficChecks';
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

/** What the local checks say of definitions. */
export interface FlagSource {
  readonly flagged: () => readonly FlaggedDefinition[];
  readonly onDidChange: Event<void>;
}

const FORMS: ReadonlySet<string> = new Set<CopyForm>(['jsonrpc', 'curl', 'typescript', 'markdown']);
const FORMATS: ReadonlySet<string> = new Set<ExportFormat>(['jsonl', 'json', 'csv', 'txt']);
const MAX_COPY = 1_000_000;
/** Of methods, and of names. */
const MAX_NAMES = 10_000;

export class TrafficService implements Handlers<TrafficApi> {
  readonly #revealed = new Emitter<void>();
  #reveal: TrafficReveal | undefined;
  readonly onDidReveal = this.#revealed.event;

  constructor(
    private readonly application: Application,
    private readonly editor: TrafficEditorPort,
    private readonly actions: CallActions,
    private readonly flags?: FlagSource,
  ) {
    // Peer looks methods up as own properties, so that nothing inherited can be called from a webview.
    this.ready = this.ready.bind(this);
    this.takeReveal = this.takeReveal.bind(this);
    this.page = this.page.bind(this);
    this.summary = this.summary.bind(this);
    this.groups = this.groups.bind(this);
    this.timeline = this.timeline.bind(this);
    this.names = this.names.bind(this);
    this.call = this.call.bind(this);
    this.body = this.body.bind(this);
    this.annotate = this.annotate.bind(this);
    this.findings = this.findings.bind(this);
    this.flagged = this.flagged.bind(this);
    this.definition = this.definition.bind(this);
    this.openDefinition = this.openDefinition.bind(this);
    this.compareDefinition = this.compareDefinition.bind(this);
    this.checkOutput = this.checkOutput.bind(this);
    this.resend = this.resend.bind(this);
    this.openInPlayground = this.openInPlayground.bind(this);
    this.openContent = this.openContent.bind(this);
    this.openLink = this.openLink.bind(this);
    this.openPayload = this.openPayload.bind(this);
    this.copyPayload = this.copyPayload.bind(this);
    this.copyText = this.copyText.bind(this);
    this.copyCall = this.copyCall.bind(this);
    this.comparePayloads = this.comparePayloads.bind(this);
    this.exportCalls = this.exportCalls.bind(this);
    this.settings = this.settings.bind(this);
    this.saveSettings = this.saveSettings.bind(this);
    this.setRouting = this.setRouting.bind(this);
    this.setRecording = this.setRecording.bind(this);
    this.openConfig = this.openConfig.bind(this);
    this.showLog = this.showLog.bind(this);
  }

  async ready(): Promise<ApplicationStatus> {
    return this.application.status;
  }

  /** Has the view show this, now or when it is next there. */
  reveal(reveal: TrafficReveal): void {
    this.#reveal = reveal;
    this.#revealed.fire();
  }

  async takeReveal(): Promise<TrafficReveal | undefined> {
    const reveal = this.#reveal;
    this.#reveal = undefined;
    return reveal;
  }

  async page(query: CallQuery, signal: AbortSignal): Promise<CallPage> {
    return (await this.application.store()).page(checkedQuery(query), signal);
  }

  async summary(selection: CallSelection, signal: AbortSignal): Promise<CallSummary> {
    return (await this.application.store()).summary(checkedSelection(selection), signal);
  }

  async groups(query: GroupQuery, signal: AbortSignal): Promise<GroupPage> {
    return (await this.application.store()).groups(checkedGroups(query), signal);
  }

  async timeline(query: TimelineQuery, signal: AbortSignal): Promise<Timeline> {
    return (await this.application.store()).timeline(checkedTimeline(query), signal);
  }

  async names(): Promise<readonly RecordedName[]> {
    const store = await this.application.store();
    const counted = await Promise.all((['method', 'name'] as const).map((by) => store.statistics({ by, withPlayground: true })));
    return counted.flatMap(({ rows }) =>
      rows.slice(0, MAX_NAMES).flatMap(({ server, method, name, calls }) => (method === undefined ? [] : [{ server, method, name, calls }])),
    );
  }

  async call(id: string, signal: AbortSignal): Promise<CallDetail | undefined> {
    return (await this.application.store()).call(checkedText(id, 'id'), signal);
  }

  async body(ref: PayloadRef, fromByte: number, limit: number, signal: AbortSignal): Promise<BodyPart> {
    const range = checkedBodyRange(fromByte, limit);
    return (await this.application.store()).body(checkedPayload(ref), range.fromByte, range.limit, signal);
  }

  async findings(id: string): Promise<readonly CallFinding[]> {
    return this.actions.findings(checkedText(id, 'id'));
  }

  /** Nothing where nobody checks definitions. */
  async flagged(): Promise<readonly FlaggedDefinition[]> {
    return this.flags?.flagged() ?? [];
  }

  /** After what `flagged` gives has changed. */
  onDidFlag(listener: () => void): Disposable {
    return this.flags?.onDidChange(listener) ?? toDisposable(() => undefined);
  }

  async definition(id: string): Promise<DefinitionVersion | undefined> {
    return this.actions.definition(checkedText(id, 'id'));
  }

  async openDefinition(id: string): Promise<void> {
    await this.actions.openDefinition(checkedText(id, 'id'));
  }

  async compareDefinition(id: string): Promise<void> {
    await this.actions.compareDefinition(checkedText(id, 'id'));
  }

  async annotate(ids: readonly string[], change: NoteChange): Promise<void> {
    await (await this.application.store()).annotate(checkedIds(ids), checkedNote(change));
  }

  async checkOutput(id: string): Promise<SchemaCheck> {
    return this.actions.checkOutput(checkedText(id, 'id'));
  }

  async resend(id: string): Promise<void> {
    await this.actions.resend(checkedText(id, 'id'));
  }

  async openInPlayground(id: string): Promise<void> {
    await this.actions.openInPlayground(checkedText(id, 'id'));
  }

  async openContent(ref: PayloadRef, pointer: string, how: 'open' | 'save' = 'open'): Promise<void> {
    await this.actions.openContent(checkedPayload(ref), pointer, how);
  }

  async openLink(url: string): Promise<void> {
    await this.actions.openLink(url);
  }

  async openPayload(id: string, part: PayloadPart): Promise<void> {
    const { detail } = await this.payload(id, part);
    await this.editor.openPayload(id, part, titleOf(detail, part));
  }

  async copyPayload(id: string, part: PayloadPart): Promise<void> {
    await this.editor.copy(await this.text({ id, part }));
  }

  async copyText(text: string): Promise<void> {
    await this.editor.copy(checkedText(text, 'text').slice(0, MAX_COPY));
  }

  async copyCall(id: string, form: CopyForm): Promise<void> {
    if (!FORMS.has(form)) throw new AppError('query.invalid', `A call cannot be copied as "${String(form)}".`);
    // The message itself is copied however long; the other forms say so where they hold only its beginning, or refuse.
    await this.editor.copy(form === 'jsonrpc' ? await this.text({ id, part: 'request' }) : copyText((await this.payload(id, 'request')).detail, form));
  }

  async comparePayloads(left: PayloadRef, right: PayloadRef): Promise<void> {
    const titled = async (ref: PayloadRef): Promise<TitledPayload> => {
      const { id, part } = ref ?? {};
      const { detail } = await this.payload(id, part);
      return { id, part, title: titleOf(detail, part) };
    };
    await this.editor.comparePayloads(await titled(left), await titled(right));
  }

  async exportCalls(selection: ExportSelection, format: ExportFormat): Promise<void> {
    if (!FORMATS.has(format)) throw new AppError('query.invalid', `Calls cannot be exported as "${String(format)}".`);
    const asked = checkedExport(selection);
    // What does not parse is said before the user has chosen a file.
    parseFilter(asked.filter);
    const store = await this.application.store();
    void this.editor.export(format, (target) => exportCalls(store, { ...target, ...asked }));
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

  async setRecording(on: boolean): Promise<void> {
    await this.application.setRecording(on === true);
  }

  async openConfig(line?: number): Promise<void> {
    await this.editor.openConfig(Number.isSafeInteger(line) && (line as number) > 0 ? line : undefined);
  }

  async showLog(): Promise<void> {
    await this.editor.showLog();
  }

  /** A recorded text, however long; rejects with `notFound` where there is none, with `query.invalid` where it is too long to be held. */
  text(ref: PayloadRef): Promise<string> {
    return this.actions.whole(checkedPayload(ref));
  }

  /** The recorded text a `PayloadPart` names (the beginning of a long one); rejects with `notFound` where there is none. */
  async payload(id: string, part: PayloadPart): Promise<{ detail: CallDetail; frame: FrameText }> {
    const detail = await (await this.application.store()).call(checkedPayload({ id, part }).id);
    const frame = detail?.[part];
    if (!detail || !frame) throw new AppError('notFound', `The ${part} of this call is not in the audit log.`);
    return { detail, frame };
  }
}

function titleOf({ row }: CallDetail, part: PayloadPart): string {
  return `${row.name ?? row.method} ${part.startsWith('upstream') ? `${part.slice(8).toLowerCase()} (server)` : part}`;
}
