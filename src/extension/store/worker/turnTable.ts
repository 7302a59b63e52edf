/**
 * Owns what users asked for, and runs of calls between two silences, as one source holds (parts of) them: in columns, since
 * there are a hundred thousand of them to a million calls.
 */
import type { Histogram } from './histogram';
import type { Database, SqlValue } from './sqlEngine';
import type { Tally } from './tallies';

/** calls, errors, running, bytes, totalUs, firstMs, lastMs. */
const width = 7;
const lastMsAt = 6;

/** Rows as table `turn` has them, gathered. A turn may have several. */
export class TurnTableBuilder {
  readonly session: string[] = [];
  readonly conversation: (string | null)[] = [];
  readonly prompt: (string | null)[] = [];
  readonly runs: number[] = [];
  readonly numbers: number[] = [];
  readonly histograms: string[] = [];
  readonly #known = new Map<string, string>();

  add(db: Database, sql: string, params: SqlValue[] = []): void {
    const select = db.prepare(sql);
    try {
      select.bind(params);
      while (select.step()) {
        const [session, conversation, prompt, runMs, ...rest] = select.get();
        this.session.push(this.#one(session as string));
        this.conversation.push(this.#one(conversation as string | null));
        this.prompt.push(this.#one(prompt as string | null));
        this.runs.push((runMs as number | null) ?? Number.NaN);
        for (let at = 0; at < width; at++) this.numbers.push(rest[at] as number);
        this.histograms.push(rest[width] as string);
      }
    } finally {
      select.free();
    }
  }

  finish(): TurnTable {
    return new TurnTable(this, [...this.#known.keys()].some((text) => /[A-Z]/.test(text)));
  }

  /** One and the same string for all that are equal. */
  #one<T extends string | null>(text: T): T {
    if (text === null) return text;
    const same = this.#known.get(text);
    if (same === undefined) this.#known.set(text, text);
    return (same ?? text) as T;
  }
}

export class TurnTable {
  readonly session: readonly string[];
  readonly conversation: readonly (string | null)[];
  readonly prompt: readonly (string | null)[];
  readonly #numbers: Float64Array;
  /** Begin of the run, where the calls have no ids; else not a number. */
  readonly #runs: Float64Array;
  /** All histograms, one behind the other, and where each ends. */
  readonly #histograms: string;
  readonly #ends: Uint32Array;
  #newestFirst: Uint32Array | undefined;

  /** `hasCapitals`: some id has capital letters. */
  constructor(
    { session, conversation, prompt, runs, numbers, histograms }: TurnTableBuilder,
    readonly hasCapitals: boolean,
  ) {
    this.session = session;
    this.conversation = conversation;
    this.prompt = prompt;
    this.#numbers = Float64Array.from(numbers);
    this.#runs = Float64Array.from(runs);
    this.#histograms = histograms.join('');
    let end = 0;
    this.#ends = Uint32Array.from(histograms, (text) => (end += text.length));
  }

  get length(): number {
    return this.session.length;
  }

  runMs(index: number): number | null {
    const runMs = this.#runs[index]!;
    return Number.isNaN(runMs) ? null : runMs;
  }

  lastMs(index: number): number {
    return this.#numbers[index * width + lastMsAt]!;
  }

  tally(index: number): Tally {
    const [calls, errors, running, bytes, totalUs, firstMs, lastMs] = this.#numbers.subarray(index * width, (index + 1) * width) as unknown as [number, number, number, number, number, number, number];
    return { calls, errors, running, bytes, totalUs, firstMs, lastMs };
  }

  addHistogram(index: number, histogram: Histogram): void {
    histogram.addText(this.#histograms, index === 0 ? 0 : this.#ends[index - 1]!, this.#ends[index]!);
  }

  /** Their places in the columns, by the time of the last call. */
  get newestFirst(): Uint32Array {
    return (this.#newestFirst ??= Uint32Array.from({ length: this.length }, (_, index) => index).sort((a, b) => this.lastMs(b) - this.lastMs(a)));
  }
}
