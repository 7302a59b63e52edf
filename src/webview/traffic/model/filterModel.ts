/**
 * Owns the filter as it is written: its text, what it says (chips, plain words, the place of a mistake), completion, and
 * when it is asked for. What the filter shows is the feed's.
 */
import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import type { FilterNode, Span } from '../../../extension/query/ast';
import { describeFilter } from '../../../extension/query/describe';
import { addTerm, chipsOf, removeTerm, type Chip } from '../../../extension/query/edit';
import { parseFilter } from '../../../extension/query/parser';
import { suggest, type Suggestion, type ValueSource } from '../../../extension/query/suggest';
import type { Clock } from '../../../extension/util/clock';
import { isAppError, type AppError } from '../../../extension/util/errors';
import { DisposableStore, MutableDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { Latest } from './latest';

/** Typing rests this long before the filter is asked for. */
const TYPING_MS = 150;

export interface Completion {
  readonly items: readonly Suggestion[];
  /** -1: none yet; Enter then applies the filter as it stands. */
  readonly active: number;
  /** Hints for a plain word, which is a filter as it is: Escape is about the text, not about them. */
  readonly isHint: boolean;
}

/** What is wrong with the filter, and where in the text. */
export interface FilterProblem {
  readonly message: string;
  readonly place?: Span;
}

type Parsed = { readonly node: FilterNode } | { readonly error: AppError };

export interface FilterPorts {
  /** Asks for the rows of a filter; `anew`: even where it is the one asked for already. */
  ask(filter: string, anew: boolean): void;
  /** Why the host did not take the filter asked for last. */
  readonly rejection: ReadonlySignal<AppError | undefined>;
  readonly values: ValueSource;
}

export class FilterModel implements Disposable {
  readonly text = signal('');
  readonly completion = signal<Completion | undefined>(undefined);
  readonly chips: ReadonlySignal<readonly Chip[]>;
  /** Absent where there is no filter or it does not parse. */
  readonly description: ReadonlySignal<string | undefined>;
  readonly problem: ReadonlySignal<FilterProblem | undefined>;

  readonly #store = new DisposableStore();
  readonly #typing = this.#store.add(new MutableDisposable<Disposable>());
  readonly #completing = this.#store.add(new Latest());

  constructor(
    private readonly ports: FilterPorts,
    private readonly clock: Clock,
  ) {
    const parsed = computed(() => parse(this.text.value));
    this.chips = computed(() => ('node' in parsed.value ? chipsOf(this.text.value) : []));
    this.description = computed(() => {
      const now = parsed.value;
      return 'node' in now && now.node.kind !== 'all' ? describeFilter(now.node) : undefined;
    });
    this.problem = computed(() => {
      // Half a term is no mistake while it is being typed: only what was asked for and refused is one.
      const rejected = ports.rejection.value;
      if (!rejected) return undefined;
      const now = parsed.value;
      if ('error' in now) return { message: now.error.message, ...placeOf(now.error, this.text.value.length) };
      return { message: rejected.message };
    });
  }

  /** The user typed; `caret` is where. */
  type(text: string, caret = text.length): void {
    this.text.value = text;
    this.#typing.value = this.clock.timer(TYPING_MS, () => this.apply());
    this.complete(caret);
  }

  apply(anew = false): void {
    this.#typing.clear();
    this.ports.ask(this.text.peek().trim(), anew);
  }

  /** Takes a whole text, as "filter by this" and saved filters do. */
  set(text: string): void {
    this.closeCompletion();
    this.text.value = text;
    this.apply();
  }

  clear(): void {
    this.set('');
  }

  add(term: string): void {
    this.set(addTerm(this.text.peek(), term));
  }

  remove(place: Span): void {
    this.set(removeTerm(this.text.peek(), place));
  }

  /** Looks for what could stand at the caret. */
  complete(caret: number): void {
    const text = this.text.peek();
    const word = /[^\s()]*$/.exec(text.slice(0, caret))?.[0] ?? '';
    this.#completing.run(
      () => suggest(text, caret, this.ports.values),
      (items) => {
        // What is there already is no help.
        const [first, second] = items;
        const isDone = second === undefined && first?.insert.trim() === text.slice(first?.replace.start, first?.replace.end);
        this.completion.value = !first || isDone ? undefined : { items, active: -1, isHint: !word.includes(':') };
      },
      () => this.closeCompletion(),
    );
  }

  moveCompletion(by: 1 | -1): void {
    const now = this.completion.peek();
    if (!now) return;
    // -1 is a place too: back in the text.
    const places = now.items.length + 1;
    this.completion.value = { ...now, active: ((now.active + 1 + by + places) % places) - 1 };
  }

  /** Puts a suggestion into the text; gives where the caret belongs, or `undefined` where there was nothing to accept. */
  accept(index: number): number | undefined {
    const item = this.completion.peek()?.items[index];
    if (!item) return undefined;
    const text = this.text.peek();
    const next = text.slice(0, item.replace.start) + item.insert + text.slice(item.replace.end);
    const caret = item.replace.start + item.insert.length;
    this.closeCompletion();
    batch(() => {
      this.text.value = next;
      // A field waits for its value; anything else is worth asking for.
      if (item.kind === 'field') this.complete(caret);
      else this.apply();
    });
    return caret;
  }

  closeCompletion(): void {
    this.#completing.cancel();
    this.completion.value = undefined;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

function parse(text: string): Parsed {
  try {
    return { node: parseFilter(text) };
  } catch (error) {
    if (isAppError(error, 'query.invalid')) return { error };
    throw error;
  }
}

/** The place of a mistake, at least one character wide: what is missing at the end is marked behind it. */
function placeOf({ details }: AppError, length: number): { readonly place?: Span } {
  const { start, end } = details;
  if (typeof start !== 'number' || typeof end !== 'number') return {};
  const first = Math.max(0, Math.min(start, length));
  return { place: { start: first, end: Math.max(first + 1, end) } };
}
