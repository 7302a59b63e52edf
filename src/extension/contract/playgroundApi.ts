/**
 * Owns the interface between the Playground webview and the host: one interface of async methods; the messages on the
 * wire follow from it (rpc/peer.ts). The one event carries a snapshot. Methods reject with a user-facing AppError.
 */
import type { NextStep, PlaygroundState, Root } from './playground';
import type { CatalogDefinition, CatalogSlice, CatalogTarget, Completion, CompletionQuery } from './playgroundCatalog';
import type { FormAnswer, LanguageModel, SamplingAnswer, SamplingDraft, SamplingPreview } from './playgroundRequests';
import type {
  ArgumentCheck,
  HistoryEntry,
  LogLevel,
  LogMessage,
  ResultRef,
  RunRequest,
  RunResult,
  RunStart,
  TemplateExpansion,
} from './playgroundRuns';
import type { SavedCallDraft, SavedFile, SaveFolder, SaveOutcome } from './playgroundSaved';

export interface PlaygroundApi {
  /** First call of a webview: gives it the state to draw. */
  ready(): Promise<PlaygroundState>;
  /**
   * The view shows or searches the lists of these servers, and of no others: those that are not connected are, a few at a
   * time, but for those whose connection the user has ended.
   */
  look(servers: readonly string[]): Promise<void>;

  /** Connects to a server, again where that failed or was lost; resolves when tried. */
  connect(server: string): Promise<void>;
  /** Ends the Playground's connection to a server, and with it the process that served it. */
  disconnect(server: string): Promise<void>;
  /** Takes a step an obstacle or a failed server offers; `server` where it is about one. */
  takeStep(step: NextStep, server: string | undefined): Promise<void>;

  /** Items of a server whose name, title or description has every word of `text`; empty: all. */
  catalog(server: string, text: string): Promise<CatalogSlice>;
  /** `undefined`: the server lists no such thing (any more); a resource of a connected server needs no list. */
  definition(target: CatalogTarget): Promise<CatalogDefinition | undefined>;
  /** Reads all lists of a server anew. */
  refresh(server: string): Promise<void>;
  complete(query: CompletionQuery): Promise<Completion>;
  /** `argumentsText`: JSON object of the variables' values: a text, a list or an object of texts each. */
  expandTemplate(template: string, argumentsText: string): Promise<TemplateExpansion>;

  checkArguments(target: CatalogTarget, argumentsText: string): Promise<ArgumentCheck>;
  /**
   * Fills in variables of a saved call, checks, asks first where the tool is destructive, and sends. Resolves when sent; until then
   * the state has the run as soon as it must wait (`waitsFor`), and `cancel` ends it.
   */
  start(request: RunRequest): Promise<RunStart>;
  /** Ends a run at once, also when its server hangs; its pending requests are cancelled. */
  cancel(run: string): Promise<void>;
  /** `undefined`: it runs, or its result is held no more (its recorded call has it). */
  result(run: string): Promise<RunResult | undefined>;
  /** Takes a settled run off the list; the history keeps it. */
  dismiss(run: string): Promise<void>;
  /** Opens a whole result as a read-only editor tab. */
  openResult(result: ResultRef): Promise<void>;
  /** Shows two results side by side in a diff editor. */
  compareResults(left: ResultRef, right: ResultRef): Promise<void>;
  /** Shows a recorded call in the Traffic view. */
  showCall(call: string): Promise<void>;
  /** Newest first. */
  history(): Promise<readonly HistoryEntry[]>;
  clearHistory(): Promise<void>;

  /** Models the editor offers; empty where there are none or the user allows none. */
  models(): Promise<readonly LanguageModel[]>;
  /** What a model would be sent for this sampling request. */
  previewSampling(request: string): Promise<SamplingPreview>;
  /** Asks a model; the editor asks the user for consent. Nothing goes to the server yet. */
  draftSampling(request: string, model: string): Promise<SamplingDraft>;
  /** Gives `syntax` where a result by hand is no JSON; nothing was sent then. */
  answerSampling(request: string, answer: SamplingAnswer): Promise<ArgumentCheck>;
  /** Gives what does not fit; nothing was sent then. */
  answerForm(request: string, answer: FormAnswer): Promise<ArgumentCheck>;
  /** `open`: shows the whole URL once more, opens it in the browser when the user agrees, and accepts. */
  answerUrl(request: string, answer: 'open' | 'decline' | 'cancel'): Promise<void>;

  /** `undefined`: the workspace folders again. Tells every connected server. */
  setRoots(roots: readonly Root[] | undefined): Promise<void>;
  setLogLevel(server: string, level: LogLevel): Promise<void>;
  /** Messages after `after`, oldest first, at most 1,000; older ones are dropped. */
  logs(server: string, after: number): Promise<readonly LogMessage[]>;
  subscribe(server: string, uri: string): Promise<void>;
  unsubscribe(server: string, uri: string): Promise<void>;

  savedCalls(): Promise<readonly SavedFile[]>;
  /** Folders of the workspace, in which files of saved calls can be made. */
  saveFolders(): Promise<readonly SaveFolder[]>;
  saveCall(draft: SavedCallDraft): Promise<SaveOutcome>;
  deleteCall(id: string): Promise<void>;
  /** Values for the file's variables; shared with the team. A value that looks like a secret is refused. */
  setVariable(file: string, name: string, value: string | undefined): Promise<SaveOutcome>;
  /** Fills in the variables, asks for those without a value, and starts. */
  runSaved(id: string): Promise<RunStart>;
  /** Opens the file in the editor, at the call where given. */
  openSaved(file: string, line: number | undefined): Promise<void>;

  copyText(text: string): Promise<void>;
  /** Opens a link after the user has agreed to it; only http and https. */
  openLink(url: string): Promise<void>;
  /**
   * Opens the data of a content block of a result in the editor's viewer for its kind, or saves it to a file the user
   * chooses; what no viewer shows is saved. `pointer`: JSON Pointer to the block.
   */
  openContent(run: string, pointer: string, how: 'open' | 'save'): Promise<void>;
}

/** Names and payloads of the events the host sends to the Playground webview. */
export interface PlaygroundEvents {
  state: PlaygroundState;
}
