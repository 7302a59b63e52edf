/**
 * Owns what can be asked of the store's folder: which sources a question is about, with which filter, and that it ends
 * when nobody waits for it. The answers are worked out in modules of their own.
 */
import type { BodyPart, CallDetail, CallPage, CallQuery, CallSummary, NoteChange, Scope } from '../../contract/traffic';
import type { CallSelection, PayloadRef } from '../../contract/trafficApi';
import type { GroupPage, GroupQuery, Statistics, StatisticsQuery, Timeline, TimelineQuery } from '../../contract/trafficGroups';
import { AppError } from '../../util/errors';
import { bodyPart, detail, texts, type CallTexts } from './details';
import { compileFilter, narrowed, type CompiledFilter, type Strides } from './filterSql';
import { groups } from './groups';
import { appendNotes } from './noteFiles';
import { recordOf } from './notes';
import { fetch, page, searchOn, type PageBudgets } from './pages';
import { find, type Found, type Place } from './places';
import { writerFactor } from './schema';
import { sortedPage } from './sortedPages';
import type { Source } from './source';
import { statistics } from './statistics';
import { StoreFolder, type StoreFolderOptions } from './storeFolder';
import { summary } from './tallies';
import { timeline } from './timeline';
import { Turns } from './turns';

export interface StoreViewOptions extends StoreFolderOptions, PageBudgets {
  /** The writer whose calls are those of the scope `window`; absent: the one that was started last. */
  readonly writer?: string;
  /** Unix epoch, milliseconds. */
  readonly now: () => number;
  /** A search that goes on behind a page's back has come further. */
  readonly onSearched?: () => void;
  /** How far a search of texts goes at once. */
  readonly strides?: Strides;
}

/** A question works for so long before others have a turn. */
const turnMs = 10;
/** So long after a page somebody is taken to wait for the rest of its search. */
const searchAttendedMs = 5000;
/** So often is told that it has come further: soon at first, since the page may have no rows yet, and then less and less. */
const firstTellMs = 50;
const searchTellMs = 400;

export class StoreView extends StoreFolder {
  /** What is searched behind pages' backs, and until when somebody is taken to wait for it. */
  #search: { readonly key: string; untilMs: number } | undefined;

  readonly #turns = new Turns();

  constructor(protected override readonly options: StoreViewOptions) {
    super(options);
  }

  override close(): void {
    this.#search = undefined;
    super.close();
  }

  page(query: CallQuery, through: () => number, signal?: AbortSignal): Promise<CallPage> {
    return this.#urgently(() => {
      const { sources, filter } = this.#scoped(query);
      const { sort } = query;
      const breathe = this.#breathing(signal, true);
      if (sort && sort.by !== 'time') return sortedPage(sources, query, sort, filter, through(), breathe);
      return page(sources, query, filter, through(), breathe, this.options).then((answer) => {
        if (answer.isTotalExact === false) this.#searchOn(query, filter.key);
        return answer;
      });
    });
  }

  /** Searches the rest of history for whoever has got a page of it, for as long as pages of the same filter are asked for. */
  #searchOn(query: CallQuery, key: string): void {
    const untilMs = performance.now() + searchAttendedMs;
    if (this.#search?.key === key) {
      this.#search.untilMs = untilMs;
      return;
    }
    const search = { key, untilMs };
    this.#search = search;
    const { breathe, onSearched } = this.options;
    let toldMs = performance.now();
    let tellMs = firstTellMs;
    const breatheOn = async (): Promise<void> => {
      await breathe();
      await this.#turns.giveWay();
      if (this.#search !== search || performance.now() > search.untilMs) throw new AppError('cancelled', 'Nobody waits for this search.', { userFacing: false });
      if (performance.now() - toldMs < tellMs) return;
      toldMs = performance.now();
      tellMs = Math.min(tellMs * 2, searchTellMs);
      onSearched?.();
    };
    void this.asking(async () => {
      const { sources, filter } = this.#scoped(query);
      await searchOn(sources, filter, breatheOn);
    })
      // What fails here fails again, and is said, when somebody asks.
      .catch(() => undefined)
      .finally(() => {
        if (this.#search === search) this.#search = undefined;
        onSearched?.();
      });
  }

  summary(selection: Partial<CallSelection>, signal?: AbortSignal): Promise<CallSummary> {
    return this.asking(() => {
      const { sources, filter } = this.#scoped(selection);
      return summary(sources, filter, this.#breathing(signal));
    });
  }

  groups(query: GroupQuery, through: () => number, signal?: AbortSignal): Promise<GroupPage> {
    return this.asking(() => {
      const { sources, filter } = this.#scoped(query);
      return groups(sources, query, filter, through(), this.#breathing(signal));
    });
  }

  timeline(query: TimelineQuery, through: () => number, signal?: AbortSignal): Promise<Timeline> {
    return this.asking(() => {
      const { sources, filter } = this.#scoped(query);
      return timeline(sources, query, filter, this.options.now(), through(), this.#breathing(signal));
    });
  }

  statistics(query: StatisticsQuery, through: () => number, signal?: AbortSignal): Promise<Statistics> {
    return this.asking(() => {
      const { sources, writer } = this.#scoped(query);
      return statistics(sources, query, writer, through(), this.#breathing(signal));
    });
  }

  call(id: string, signal?: AbortSignal): Promise<CallDetail | undefined> {
    return this.#urgently(async () => {
      await this.#wanted(signal);
      return detail(this.sources(), id);
    });
  }

  body({ id, part }: PayloadRef, fromByte: number, limit: number, signal?: AbortSignal): Promise<BodyPart> {
    return this.#urgently(async () => {
      await this.#wanted(signal);
      return bodyPart(this.sources(), id, part, fromByte, limit);
    });
  }

  /** Changes notes; on disk, and seen by questions, when it resolves. Rejects with `notFound` where there is none of these calls. */
  async annotate(ids: readonly string[], change: NoteChange, writer: string): Promise<void> {
    const there = await this.asking(async () => ids.filter((id) => find(this.sources(), id)));
    if (there.length === 0) throw new AppError('notFound', ids.length === 1 ? 'This call is not in the audit log any more.' : 'These calls are not in the audit log any more.');
    const t = this.notes.book.next(this.options.now());
    appendNotes(
      this.options.dir,
      writer,
      there.map((id) => recordOf(id, change, t, writer)),
    );
    this.notes.read();
  }

  /** Calls after a place with their texts, oldest first. */
  async newer(selection: Partial<CallSelection>, from: Place | undefined, limit: number): Promise<(Found & CallTexts)[]> {
    return this.asking(async () => {
      const { sources, filter } = this.#scoped(selection);
      const found = await fetch(sources, filter, 'newer', from, limit, this.options.breathe);
      return found.map((call) => ({ ...call, ...texts(call) }));
    });
  }

  /** What a question is about: the sources that can hold it, and the filter. */
  #scoped({ filter: text, scope }: { readonly filter?: string; readonly scope?: Scope }): { sources: Source[]; filter: CompiledFilter; writer: string | undefined } {
    const filter = compileFilter(text, this.options.now(), this.options.strides);
    const sources = this.sources();
    if (scope !== 'window') return { sources, filter, writer: undefined };
    const writer = this.options.writer ?? sources.flatMap(({ writers }) => writers).reduce((latest, name) => (name > latest ? name : latest), '');
    const own = sources.filter(({ writers }) => writers.includes(writer));
    // Files put together may hold other windows' calls, too.
    const isMixed = own.some(({ writers }) => writers.length > 1);
    const within = isMixed ? narrowed(filter, `frame / ${writerFactor} = (SELECT w FROM writer WHERE name = ?)`, [writer]) : filter;
    return { sources: own, filter: within, writer };
  }

  #urgently<T>(question: () => Promise<T>): Promise<T> {
    return this.#turns.urgently(() => this.asking(question));
  }

  /** Of questions of one step: who goes from call to call takes those back that were passed over, and they are not worked on. */
  async #wanted(signal: AbortSignal | undefined): Promise<void> {
    if (signal) await this.options.breathe();
    throwIfTakenBack(signal);
  }

  /**
   * Between two steps of a question: others get a turn when it has gone on for a while, and it ends where nobody waits for
   * it. What is not urgent waits for what is.
   */
  #breathing(signal: AbortSignal | undefined, isUrgent = false): () => Promise<void> {
    let until = performance.now() + turnMs;
    return async () => {
      if (performance.now() >= until) {
        await this.options.breathe();
        if (!isUrgent) await this.#turns.giveWay();
        until = performance.now() + turnMs;
      }
      throwIfTakenBack(signal);
    };
  }
}

function throwIfTakenBack(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError('cancelled', 'The question was taken back.', { userFacing: false });
}
