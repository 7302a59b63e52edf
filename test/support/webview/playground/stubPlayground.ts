/**
 * Owns a host that answers the Playground contract for the development page and for tests: a catalogue out of the tools of
 * real servers, runs that go on when a test says so, requests of servers. Arguments are checked for what is required only.
 */
import type { PlaygroundServer, PlaygroundState } from '../../../../src/extension/contract/playground';
import type {
  CatalogDefinition,
  CatalogItem,
  CatalogSlice,
  CatalogTarget,
  Completion,
  CompletionQuery,
} from '../../../../src/extension/contract/playgroundCatalog';
import type { LanguageModel, SamplingPreview, ServerRequest } from '../../../../src/extension/contract/playgroundRequests';
import type {
  ArgumentCheck,
  HistoryEntry,
  LogMessage,
  PlaygroundRun,
  RunRequest,
  RunResult,
  RunStart,
  TemplateExpansion,
} from '../../../../src/extension/contract/playgroundRuns';
import type { SavedCallDraft, SavedFile, SaveFolder, SaveOutcome } from '../../../../src/extension/contract/playgroundSaved';
import type { PlaygroundApi } from '../../../../src/extension/contract/playgroundApi';
import { Emitter } from '../../../../src/extension/util/event';

export interface StubItem {
  readonly item: Omit<CatalogItem, 'tokens' | 'change'> & Partial<Pick<CatalogItem, 'tokens' | 'change'>>;
  readonly definition?: Partial<CatalogDefinition>;
}

export interface StubServer {
  readonly server: Partial<PlaygroundServer> & { readonly name: string };
  readonly items: readonly StubItem[];
}

export interface Scene {
  readonly servers: readonly StubServer[];
  readonly state?: Partial<PlaygroundState>;
  readonly results?: Readonly<Record<string, RunResult>>;
  readonly saved?: readonly SavedFile[];
  /** Of the workspace. */
  readonly folders?: readonly SaveFolder[];
  readonly history?: readonly HistoryEntry[];
  readonly logs?: readonly LogMessage[];
  readonly models?: readonly LanguageModel[];
  /** State the view was left with. */
  readonly view?: object;
  readonly isGone?: boolean;
}

export const HOST_METHODS = [
  'ready', 'look', 'connect', 'disconnect', 'takeStep', 'catalog', 'definition', 'refresh', 'complete', 'expandTemplate', 'checkArguments', 'start', 'cancel', 'result', 'dismiss',
  'openResult', 'compareResults', 'showCall', 'history', 'clearHistory', 'models', 'previewSampling', 'draftSampling', 'answerSampling', 'answerForm', 'answerUrl', 'setRoots',
  'setLogLevel', 'logs', 'subscribe', 'unsubscribe', 'savedCalls', 'saveFolders', 'saveCall', 'deleteCall', 'setVariable', 'runSaved', 'openSaved', 'copyText', 'openLink', 'openContent',
] as const satisfies readonly (keyof PlaygroundApi)[];

const START_MS = 1_795_000_000_000;

export class StubPlayground implements PlaygroundApi {
  readonly actions: string[] = [];
  readonly #changed = new Emitter<PlaygroundState>();
  readonly onState = this.#changed.event;
  readonly results = new Map<string, RunResult>();
  /** What the next check says instead of its own. */
  nextCheck: ArgumentCheck | undefined;
  nextSave: SaveOutcome | undefined;
  state: PlaygroundState;
  #runs = 0;

  constructor(readonly scene: Scene) {
    for (const [run, result] of Object.entries(scene.results ?? {})) this.results.set(run, result);
    this.state = {
      servers: scene.servers.map(({ server, items }) => serverOf(server, items)),
      runs: [],
      requests: [],
      subscriptions: [],
      roots: { roots: [{ uri: 'file:///home/ada/project', name: 'project' }], isDefault: true },
      savedRevision: 1,
      historyRevision: 1,
      ...scene.state,
    };
  }

  change(part: Partial<PlaygroundState>): void {
    this.state = { ...this.state, ...part };
    this.#changed.fire(this.state);
  }

  changeRun(id: string, part: Partial<PlaygroundRun>): void {
    this.change({ runs: this.state.runs.map((run) => (run.id === id ? { ...run, ...part } : run)) });
  }

  /** Ends a run with a result. */
  settle(id: string, text: string, part: Partial<RunResult & PlaygroundRun> = {}): void {
    this.results.set(id, { run: id, kind: 'result', text, truncated: false, logs: [], ...part } as RunResult);
    this.changeRun(id, { status: 'ok', elapsedMs: 312, hasResult: true, resultBytes: text.length, call: `call-${id}`, timing: { totalUs: 312_000, gatewayUs: 1_200, upstreamUs: 310_800 }, ...part });
  }

  answered(id: string): void {
    this.change({ requests: this.state.requests.filter((request) => request.id !== id) });
  }

  ready(): Promise<PlaygroundState> {
    return this.scene.isGone ? new Promise(() => undefined) : Promise.resolve(this.state);
  }
  /** Whose lists the view looks at. */
  looked: readonly string[] = [];
  async look(servers: readonly string[]): Promise<void> {
    this.looked = servers;
  }
  async connect(server: string): Promise<void> {
    this.actions.push(`connect ${server}`);
  }
  async disconnect(server: string): Promise<void> {
    this.actions.push(`disconnect ${server}`);
  }
  async takeStep(step: string, server: string | undefined): Promise<void> {
    this.actions.push(`step ${step} ${server ?? ''}`.trim());
  }

  #items(server: string): readonly StubItem[] {
    return this.scene.servers.find((one) => one.server.name === server)?.items ?? [];
  }

  async catalog(server: string, text: string): Promise<CatalogSlice> {
    const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
    const items = this.#items(server)
      .filter(({ item }) => words.every((word) => `${item.name} ${item.title ?? ''} ${item.description ?? ''}`.toLowerCase().includes(word)))
      .map(({ item }) => ({ tokens: 120, change: 'unknown' as const, ...item }));
    return { revision: 1, items: items.slice(0, 2_000), total: items.length };
  }

  async definition(target: CatalogTarget): Promise<CatalogDefinition | undefined> {
    const found = this.#items(target.server).find(({ item }) => item.kind === target.kind && item.name === target.name);
    const server = this.state.servers.find(({ name }) => name === target.server);
    if (!found && target.kind === 'resource' && server?.connection.kind === 'ready') {
      return { target, item: { kind: 'resource', name: target.name, tokens: 0, change: 'unknown', isUnlisted: true }, text: JSON.stringify({ uri: target.name }) };
    }
    if (!found) return undefined;
    const item = { tokens: 120, change: 'unknown' as const, ...found.item };
    return { target, item, text: JSON.stringify({ name: item.name, description: item.description }), ...(item.description === undefined ? {} : { description: item.description }), ...found.definition };
  }

  async refresh(server: string): Promise<void> {
    this.actions.push(`refresh ${server}`);
  }
  async complete({ value }: CompletionQuery): Promise<Completion> {
    const values = ['Ada', 'Alan', 'Barbara', 'Grace', 'Margaret'].filter((name) => name.toLowerCase().startsWith(value.toLowerCase()));
    return { values, hasMore: false };
  }
  async expandTemplate(template: string, argumentsText: string): Promise<TemplateExpansion> {
    const values = JSON.parse(argumentsText) as Record<string, string>;
    const missing = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').filter((name) => values[name] === undefined);
    if (missing.length > 0) return { kind: 'problem', message: `${missing.join(', ')} has no value.` };
    return { kind: 'ok', uri: template.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(values[name] ?? '')) };
  }

  async checkArguments(target: CatalogTarget, argumentsText: string): Promise<ArgumentCheck> {
    if (this.nextCheck) return this.nextCheck;
    const definition = await this.definition(target);
    const required = (JSON.parse(definition?.inputSchema ?? '{}') as { required?: string[] }).required ?? [];
    const value = JSON.parse(argumentsText === '' ? '{}' : argumentsText) as Record<string, unknown>;
    const problems = required.filter((name) => value[name] === undefined).map((name) => ({ path: `/${name}`, message: 'This is required.' }));
    return problems.length > 0 ? { kind: 'problems', problems } : { kind: 'ok' };
  }

  async start({ target, argumentsText, sendAnyway, asTask }: RunRequest): Promise<RunStart> {
    this.actions.push(`start ${target.kind} ${target.name} ${argumentsText}${sendAnyway ? ' anyway' : ''}${asTask ? ' as task' : ''}`);
    if (!sendAnyway && target.kind !== 'request' && target.kind !== 'notification') {
      const check = await this.checkArguments(target as CatalogTarget, argumentsText);
      if (check.kind === 'problems') return { kind: 'invalid', check };
    }
    this.#runs += 1;
    const run: PlaygroundRun = { id: `started-${this.#runs}`, target, argumentsText, origin: 'user', status: 'running', startedMs: START_MS, hasResult: false };
    this.change({ runs: [run, ...this.state.runs] });
    return { kind: 'started', run: run.id };
  }

  async cancel(run: string): Promise<void> {
    this.actions.push(`cancel ${run}`);
    this.changeRun(run, { status: 'cancelled', elapsedMs: 2_400, message: 'You cancelled it.' });
  }
  async result(run: string): Promise<RunResult | undefined> {
    return this.results.get(run);
  }
  async dismiss(run: string): Promise<void> {
    this.actions.push(`dismiss ${run}`);
    this.change({ runs: this.state.runs.filter(({ id }) => id !== run) });
  }
  async openResult(result: { readonly id: string }): Promise<void> {
    this.actions.push(`open ${result.id}`);
  }
  async compareResults(left: { readonly id: string }, right: { readonly id: string }): Promise<void> {
    this.actions.push(`compare ${left.id} with ${right.id}`);
  }
  async showCall(call: string): Promise<void> {
    this.actions.push(`show ${call}`);
  }
  async history(): Promise<readonly HistoryEntry[]> {
    return this.scene.history ?? [];
  }
  async clearHistory(): Promise<void> {
    this.actions.push('clear history');
  }
  async models(): Promise<readonly LanguageModel[]> {
    return this.scene.models ?? [];
  }
  async previewSampling(): Promise<SamplingPreview> {
    return { messages: [{ role: 'user', text: 'Resource echo context: What is the capital of France?', images: 0 }], notes: ['temperature 0.7'], tokens: 14 };
  }
  async draftSampling(_request: string, model: string): Promise<{ text: string; model: string; stopReason: string }> {
    return { text: 'Paris.', model, stopReason: 'endTurn' };
  }
  async answerSampling(request: string, answer: { readonly kind: string }): Promise<ArgumentCheck> {
    this.actions.push(`sampling ${request} ${JSON.stringify(answer)}`);
    this.answered(request);
    return { kind: 'ok' };
  }
  async answerForm(request: string, answer: { readonly kind: string; readonly contentText?: string; readonly sendAnyway?: boolean }): Promise<ArgumentCheck> {
    this.actions.push(`form ${request} ${JSON.stringify(answer)}`);
    if (answer.kind === 'accept' && !answer.sendAnyway && this.nextCheck) return this.nextCheck;
    this.answered(request);
    return { kind: 'ok' };
  }
  async answerUrl(request: string, answer: string): Promise<void> {
    this.actions.push(`url ${request} ${answer}`);
    if (answer !== 'open') this.answered(request);
    else this.change({ requests: this.state.requests.map((one) => (one.id === request && one.kind === 'url' ? { ...one, isOpened: true } : one)) });
  }
  async setRoots(roots: PlaygroundState['roots']['roots'] | undefined): Promise<void> {
    this.actions.push(`roots ${roots === undefined ? 'default' : JSON.stringify(roots)}`);
    this.change({ roots: { roots: roots ?? [], isDefault: roots === undefined } });
  }
  async setLogLevel(server: string, level: string): Promise<void> {
    this.actions.push(`level ${server} ${level}`);
  }
  async logs(_server: string, after: number): Promise<readonly LogMessage[]> {
    return (this.scene.logs ?? []).filter(({ number }) => number > after);
  }
  async subscribe(server: string, uri: string): Promise<void> {
    this.actions.push(`subscribe ${server} ${uri}`);
    this.change({ subscriptions: [...this.state.subscriptions, { server, uri, sinceMs: START_MS, updates: 0 }] });
  }
  async unsubscribe(server: string, uri: string): Promise<void> {
    this.actions.push(`unsubscribe ${server} ${uri}`);
    this.change({ subscriptions: [] });
  }
  async savedCalls(): Promise<readonly SavedFile[]> {
    return this.scene.saved ?? [];
  }
  async saveFolders(): Promise<readonly SaveFolder[]> {
    return this.scene.folders ?? [{ path: '/home/ada/project', name: 'project' }];
  }
  readonly drafts: SavedCallDraft[] = [];
  async saveCall(draft: SavedCallDraft): Promise<SaveOutcome> {
    this.drafts.push(draft);
    this.actions.push(`save ${draft.name} ${draft.argumentsText}${draft.keepSecrets ? ' with secrets' : ''}`);
    return draft.keepSecrets ? { kind: 'saved', id: 'new' } : (this.nextSave ?? { kind: 'saved', id: 'new' });
  }
  async deleteCall(id: string): Promise<void> {
    this.actions.push(`delete ${id}`);
  }
  async setVariable(_file: string, name: string, value: string | undefined): Promise<SaveOutcome> {
    this.actions.push(`variable ${name}=${value ?? ''}`);
    return { kind: 'saved', id: name };
  }
  async runSaved(id: string): Promise<RunStart> {
    this.actions.push(`run saved ${id}`);
    return { kind: 'declined' };
  }
  async openSaved(file: string, line: number | undefined): Promise<void> {
    this.actions.push(`open ${file}:${line ?? ''}`);
  }
  async copyText(text: string): Promise<void> {
    this.actions.push(`copy ${text}`);
  }
  async openLink(url: string): Promise<void> {
    this.actions.push(`link ${url}`);
  }
  async openContent(run: string, pointer: string, how: 'open' | 'save'): Promise<void> {
    this.actions.push(`${how} content ${run} ${pointer}`);
  }
}

function serverOf(server: StubServer['server'], items: readonly StubItem[]): PlaygroundServer {
  const count = (kind: string): number => items.filter(({ item }) => item.kind === kind).length;
  const tokens = (kind: string): number => items.filter(({ item }) => item.kind === kind).reduce((sum, { item }) => sum + (item.tokens ?? 120), 0);
  return {
    connection: { kind: 'ready' },
    can: { complete: true, log: true, subscribe: true, tasks: false },
    counts: { tool: count('tool'), prompt: count('prompt'), resource: count('resource'), template: count('template') },
    tokens: { tool: tokens('tool'), prompt: tokens('prompt'), resource: tokens('resource'), template: tokens('template') },
    omitted: 0,
    problems: [],
    revision: 1,
    logged: 0,
    ...server,
  };
}

export function runOf(id: string, name: string, part: Partial<PlaygroundRun> = {}): PlaygroundRun {
  return {
    id,
    target: { server: 'everything', kind: 'tool', name },
    argumentsText: '{}',
    origin: 'user',
    status: 'ok',
    startedMs: START_MS,
    elapsedMs: 312,
    hasResult: true,
    resultBytes: 1_240,
    call: `w1/${id}`,
    timing: { totalUs: 312_400, gatewayUs: 1_300, upstreamUs: 311_100 },
    ...part,
  };
}

export type { ServerRequest };
