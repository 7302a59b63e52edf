/**
 * Owns the state of the Setup view and every action on it: signals out, methods in, no DOM.
 *
 * Invariants: configurations are looked at only when the user asked for it in this view; no file is changed but by `apply`
 * of a preview that is shown; what fails is shown, never thrown.
 */
import { batch, computed, effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals';
import type { DoctorReport } from '../../../extension/contract/doctor';
import type { BackupView, DoneChange, Found, PlanRequest, PlanView, SetupState, TokenPlace } from '../../../extension/contract/setup';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { isAppError, messageOf } from '../../../extension/util/errors';
import { DisposableStore, MutableDisposable, toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { answered } from '../../platform/answered';
import type { SavedState } from '../../platform/savedState';
import { keepIdentity } from './keepIdentity';
import { sectionsOf, type Sections } from './sections';
import type { SetupHost } from './setupHost';
import { withinBounds, type Outcome, type ViewState } from './viewState';

const SAVE_MS = 300;
/** Times such as "5 min ago" are brought up to date this often. */
const TICK_MS = 30_000;
/** In `reports`: of the check of all servers. */
export const ALL_SERVERS = '';

export interface Preview {
  readonly request: PlanRequest;
  readonly plan: PlanView;
  readonly stage: 'ready' | 'applying';
  /** Why it is not the preview that was looked at first. */
  readonly renewed?: string;
}

export class SetupModel implements Disposable {
  readonly state = signal<SetupState | undefined>(undefined);
  /** The host did not answer. */
  readonly gone = signal<unknown>(undefined);
  /** The last action that did not work. */
  readonly failure = signal<unknown>(undefined);
  readonly search = signal('');
  readonly expanded = signal<ReadonlySet<string>>(new Set());
  readonly found = signal<Found | undefined>(undefined);
  /** Ids of places to route. */
  readonly chosen = signal<ReadonlySet<string>>(new Set());
  readonly otherClients = signal<'point' | 'leave'>('leave');
  /** Where other clients are to find the token. */
  readonly tokenPlace = signal<TokenPlace>('file');
  readonly preview = signal<Preview | undefined>(undefined);
  readonly outcome = signal<Outcome | undefined>(undefined);
  readonly backups = signal<readonly BackupView[] | undefined>(undefined);
  /** By server. */
  readonly reports = signal<ReadonlyMap<string, DoctorReport>>(new Map());
  /** What is being done, see `act`. */
  readonly busy = signal<ReadonlySet<string>>(new Set());
  /** Unix epoch, milliseconds. */
  readonly nowMs: Signal<number>;
  readonly sections: ReadonlySignal<Sections | undefined>;
  readonly #store = new DisposableStore();
  readonly #tick = new MutableDisposable<Disposable>();

  constructor(
    readonly host: SetupHost,
    private readonly clock: Clock,
    private readonly storage: Pick<SavedState<ViewState>, 'read' | 'write'>,
  ) {
    this.nowMs = signal(clock.wallMs());
    this.sections = computed(() => {
      const state = this.state.value;
      return state && sectionsOf(state, this.found.value, this.search.value);
    });
    this.#restore(storage.read());
    this.#store.add(host.onState((state) => this.#onState(state)));
    this.#store.add(this.#tick);
    const save = this.#store.add(new Throttle(() => this.#save(), SAVE_MS, clock));
    this.#store.add(
      toDisposable(
        effect(() => {
          void this.#snapshot();
          untracked(() => save.trigger());
        }),
      ),
    );
  }

  /** First contact with the host; also the way back after it was gone or the view was hidden. */
  start(): void {
    this.#startTicking();
    answered(this.host.api.ready(), this.clock).then(
      (state) => this.#onState(state),
      (error: unknown) => (this.gone.value = error),
    );
  }

  /** Does something at the host under a name by which views show that it is being done. Once at a time. */
  async act<T>(name: string, action: () => Promise<T>): Promise<T | undefined> {
    if (this.busy.peek().has(name)) return undefined;
    // What is done may put another editor in front, and this view is gone then.
    this.#save();
    this.busy.value = new Set([...this.busy.peek(), name]);
    try {
      const value = await action();
      this.failure.value = undefined;
      return value;
    } catch (error) {
      // The user said no to a question of the editor: no news to him.
      if (!isAppError(error, 'cancelled')) this.failure.value = error;
      return undefined;
    } finally {
      this.busy.value = new Set([...this.busy.peek()].filter((one) => one !== name));
    }
  }

  toggle(key: string, isOpen = !this.expanded.peek().has(key)): void {
    this.expanded.value = withOrWithout(this.expanded.peek(), [key], isOpen);
  }

  async find(): Promise<void> {
    const found = await this.act('find', () => this.host.api.find());
    if (found) this.#setFound(found);
  }

  /** Chooses places to route, or takes them out. */
  choose(places: readonly string[], isChosen: boolean): void {
    this.chosen.value = withOrWithout(this.chosen.peek(), places, isChosen);
  }

  /** Works out what a change would do, and shows it. */
  async plan(request: PlanRequest): Promise<void> {
    const plan = await this.act('plan', () => this.#planned(request));
    if (!plan) return;
    batch(() => {
      this.preview.value = { request, plan, stage: 'ready' };
      this.outcome.value = undefined;
    });
  }

  /** Routes what is chosen. */
  planChosen(otherClients: 'point' | 'leave'): Promise<void> {
    return this.plan({ kind: 'route', places: [...this.chosen.peek()], otherClients, ...(otherClients === 'point' ? this.#token() : {}) });
  }

  /** Points a client at the gateway, or brings its entry up to date. */
  planPoint(client: string): Promise<void> {
    return this.plan({ kind: 'point', clients: [client], ...this.#token() });
  }

  /** Of a request that points clients here: nothing where the token stands in their file. */
  #token(): { readonly token?: TokenPlace } {
    const token = this.tokenPlace.peek();
    return token === 'file' ? {} : { token };
  }

  closePreview(): void {
    if (this.preview.peek()?.stage !== 'applying') this.preview.value = undefined;
  }

  async apply(): Promise<void> {
    const preview = this.preview.peek();
    if (preview?.stage !== 'ready' || preview.plan.files.length === 0) return;
    const { request, plan } = preview;
    this.preview.value = { request, plan, stage: 'applying' };
    try {
      await this.host.api.apply(plan.id);
    } catch (error) {
      // Changed under our hands, or so old that the host has forgotten it: the change is worked out anew, and shown.
      if (isAppError(error, 'routing.changed') || isAppError(error, 'notFound')) await this.#renew(request, messageOf(error));
      else batch(() => {
        this.failure.value = error;
        this.preview.value = { request, plan, stage: 'ready' };
      });
      return;
    }
    batch(() => {
      this.preview.value = undefined;
      this.failure.value = undefined;
      this.chosen.value = new Set();
      this.outcome.value = {
        kind: plan.kind,
        files: plan.files.length,
        servers: plan.servers,
        // A record bears the id of the plan it comes of.
        ...(plan.kind === 'route' || plan.kind === 'point' ? { record: plan.id } : {}),
      };
    });
    await Promise.all([...(this.found.peek() ? [this.find()] : []), ...(this.backups.peek() ? [this.loadBackups()] : [])]);
  }

  undo(records: 'all' | readonly string[]): Promise<void> {
    return this.plan({ kind: 'undo', records });
  }

  async loadBackups(): Promise<void> {
    const backups = await this.act('backups', () => this.host.api.backups());
    if (backups) this.backups.value = backups;
  }

  async deleteBackup(id: string): Promise<void> {
    await this.act(`backup ${id}`, () => this.host.api.deleteBackup(id));
    await this.loadBackups();
  }

  /** Runs the connection check of one server, or of all. */
  async examine(server: string): Promise<void> {
    const report = await this.act(`examine ${server}`, () => this.host.api.examine(server === ALL_SERVERS ? undefined : server));
    if (report) this.reports.value = new Map([...this.reports.peek(), [server, report]]);
  }

  closeReport(server: string): void {
    this.reports.value = new Map([...this.reports.peek()].filter(([name]) => name !== server));
  }

  /** The gateway takes a changed port when it starts anew. */
  async restartRouting(): Promise<void> {
    await this.act('routing', async () => {
      await this.host.api.setRouting(false);
      await this.host.api.setRouting(true);
    });
  }

  /** What an outcome left that can still be undone. */
  recordOf({ record }: Outcome): DoneChange | undefined {
    return this.state.value?.done.find(({ id }) => id === record);
  }

  /** Ids come from the last look of the host; where it has none any more, it looks again. */
  async #planned(request: PlanRequest): Promise<PlanView> {
    try {
      return await this.host.api.plan(request);
    } catch (error) {
      if (!isAppError(error, 'notFound') || (request.kind !== 'route' && request.kind !== 'point')) throw error;
      this.#setFound(await this.host.api.find());
      return this.host.api.plan(request);
    }
  }

  async #renew(request: PlanRequest, renewed: string): Promise<void> {
    try {
      const plan = await this.#planned(request);
      this.preview.value = { request, plan, stage: 'ready', renewed };
    } catch (error) {
      batch(() => {
        this.preview.value = undefined;
        this.failure.value = error;
      });
    }
  }

  #setFound(found: Found): void {
    batch(() => {
      this.found.value = keepIdentity(this.found.peek(), found);
      const places = new Set(found.groups.flatMap((group) => group.places.map(({ id }) => id)));
      this.chosen.value = new Set([...this.chosen.peek()].filter((id) => places.has(id)));
    });
  }

  #onState(state: SetupState): void {
    batch(() => {
      this.state.value = keepIdentity(this.state.peek(), state);
      this.gone.value = undefined;
      this.nowMs.value = this.clock.wallMs();
    });
  }

  #startTicking(): void {
    this.#tick.value = this.clock.timer(TICK_MS, () => {
      this.nowMs.value = this.clock.wallMs();
      this.#startTicking();
    });
  }

  #restore(before: ViewState): void {
    this.search.value = before.search;
    this.expanded.value = new Set(before.expanded);
    this.found.value = before.found;
    this.chosen.value = new Set(before.chosen);
    this.otherClients.value = before.otherClients;
    this.tokenPlace.value = before.tokenPlace;
    this.preview.value = before.preview && { ...before.preview, stage: 'ready' };
    this.outcome.value = before.outcome;
    this.reports.value = new Map(before.reports);
  }

  #save(): void {
    this.storage.write(withinBounds(this.#snapshot()));
  }

  #snapshot(): ViewState {
    const found = this.found.value;
    const preview = this.preview.value;
    const outcome = this.outcome.value;
    return {
      search: this.search.value,
      expanded: [...this.expanded.value],
      ...(found ? { found } : {}),
      chosen: [...this.chosen.value],
      otherClients: this.otherClients.value,
      tokenPlace: this.tokenPlace.value,
      ...(preview ? { preview: { request: preview.request, plan: preview.plan } } : {}),
      ...(outcome ? { outcome } : {}),
      reports: [...this.reports.value],
    };
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function withOrWithout(set: ReadonlySet<string>, items: readonly string[], isIn: boolean): ReadonlySet<string> {
  const next = new Set(set);
  for (const item of items) {
    if (isIn) next.add(item);
    else next.delete(item);
  }
  return next;
}
