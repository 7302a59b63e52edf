/**
 * Owns a host whose answers a test gives one by one: every question is kept until the test answers it, so that orders
 * of arrival can be played that a real host shows only now and then.
 */
import type { CallFinding, FlaggedDefinition } from '../../../src/extension/contract/findings';
import type { DefinitionVersion } from '../../../src/extension/contract/governance';
import type { ApplicationStatus } from '../../../src/extension/contract/status';
import type { BodyPart, CallDetail, CallPage, CallQuery, CallRow, CallSummary, NoteChange } from '../../../src/extension/contract/traffic';
import type { GroupPage, GroupQuery, Timeline, TimelineQuery } from '../../../src/extension/contract/trafficGroups';
import type { CallSelection, ExportSelection, PayloadRef, RecordedName, SchemaCheck, TrafficReveal, TrafficSettings } from '../../../src/extension/contract/trafficApi';
import { Deferred } from '../../../src/extension/util/async';
import { Emitter } from '../../../src/extension/util/event';
import type { TrafficHost } from '../../../src/webview/traffic/model/trafficHost';

export class Question<A, T> extends Deferred<T> {
  constructor(
    readonly asked: A,
    readonly signal?: AbortSignal,
  ) {
    super();
  }
}

export class ScriptedHost implements TrafficHost {
  readonly pages: Question<CallQuery, CallPage>[] = [];
  readonly summaries: Question<CallSelection, CallSummary>[] = [];
  readonly groupPages: Question<GroupQuery, GroupPage>[] = [];
  readonly timelines: Question<TimelineQuery, Timeline>[] = [];
  readonly bodies: Question<{ readonly ref: PayloadRef; readonly fromByte: number; readonly limit: number }, BodyPart>[] = [];
  readonly checks: Question<string, SchemaCheck>[] = [];
  readonly calls: Question<string, CallDetail | undefined>[] = [];
  readonly readies: Question<void, ApplicationStatus>[] = [];
  readonly actions: string[] = [];
  readonly advanced = new Emitter<{ readonly through: number }>();
  readonly statusChanged = new Emitter<ApplicationStatus>();
  readonly onAdvanced = this.advanced.event;
  readonly onStatus = this.statusChanged.event;
  readonly revealed = new Emitter<null>();
  readonly onRevealed = this.revealed.event;
  readonly flaggedChanged = new Emitter<null>();
  readonly onFlagged = this.flaggedChanged.event;
  reveal: TrafficReveal | undefined;
  kept: TrafficSettings = { savedFilters: [], columns: [], timeMode: 'local', layout: 'list', scope: 'all' };
  actionFailure: Error | undefined;

  ready(): Promise<ApplicationStatus> {
    return ask(this.readies, new Question<void, ApplicationStatus>(undefined));
  }
  async takeReveal(): Promise<TrafficReveal | undefined> {
    const { reveal } = this;
    this.reveal = undefined;
    return reveal;
  }
  page(query: CallQuery, signal?: AbortSignal): Promise<CallPage> {
    return ask(this.pages, new Question<CallQuery, CallPage>(query, signal));
  }
  summary(selection: CallSelection, signal?: AbortSignal): Promise<CallSummary> {
    return ask(this.summaries, new Question<CallSelection, CallSummary>(selection, signal));
  }
  groups(query: GroupQuery, signal?: AbortSignal): Promise<GroupPage> {
    return ask(this.groupPages, new Question<GroupQuery, GroupPage>(query, signal));
  }
  timeline(query: TimelineQuery, signal?: AbortSignal): Promise<Timeline> {
    return ask(this.timelines, new Question<TimelineQuery, Timeline>(query, signal));
  }
  body(ref: PayloadRef, fromByte: number, limit: number): Promise<BodyPart> {
    return ask(this.bodies, new Question<{ readonly ref: PayloadRef; readonly fromByte: number; readonly limit: number }, BodyPart>({ ref, fromByte, limit }));
  }
  checkOutput(id: string): Promise<SchemaCheck> {
    return ask(this.checks, new Question<string, SchemaCheck>(id));
  }
  findingsOf: readonly CallFinding[] = [];
  async findings(): Promise<readonly CallFinding[]> {
    return this.findingsOf;
  }
  readonly definitions: Question<string, DefinitionVersion | undefined>[] = [];
  definition(id: string): Promise<DefinitionVersion | undefined> {
    return ask(this.definitions, new Question<string, DefinitionVersion | undefined>(id));
  }
  openDefinition(id: string): Promise<void> {
    return this.#act(`open definition ${id}`);
  }
  compareDefinition(id: string): Promise<void> {
    return this.#act(`compare definition ${id}`);
  }
  recorded: readonly RecordedName[] = [];
  async names(): Promise<readonly RecordedName[]> {
    return this.recorded;
  }
  flaggedNow: readonly FlaggedDefinition[] = [];
  async flagged(): Promise<readonly FlaggedDefinition[]> {
    return this.flaggedNow;
  }
  call(id: string): Promise<CallDetail | undefined> {
    return ask(this.calls, new Question<string, CallDetail | undefined>(id));
  }
  openPayload(id: string, part: string): Promise<void> {
    return this.#act(`open ${id} ${part}`);
  }
  copyPayload(id: string, part: string): Promise<void> {
    return this.#act(`copy ${id} ${part}`);
  }
  copyText(text: string): Promise<void> {
    return this.#act(`copy text ${text}`);
  }
  copyCall(id: string, form: string): Promise<void> {
    return this.#act(`copy ${id} as ${form}`);
  }
  comparePayloads(left: PayloadRef, right: PayloadRef): Promise<void> {
    return this.#act(`compare ${left.id} ${left.part} with ${right.id} ${right.part}`);
  }
  exportCalls({ filter, scope, sort }: ExportSelection, format: string): Promise<void> {
    return this.#act(`export ${format} of ${filter}${scope === 'window' ? ' in this window' : ''}${sort ? ` by ${sort.by}, ${sort.isDescending ? 'descending' : 'ascending'}` : ''}`);
  }
  annotate(ids: readonly string[], change: NoteChange): Promise<void> {
    return this.#act(`annotate ${ids.join(' ')} ${JSON.stringify(change)}`);
  }
  resend(id: string): Promise<void> {
    return this.#act(`resend ${id}`);
  }
  openInPlayground(id: string): Promise<void> {
    return this.#act(`playground ${id}`);
  }
  openContent(ref: PayloadRef, pointer: string): Promise<void> {
    return this.#act(`content ${ref.id} ${ref.part} ${pointer}`);
  }
  openLink(url: string): Promise<void> {
    return this.#act(`link ${url}`);
  }
  setRecording(on: boolean): Promise<void> {
    return this.#act(`recording ${on}`);
  }
  settings(): Promise<TrafficSettings> {
    return Promise.resolve(this.kept);
  }
  saveSettings(settings: TrafficSettings): Promise<void> {
    this.kept = settings;
    return this.#act('save settings');
  }
  setRouting(on: boolean): Promise<void> {
    return this.#act(`routing ${on}`);
  }
  openConfig(line?: number): Promise<void> {
    return this.#act(`config ${line ?? ''}`.trim());
  }
  showLog(): Promise<void> {
    return this.#act('log');
  }

  async #act(action: string): Promise<void> {
    this.actions.push(action);
    if (this.actionFailure) throw this.actionFailure;
  }
}

function ask<A, T>(list: Question<A, T>[], question: Question<A, T>): Promise<T> {
  list.push(question);
  return question.promise;
}

export function rowOf(n: number, more: Partial<CallRow> = {}): CallRow {
  return {
    id: `w1/${n}`,
    frame: n,
    timeMs: 1_700_000_000_000 + n,
    origin: 'client',
    session: 's1',
    server: 'github',
    method: 'tools/call',
    name: `tool_${n}`,
    status: 'ok',
    durationUs: 1_000 * n,
    requestBytes: 100,
    responseBytes: 200,
    ...more,
  };
}

/** Calls `from` to `to` (oldest first, both included) out of `total`, as a page. Call n stands at place n - 1. */
export function pageOf(from: number, to: number, total: number, more: (n: number) => Partial<CallRow> = () => ({})): CallPage {
  const rows: CallRow[] = [];
  for (let n = to; n >= from; n -= 1) rows.push(rowOf(n, more(n)));
  return { rows, total, offset: total - to, through: total };
}

/** Answers a page question as a store with `total` calls would. */
export function answerPage(query: CallQuery, total: number, more?: (n: number) => Partial<CallRow>): CallPage {
  const offset = query.position.kind === 'offset' ? query.position.offset : 0;
  const to = total - offset;
  return pageOf(Math.max(1, to - query.limit + 1), to, total, more);
}
