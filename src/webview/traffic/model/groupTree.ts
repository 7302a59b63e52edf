/**
 * Owns the shape of calls seen in groups: which group lies in which, which are open, and which row of the view each place
 * is. Pure but for the rows the groups hold; asks nobody anything.
 *
 * Invariant: groups that are known keep their order, so that nothing moves under the user because a call came in; new ones
 * come first.
 */
import type { CallRow } from '../../../extension/contract/traffic';
import type { CallGroup, GroupBy } from '../../../extension/contract/trafficGroups';
import type { RowRange } from '../../components/scrollSpace';
import { CallCache } from './callCache';

export interface GroupNode {
  readonly key: string;
  readonly by: GroupBy;
  group: CallGroup;
  /** 1: outermost. */
  readonly level: number;
  readonly parent?: GroupNode;
  isOpen: boolean;
  /** Groups inside; `undefined`: not known yet. Only of groups that hold groups. */
  children?: GroupNode[];
  /** Calls inside, of groups that hold calls. */
  cache: CallCache;
  /** Its calls or groups changed since they were asked for. */
  isStale: boolean;
}

/** What stands at a place. */
export type GroupItem =
  | { readonly kind: 'group'; readonly node: GroupNode; readonly place: number; readonly siblings: number }
  | { readonly kind: 'call'; readonly node: GroupNode; readonly row: CallRow | undefined; readonly place: number }
  /** The groups of an open group are not there yet. */
  | { readonly kind: 'loading'; readonly node: GroupNode };

interface Section {
  readonly at: number;
  readonly node: GroupNode;
  readonly kind: 'group' | 'calls' | 'loading';
  readonly count: number;
  readonly place: number;
  readonly siblings: number;
}

export class GroupTree {
  roots: GroupNode[] = [];
  #sections: Section[] = [];
  #count = 0;

  constructor(
    /** From the outermost level to the innermost. */
    readonly levels: readonly GroupBy[],
    private readonly order: 'newestLast' | 'asGiven',
    /** Keys of groups that were open. */
    private readonly wasOpen: (key: string) => boolean,
  ) {}

  get count(): number {
    return this.#count;
  }

  /** Whether a group holds calls, not groups. What was told apart by silences has no groups inside. */
  isLeaf(node: GroupNode): boolean {
    return node.level >= this.levels.length || node.group.isByTime === true;
  }

  /** Takes in what the host knows of the groups of a level. `isWhole`: there are no others. */
  merge(parent: GroupNode | undefined, groups: readonly CallGroup[], isWhole: boolean): void {
    const held = parent ? (parent.children ?? []) : this.roots;
    const known = new Map(held.map((node) => [node.key, node]));
    const fresh: GroupNode[] = [];
    const given = new Set<string>();
    for (const group of groups) {
      given.add(group.key);
      const node = known.get(group.key);
      if (!node) {
        fresh.push(this.#made(parent, group));
        continue;
      }
      const { calls, running, lastMs, bytes } = node.group;
      const isChanged = calls !== group.calls || lastMs !== group.lastMs || bytes !== group.bytes || running > 0 || group.running > 0;
      if (isChanged) node.isStale = true;
      node.group = group;
    }
    const kept = isWhole ? held.filter(({ key }) => given.has(key)) : held;
    // At first they come as they are given; later new ones are the newest.
    const older = held.length > 0 && fresh.length > 0 ? fresh.filter((node) => node.group.lastMs < (held.at(-1)?.group.lastMs ?? 0)) : [];
    const next = [...fresh.filter((node) => !older.includes(node)), ...kept, ...older];
    if (parent) parent.children = next;
    else this.roots = next;
    this.layOut();
  }

  #made(parent: GroupNode | undefined, group: CallGroup): GroupNode {
    const level = (parent?.level ?? 0) + 1;
    return {
      key: group.key,
      by: this.levels[level - 1] ?? 'session',
      group,
      level,
      ...(parent ? { parent } : {}),
      isOpen: this.wasOpen(group.key),
      cache: new CallCache(1_000, this.order),
      isStale: true,
    };
  }

  /** To be called after any node was opened, closed or filled. */
  layOut(): void {
    const sections: Section[] = [];
    let at = 0;
    const add = (node: GroupNode, kind: Section['kind'], count: number, place: number, siblings: number): void => {
      if (count > 0) sections.push({ at, node, kind, count, place, siblings });
      at += count;
    };
    const visit = (nodes: readonly GroupNode[]): void => {
      nodes.forEach((node, place) => {
        add(node, 'group', 1, place, nodes.length);
        if (!node.isOpen) return;
        if (this.isLeaf(node)) add(node, 'calls', this.callsIn(node), 0, 0);
        else if (node.children) visit(node.children);
        else add(node, 'loading', 1, 0, 0);
      });
    };
    visit(this.roots);
    this.#sections = sections;
    this.#count = at;
  }

  /** As the last page said, else as the group does. */
  callsIn(node: GroupNode): number {
    return node.cache.through >= 0 ? node.cache.total : node.group.calls;
  }

  at(index: number): GroupItem | undefined {
    const section = this.#sectionAt(index);
    if (!section || index >= section.at + section.count) return undefined;
    const { node, kind, place, siblings } = section;
    if (kind === 'group') return { kind, node, place, siblings };
    if (kind === 'loading') return { kind, node };
    return { kind: 'call', node, row: node.cache.at(index - section.at), place: index - section.at };
  }

  #sectionAt(index: number): Section | undefined {
    let [low, high] = [0, this.#sections.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#sections[middle]?.at ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return index < 0 ? undefined : this.#sections[low];
  }

  indexOfGroup(key: string): number | undefined {
    return this.#sections.find(({ kind, node }) => kind === 'group' && node.key === key)?.at;
  }

  indexOfCall(id: string): number | undefined {
    for (const { kind, node, at } of this.#sections) {
      const place = kind === 'calls' ? node.cache.indexOf(id) : undefined;
      if (place !== undefined) return at + place;
    }
    return undefined;
  }

  /** Where the first call of a group stands, if the group is open. */
  startOfCalls(node: GroupNode): number | undefined {
    return this.#sections.find((section) => section.kind === 'calls' && section.node === node)?.at;
  }

  /** What of each open group a range shows: its calls (places inside the group), or that its groups are missing. */
  *inRange({ first, end }: RowRange): Generator<{ readonly node: GroupNode; readonly calls: RowRange | undefined }> {
    for (const { kind, node, at, count } of this.#sections) {
      if (at >= end) return;
      if (at + count <= first || kind === 'group') continue;
      yield { node, calls: kind === 'calls' ? { first: Math.max(0, first - at), end: Math.min(count, end - at) } : undefined };
    }
  }

  *nodes(): Generator<GroupNode> {
    for (const root of this.roots) {
      yield root;
      for (const child of root.children ?? []) yield child;
    }
  }
}
