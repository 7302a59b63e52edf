/**
 * Owns the state of the Playground view and every action on it: signals out, methods in, no DOM. Composes the catalogue,
 * the arguments, the runs and the answers to servers.
 *
 * Invariants: drafts survive a change of selection, a reload and a lost host; the last result stays while the next is
 * written; nothing is sent but by `run`.
 */
import { batch, computed, effect, signal, untracked, type ReadonlySignal } from '@preact/signals';
import type { Opening, PlaygroundServer, PlaygroundState } from '../../../extension/contract/playground';
import type { LanguageModel } from '../../../extension/contract/playgroundRequests';
import type { HistoryEntry, RunTarget, SavedPlace } from '../../../extension/contract/playgroundRuns';
import type { SavedFile } from '../../../extension/contract/playgroundSaved';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { DisposableStore, MutableDisposable, toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { answered } from '../../platform/answered';
import type { SavedState } from '../../platform/savedState';
import type { ArgumentEditor } from './argumentEditor';
import { ArgumentsModel, type EditorState } from './argumentsModel';
import { CatalogModel } from './catalogModel';
import { serverKey } from './catalogTree';
import { placeOf } from './drafts';
import { LogsModel } from './logsModel';
import type { PlaygroundHost } from './playgroundHost';
import { RequestDrafts } from './requestDrafts';
import { RunsModel } from './runsModel';
import { StartingRuns } from './startingRuns';
import type { ArgumentForm, NarrowPage, ResultForm, Selection, SidePage, ViewState } from './viewState';

const SAVE_MS = 300;
const TICK_MS = 100;

export class PlaygroundModel implements Disposable {
  readonly state = signal<PlaygroundState | undefined>(undefined);
  /** The host did not answer. */
  readonly gone = signal<unknown>(undefined);
  /** The last action that did not work. */
  readonly failure = signal<unknown>(undefined);
  readonly selection = signal<Selection | undefined>(undefined);
  readonly side = signal<SidePage>('catalog');
  readonly page = signal<NarrowPage>('side');
  readonly form = signal<ArgumentForm>('form');
  readonly resultForm = signal<ResultForm>('rendered');
  readonly sideWidth = signal(240);
  readonly splitRight = signal(0.5);
  readonly splitBelow = signal(0.5);
  readonly saved = signal<readonly SavedFile[] | undefined>(undefined);
  readonly history = signal<readonly HistoryEntry[] | undefined>(undefined);
  readonly models = signal<readonly LanguageModel[] | undefined>(undefined);
  /** Moves only while something runs. Unix epoch, milliseconds. */
  readonly nowMs = signal(0);
  readonly server: ReadonlySignal<PlaygroundServer | undefined>;
  readonly editor: ReadonlySignal<EditorState>;
  readonly catalog: CatalogModel;
  readonly runs: RunsModel;
  readonly requests: RequestDrafts;
  readonly starting: StartingRuns;
  readonly logs: LogsModel;
  readonly #store = new DisposableStore();
  readonly #tick = new MutableDisposable<Disposable>();
  readonly #arguments: ArgumentsModel;
  readonly #seen = { opened: 0, saved: -1, history: -1, looked: '' };

  constructor(
    readonly host: PlaygroundHost,
    private readonly clock: Clock,
    private readonly storage: Pick<SavedState<ViewState>, 'read' | 'write'>,
  ) {
    this.catalog = this.#store.add(new CatalogModel(host, clock, this.state));
    this.runs = this.#store.add(new RunsModel(host, this.state));
    this.starting = new StartingRuns(clock, this.runs, this.page);
    this.logs = new LogsModel((server, after) => this.act(() => host.api.logs(server, after)));
    this.#store.add(this.#tick);
    this.server = computed(() => {
      const selection = this.selection.value;
      const name = selection?.kind === 'target' ? selection.target.server : selection?.kind === 'server' ? selection.server : undefined;
      return this.state.value?.servers.find((server) => server.name === name);
    });
    const before = storage.read();
    this.requests = this.#store.add(new RequestDrafts(this.state, before.answers ?? []));
    this.#arguments = this.#store.add(new ArgumentsModel(host, clock, this.server, before.drafts));
    this.editor = this.#arguments.editor;
    this.#restore(before);
    this.#store.add(host.onState((state) => this.#onState(state)));
    const save = this.#store.add(new Throttle(() => this.storage.write(this.#snapshot()), SAVE_MS, clock));
    this.#store.add(
      toDisposable(
        effect(() => {
          void this.#snapshot();
          untracked(() => save.trigger());
        }),
      ),
    );
    this.#store.add(
      toDisposable(
        effect(() => {
          const selection = this.selection.value;
          void this.server.value;
          untracked(() => this.#arguments.follow(selection));
        }),
      ),
    );
    this.#store.add(toDisposable(effect(() => this.#look())));
    this.#store.add(
      toDisposable(
        effect(() => {
          const isRunning = this.runs.isRunning.value;
          untracked(() => (isRunning ? this.#startTicking() : this.#tick.clear()));
        }),
      ),
    );
  }

  /** First contact with the host; also the way back after it was gone or the view was hidden. */
  start(): void {
    this.#seen.looked = '';
    answered(this.host.api.ready(), this.clock).then(
      (state) => this.#onState(state),
      (error: unknown) => (this.gone.value = error),
    );
  }

  /** Only servers that are looked at are started. */
  #look(): void {
    const servers = this.state.value?.servers;
    if (!servers) return;
    const selection = this.selection.value;
    const names = new Set(this.catalog.looked(servers));
    if (selection?.kind === 'target') names.add(selection.target.server);
    const looked = [...names].sort();
    const key = JSON.stringify([servers.map(({ name }) => name), looked]);
    if (key === this.#seen.looked) return;
    this.#seen.looked = key;
    void untracked(() => this.act(() => this.host.api.look(looked)));
  }

  /** Opens or closes a server's branch; one that is opened is connected, also where the user had ended its connection. */
  toggleServer(server: PlaygroundServer, isOpen: boolean): void {
    this.catalog.toggle(serverKey(server.name), isOpen);
    if (isOpen && server.connection.kind === 'idle') void this.connect(server.name);
  }

  async connect(server: string): Promise<void> {
    this.catalog.toggle(serverKey(server), true);
    await this.act(() => this.host.api.connect(server));
  }

  /** Ends the connection; its branch has nothing to show then. */
  async disconnect(server: string): Promise<void> {
    this.catalog.toggle(serverKey(server), false);
    await this.act(() => this.host.api.disconnect(server));
  }

  select(selection: Selection): void {
    batch(() => {
      this.selection.value = selection;
      this.page.value = 'arguments';
      // What the target did last is shown at once.
      const last = selection.kind === 'target' ? this.runs.runs.peek().find(({ target }) => isSameTarget(target, selection.target)) : undefined;
      if (last && !this.runs.find(this.runs.selected.peek())) this.runs.selected.value = last.id;
    });
  }

  /** Shows a target with arguments, over what was written there. `saved`: the call they come from. */
  open(target: RunTarget, argumentsText: string | undefined, saved?: SavedPlace, asTask = false): void {
    this.#arguments.write(target, argumentsText === '' ? '{}' : argumentsText, saved, asTask);
    this.select({ kind: 'target', target });
  }

  async run(sendAnyway: boolean): Promise<void> {
    const state = this.editor.peek();
    if (state.kind !== 'ready' || !state.editor.canSend.peek()) return;
    const { editor } = state;
    const saved = editor.saved.peek();
    const outcome = await this.starting.start(editor.target, (ticket) => {
      const request = { target: editor.sent(), argumentsText: editor.draft.text.peek(), sendAnyway, asTask: editor.asTask.peek(), ticket, ...(saved ? { saved } : {}) };
      // Not within a deadline: the host may be asking the user, and its server may take its time.
      return this.act(() => this.host.api.start(request));
    });
    if (outcome?.kind === 'invalid') editor.refuse(outcome.check);
  }

  async runSaved(id: string): Promise<void> {
    this.starting.shown(await this.act(() => this.host.api.runSaved(id)));
  }

  /** What is written stands in a saved call now: from here on its variables are filled in. */
  async isSavedAs(editor: ArgumentEditor, id: string): Promise<void> {
    const files = await this.act(() => this.host.api.savedCalls());
    const call = files?.flatMap(({ calls }) => calls).find((one) => one.id === id);
    if (call) editor.saved.value = placeOf(call);
  }

  /** Does something at the host; a failure is shown, never thrown. */
  async act<T>(action: () => Promise<T>): Promise<T | undefined> {
    try {
      const value = await action();
      this.failure.value = undefined;
      return value;
    } catch (error) {
      this.failure.value = error;
      return undefined;
    }
  }

  async loadModels(): Promise<void> {
    const models = await this.act(() => this.host.api.models());
    if (models) this.models.value = models;
  }

  #onState(state: PlaygroundState): void {
    batch(() => {
      this.state.value = state;
      this.gone.value = undefined;
      this.starting.follow(state);
      const { opening } = state;
      if (opening && opening.number !== this.#seen.opened) this.#open(opening);
    });
    this.#fetchChanged(state);
  }

  #open(opening: Opening): void {
    this.#seen.opened = opening.number;
    if ('server' in opening) {
      this.#openServer(opening.server);
      return;
    }
    const { target, argumentsText, run } = opening;
    this.open(target, argumentsText);
    if (run !== undefined) this.starting.shown({ kind: 'started', run });
  }

  /** Shows a server with its branch open, connected unless that has failed or may not be. */
  #openServer(name: string): void {
    this.side.value = 'catalog';
    this.select({ kind: 'server', server: name });
    const server = this.state.peek()?.servers.find((one) => one.name === name);
    if (server) this.toggleServer(server, true);
    else this.catalog.toggle(serverKey(name), true);
  }

  #fetchChanged(state: PlaygroundState): void {
    if (state.savedRevision !== this.#seen.saved) {
      this.#seen.saved = state.savedRevision;
      void this.act(() => this.host.api.savedCalls()).then((files) => files && (this.saved.value = files));
    }
    if (state.historyRevision !== this.#seen.history) {
      this.#seen.history = state.historyRevision;
      void this.act(() => this.host.api.history()).then((entries) => entries && (this.history.value = entries));
    }
    this.logs.follow(state.servers);
  }

  #startTicking(): void {
    const beat = (): void => {
      this.nowMs.value = this.clock.wallMs();
      this.#tick.value = this.clock.timer(TICK_MS, beat);
    };
    if (!this.#tick.value) beat();
  }

  #restore(state: ViewState): void {
    this.#seen.opened = state.opened;
    this.catalog.search.value = state.search;
    if (state.search !== '') this.catalog.type(state.search);
    this.catalog.closed.value = new Set(state.closed);
    this.catalog.opened.value = new Set(state.openBranches);
    this.side.value = state.side;
    this.page.value = state.page;
    this.form.value = state.form;
    this.resultForm.value = state.resultForm;
    this.sideWidth.value = state.sideWidth;
    this.splitRight.value = state.splitRight;
    this.splitBelow.value = state.splitBelow;
    this.runs.selected.value = state.run;
    this.runs.beside.value = state.beside;
    this.selection.value = state.selection;
  }

  #snapshot(): ViewState {
    const [selection, run, beside] = [this.selection.value, this.runs.selected.value, this.runs.beside.value];
    const answers = this.requests.all();
    return {
      ...(selection ? { selection } : {}),
      drafts: this.#arguments.drafts(),
      search: this.catalog.search.value,
      closed: [...this.catalog.closed.value],
      openBranches: [...this.catalog.opened.value],
      side: this.side.value,
      page: this.page.value,
      form: this.form.value,
      resultForm: this.resultForm.value,
      sideWidth: this.sideWidth.value,
      splitRight: this.splitRight.value,
      splitBelow: this.splitBelow.value,
      opened: (void this.state.value, this.#seen.opened),
      ...(run === undefined ? {} : { run }),
      ...(beside === undefined ? {} : { beside }),
      ...(answers.length > 0 ? { answers } : {}),
    };
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function isSameTarget(one: RunTarget, other: RunTarget): boolean {
  return one.server === other.server && one.kind === other.kind && one.name === other.name;
}
