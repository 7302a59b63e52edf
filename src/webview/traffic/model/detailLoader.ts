/**
 * Owns the full record of the selected call: loads it, loads it again while the call runs and traffic advances, drops
 * what a newer selection superseded. What is shown stays until the next is there, marked by its own id. What takes a
 * question of its own (the check of the output, other attempts, long bodies) is asked for by the views that show it.
 */
import { batch, signal, type Signal } from '@preact/signals';
import type { CallFinding } from '../../../extension/contract/findings';
import type { DefinitionVersion } from '../../../extension/contract/governance';
import type { CallDetail, CallRow } from '../../../extension/contract/traffic';
import type { PayloadRef, SchemaCheck } from '../../../extension/contract/trafficApi';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { messageOf } from '../../../extension/util/errors';
import { DisposableStore, type Disposable } from '../../../extension/util/lifecycle';
import { answered } from '../../platform/answered';
import { attemptsAmong, attemptsFilter, candidatesAmong, MAX_ATTEMPTS } from './attempts';
import { BigBody } from './bigBody';
import type { TrafficHost } from './trafficHost';
import { Latest } from './latest';

const REFRESH_INTERVAL_MS = 250;

export class DetailLoader implements Disposable {
  readonly detail = signal<CallDetail | undefined>(undefined);
  readonly failure = signal<unknown>(undefined);
  /** The host knows no such call (any more). */
  readonly isMissing = signal(false);
  /** What the check of an answer against the output schema said, by call; without `check` it is under way. */
  readonly outputCheck = signal<{ readonly id: string; readonly check?: SchemaCheck } | undefined>(undefined);
  /** What the local checks say, by call. */
  readonly findings = signal<{ readonly id: string; readonly findings: readonly CallFinding[] } | undefined>(undefined);
  /** The definition it ran under, by call; without `isKnown` it is being asked for. */
  readonly definition = signal<{ readonly id: string; readonly isKnown?: true; readonly version?: DefinitionVersion } | undefined>(undefined);
  /** Other calls that ask for the same, shortly before or after. */
  readonly attempts = signal<{ readonly id: string; readonly rows: readonly CallRow[] } | undefined>(undefined);

  readonly #store = new DisposableStore();
  readonly #latest = this.#store.add(new Latest());
  #id: string | undefined;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
  ) {
    const refresh = this.#store.add(new Throttle(() => this.#refresh(), REFRESH_INTERVAL_MS, clock));
    this.#store.add(host.onAdvanced(() => refresh.trigger()));
    // What a server lists, or what is approved of it, is something else now.
    this.#store.add(
      host.onFlagged(() => {
        const asked = this.definition.peek();
        if (asked) this.#askDefinition(asked.id);
      }),
    );
  }

  /** Loads the call; `undefined` shows nothing. */
  load(id: string | undefined): void {
    if (id === this.#id) return;
    this.#id = id;
    batch(() => {
      this.failure.value = undefined;
      this.isMissing.value = false;
    });
    if (id === undefined) {
      this.#latest.cancel();
      this.detail.value = undefined;
    } else this.#ask(id);
  }

  retry(): void {
    if (this.#id !== undefined) this.#ask(this.#id);
  }

  /** Has the answer checked against the tool's output schema, once. */
  checkOutput({ row, response, outputSchema }: CallDetail): void {
    if (outputSchema === undefined || !response || this.outputCheck.peek()?.id === row.id) return;
    const { id } = row;
    this.outputCheck.value = { id };
    const unusable = (error: unknown): SchemaCheck => ({ kind: 'unusable', message: messageOf(error) });
    const checked = answered(this.host.checkOutput(id), this.clock).catch(unusable);
    keep(this.outputCheck, checked.then((check) => ({ id, check })));
  }

  /** Asks what the local checks say, once. Not to hear is no news. */
  askFindings({ id, status }: CallRow): void {
    if (status === 'running' || this.findings.peek()?.id === id) return;
    this.findings.value = { id, findings: [] };
    keep(this.findings, this.host.findings(id).then((findings) => ({ id, findings })));
  }

  /** Asks under which definition it ran, once. */
  askDefinition({ id, definition }: CallRow): void {
    if (definition === undefined || this.definition.peek()?.id === id) return;
    this.definition.value = { id };
    this.#askDefinition(id);
  }

  /** The beginning of the hash stands there without an answer. */
  #askDefinition(id: string): void {
    keep(this.definition, this.host.definition(id).then((version) => ({ id, isKnown: true, ...(version ? { version } : {}) })));
  }

  /** Looks for other attempts at the same, once. Failing to find them is no news. */
  findAttempts(detail: CallDetail): void {
    const { id } = detail.row;
    const filter = attemptsFilter(detail.row);
    if (filter === undefined || this.attempts.peek()?.id === id) return;
    this.attempts.value = { id, rows: [] };
    keep(this.attempts, this.#attemptsAt(detail, filter).then((rows) => ({ id, rows })));
  }

  async #attemptsAt(detail: CallDetail, filter: string): Promise<CallRow[]> {
    const { rows } = await this.host.page({ filter, position: { kind: 'newest' }, limit: MAX_ATTEMPTS });
    const read = await Promise.all(candidatesAmong(detail.row, rows).map(({ id }) => this.host.call(id).catch(() => undefined)));
    return attemptsAmong(detail, read.filter((one) => one !== undefined));
  }

  /** A body that comes in parts; whoever opens it disposes of it. */
  openBody(ref: PayloadRef): BigBody {
    return new BigBody(ref, (asked, from, limit) => answered(this.host.body(asked, from, limit), this.clock));
  }

  #refresh(): void {
    const shown = this.detail.value;
    if (this.#id === undefined || this.#latest.isBusy) return;
    if (shown?.row.id === this.#id && shown.row.status !== 'running') return;
    this.#ask(this.#id);
  }

  #ask(id: string): void {
    this.#latest.run(
      () => answered(this.host.call(id), this.clock),
      (detail) =>
        batch(() => {
          this.failure.value = undefined;
          this.isMissing.value = detail === undefined;
          this.detail.value = detail;
        }),
      (error) => {
        this.failure.value = error;
      },
    );
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** Takes an answer where it is still asked for: not where another call was asked about meanwhile, and a failure is no news. */
function keep<T extends { readonly id: string }>(asked: Signal<T | undefined>, answer: Promise<T>): void {
  answer.then(
    (value) => {
      if (asked.peek()?.id === value.id) asked.value = value;
    },
    () => undefined,
  );
}
