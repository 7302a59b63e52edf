/**
 * Owns keeping calls in groups current: the groups, what is in those that are open and in view, one question at a time.
 * Groups and their calls are asked for when they come into view, never before.
 *
 * Invariants: nothing is asked while the groups are not shown; an answer to a former question is dropped; while paused
 * nothing in view changes but what the user opens.
 */
import { batch, signal } from '@preact/signals';
import type { CallPage, CallRow } from '../../../extension/contract/traffic';
import type { TrafficLayout } from '../../../extension/contract/trafficApi';
import type { GroupBy, GroupPage } from '../../../extension/contract/trafficGroups';
import { Throttle } from '../../../extension/util/async';
import type { Clock } from '../../../extension/util/clock';
import { isAppError } from '../../../extension/util/errors';
import { DisposableStore, type Disposable } from '../../../extension/util/lifecycle';
import type { RowRange } from '../../components/scrollSpace';
import { answered } from '../../platform/answered';
import { questionOf } from './callFeed';
import { GroupTree, type GroupItem, type GroupNode } from './groupTree';
import { EVERYTHING, joinFilters, queryKey, type ListQuery } from './listQuery';
import type { RowSource } from './rowSource';
import type { TrafficHost } from './trafficHost';

const GROUPS = 200;
const MOST_GROUPS = 1_000;
const MARGIN = 40;
const REFRESH_INTERVAL_MS = 200;

export type GroupLayout = Exclude<TrafficLayout, 'list' | 'timeline'>;

const LEVELS: Readonly<Record<GroupLayout, readonly GroupBy[]>> = { session: ['session'], server: ['server'], prompt: ['conversation', 'prompt'] };

export class GroupFeed implements RowSource, Disposable {
  readonly total = signal(0);
  readonly isLoaded = signal(false);
  readonly revision = signal(0);
  readonly failure = signal<unknown>(undefined);
  /** The group the keyboard is at, where it is at a group. */
  readonly activeGroup = signal<string | undefined>(undefined);
  /** Keys of the groups that are open, to be remembered. */
  readonly openKeys = signal<readonly string[]>([]);

  readonly #store = new DisposableStore();
  readonly #refresh: Throttle;
  #tree = new GroupTree([], 'newestLast', () => false);
  #layout: GroupLayout | undefined;
  #query: ListQuery = EVERYTHING;
  #range: RowRange = { first: 0, end: 0 };
  #cursor: string | undefined;
  #asking: AbortController | undefined;
  #isStale = true;
  #isPaused = false;

  constructor(
    private readonly host: TrafficHost,
    private readonly clock: Clock,
    /** The rows in view moved to other places, `by` rows further down. */
    private readonly onMoved: (by: number) => void,
  ) {
    this.#refresh = this.#store.add(new Throttle(() => this.#pump(), REFRESH_INTERVAL_MS, clock));
    this.#store.add(
      host.onAdvanced(() => {
        this.#isStale = true;
        if (!this.#isPaused) this.#refresh.trigger();
      }),
    );
  }

  /** Shows groups of calls, or (`undefined`) none any more. */
  show(layout: GroupLayout | undefined, query: ListQuery): void {
    if (layout === this.#layout && queryKey(query) === queryKey(this.#query)) return;
    this.#layout = layout;
    this.#query = query;
    this.#asking?.abort();
    this.#asking = undefined;
    this.#isStale = true;
    this.#cursor = undefined;
    const open = new Set(this.openKeys.peek());
    this.#tree = new GroupTree(layout ? LEVELS[layout] : [], query.sort ? 'asGiven' : 'newestLast', (key) => open.has(key));
    batch(() => {
      this.isLoaded.value = false;
      this.failure.value = undefined;
      this.#changed();
    });
    this.#pump();
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    for (const node of this.#tree.nodes()) {
      if (isPaused) node.cache.freeze();
      else node.cache.thaw();
    }
    this.#pump();
  }

  setView(range: RowRange): void {
    this.#range = range;
    this.#pump();
  }

  refresh(): void {
    for (const node of this.#tree.nodes()) node.isStale = true;
    this.#isStale = true;
    this.#pump(true);
  }

  itemAt(index: number): GroupItem | undefined {
    return this.#tree.at(index);
  }

  rowAt(index: number): CallRow | undefined {
    const item = this.#tree.at(index);
    return item?.kind === 'call' ? item.row : undefined;
  }

  indexOf(id: string): number | undefined {
    return this.#tree.indexOfCall(id);
  }

  indexOfGroup(key: string): number | undefined {
    return this.#tree.indexOfGroup(key);
  }

  isLeaf(node: GroupNode): boolean {
    return this.#tree.isLeaf(node);
  }

  toggle(node: GroupNode, isOpen = !node.isOpen): void {
    if (node.isOpen === isOpen) return;
    node.isOpen = isOpen;
    const others = this.openKeys.peek().filter((key) => key !== node.key);
    this.openKeys.value = isOpen ? [...others, node.key].slice(-MOST_GROUPS) : others;
    this.#tree.layOut();
    this.#changed();
    this.#pump();
  }

  #changed(): void {
    batch(() => {
      this.total.value = this.#tree.count;
      this.revision.value += 1;
    });
  }

  /** The next thing that is missing or out of date. */
  #pump(evenPaused = false): void {
    if (!this.#layout || this.#asking || this.#store.isDisposed) return;
    const mayRefresh = evenPaused || !this.#isPaused;
    if (!this.isLoaded.peek() || (this.#isStale && mayRefresh)) {
      this.#isStale = false;
      this.#ask((signal) => this.#groups(undefined, signal), (page) => this.#takeRoots(page));
      return;
    }
    for (const { node, calls } of this.#tree.inRange(this.#range)) {
      if (!calls) return this.#askChildren(node);
      if (!node.cache.isComplete(calls) || (node.isStale && mayRefresh)) return this.#askCalls(node, calls);
    }
    // Groups that are open but whose header alone is known to have changed.
    for (const node of this.#tree.nodes()) {
      if (node.isOpen && node.children && node.isStale && mayRefresh) return this.#askChildren(node);
    }
    const isAtEnd = this.#range.end >= this.#tree.count - MARGIN;
    if (isAtEnd && this.#cursor !== undefined && this.#tree.roots.length < 20_000) {
      const cursor = this.#cursor;
      this.#ask((signal) => this.#groups(undefined, signal, cursor), (page) => {
        this.#cursor = page.olderCursor;
        this.#tree.merge(undefined, page.groups, false);
      });
    }
  }

  #askChildren(node: GroupNode): void {
    node.isStale = false;
    this.#ask((signal) => this.#groups(node, signal), (page) => this.#tree.merge(node, page.groups, page.olderCursor === undefined));
  }

  #askCalls(node: GroupNode, { first, end }: RowRange): void {
    node.isStale = false;
    const calls = this.#tree.callsIn(node);
    const isFirst = node.cache.through < 0;
    const range = { first: Math.max(0, first - MARGIN), end: Math.min(calls, end + MARGIN) };
    // Before the first page the number of calls is the group's own.
    const offset = this.#query.sort ? range.first : Math.max(0, calls - range.end);
    const where = isFirst ? { position: { kind: 'offset' as const, offset }, limit: Math.min(1_000, Math.max(1, range.end - range.first)) } : node.cache.positionOf(range);
    const filter = joinFilters(this.#query.filter, node.group.filter);
    this.#ask(
      (signal) => this.host.page({ ...questionOf({ ...this.#query, filter }), ...where }, signal),
      (page: CallPage) => {
        node.cache.apply(page, { first, end });
        this.#tree.layOut();
        // An answer that brought nothing of what is missing must not be asked for over and over.
        return page.rows.length > 0;
      },
    );
  }

  #groups(parent: GroupNode | undefined, signal: AbortSignal, cursor?: string): Promise<GroupPage> {
    const by = this.#tree.levels[parent?.level ?? 0] ?? 'session';
    const { filter, scope } = questionOf(this.#query);
    const held = parent ? (parent.children?.length ?? 0) : this.#tree.roots.length;
    const limit = cursor === undefined ? Math.min(MOST_GROUPS, Math.max(GROUPS, held)) : GROUPS;
    return this.host.groups(
      { filter: joinFilters(filter ?? '', parent?.group.filter ?? ''), ...(scope ? { scope } : {}), by, limit, ...(cursor === undefined ? {} : { cursor }) },
      signal,
    );
  }

  #takeRoots(page: GroupPage): void {
    const isFirst = !this.isLoaded.peek();
    if (isFirst || page.olderCursor === undefined) this.#cursor = page.olderCursor;
    this.#tree.merge(undefined, page.groups, page.olderCursor === undefined);
    this.isLoaded.value = true;
    // The conversation that goes on is what a person came for.
    const [newest] = this.#tree.roots;
    if (isFirst && this.#layout === 'prompt' && newest && this.openKeys.peek().length === 0) this.toggle(newest, true);
  }

  /** `take` gives false where there is no use in going on. */
  #ask<T>(question: (signal: AbortSignal) => Promise<T>, take: (answer: T) => boolean | void): void {
    const asking = new AbortController();
    this.#asking = asking;
    const settle = (done: () => void): void => {
      if (this.#asking !== asking) return;
      this.#asking = undefined;
      done();
    };
    answered(question(asking.signal), this.clock).then(
      (answer) =>
        settle(() => {
          let goesOn = true;
          batch(() => {
            const anchor = this.#anchor();
            goesOn = take(answer) !== false;
            this.failure.value = undefined;
            this.#changed();
            if (anchor) this.#keep(anchor);
          });
          if (goesOn) this.#pump();
        }),
      (error: unknown) =>
        settle(() => {
          if (!isAppError(error, 'cancelled')) this.failure.value = error;
        }),
    );
  }

  /** What stands first in view. */
  #anchor(): { readonly node: GroupNode; readonly within: number; readonly index: number } | undefined {
    const index = this.#range.first;
    const item = this.#tree.at(index);
    if (!item || index === 0) return undefined;
    return { node: item.node, within: item.kind === 'call' ? item.place + 1 : 0, index };
  }

  #keep({ node, within, index }: { readonly node: GroupNode; readonly within: number; readonly index: number }): void {
    const at = this.#tree.indexOfGroup(node.key);
    if (at !== undefined && at + within !== index) this.onMoved(at + within - index);
  }

  dispose(): void {
    this.#asking?.abort();
    this.#asking = undefined;
    this.#store.dispose();
  }
}
