/**
 * Owns what is known of one server's definitions: what it lists now, what it listed when it was approved, what each name
 * was before. Fed with lists as they pass (`listing`) and with the server's ledger (`fold`), which every window writes to.
 *
 * The first list of each kind is the baseline: it is approved together with the server. Whatever differs from it later is
 * new or changed until it is approved. What a server may write down is bounded: it may list a million tools, or change
 * one with every list.
 */
import type { Buffer } from 'node:buffer';
import type { DefinitionKind, DefinitionRow, DefinitionState, DefinitionVersion } from '../contract/governance';
import type { LedgerLine } from './approvalsLedger';

/** A definition as a server lists it. */
export interface Listed {
  readonly name: string;
  readonly hash: string;
  /** Verbatim. */
  readonly bytes: Buffer;
}

export interface DefinitionLimits {
  /** Versions of definitions written down per server and UTC day. */
  readonly perDay: number;
  /** Names of one list that are looked at. */
  readonly perList: number;
  /** Characters of a name. */
  readonly nameLength: number;
}

export const DEFAULT_LIMITS: DefinitionLimits = { perDay: 5000, perList: 10_000, nameLength: 1000 };

/** What one list has brought, baseline aside. */
export interface DefinitionChanges {
  readonly kind: DefinitionKind;
  readonly new: readonly string[];
  readonly changed: readonly string[];
  readonly gone: readonly string[];
  /** So many versions were not written down: over the limit. */
  readonly notKept: number;
}

/** What a book needs of the world. */
export interface BookPort {
  now(): number;
  /** Writes to the ledger, which gives the lines back by `fold`. Never throws. */
  write(lines: readonly LedgerLine[]): void;
  /** Keeps the text of a version. */
  keep(hash: string, bytes: Buffer): void;
}

interface Entry {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly firstMs: number;
  hash: string;
  previous: string | undefined;
  changedMs: number;
  seenMs: number;
  isGone: boolean;
  /** Each hash it has had with the time of first sight, in the order in which they were listed last. */
  readonly versions: Map<string, number>;
  /** Approved hashes with the time of approval, oldest first. */
  readonly approved: Map<string, number>;
  /** Those among them that the user has approved, as against the baseline. */
  readonly byUser: Set<string>;
}

/** An unchanged list is noted this often at most. */
const SEEN_INTERVAL_MS = 6 * 3_600_000;
/** A first list takes this long at most; a server that never ends it does not have everything approved for ever. */
const BASELINE_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_APPROVED = 32;

export class DefinitionBook {
  readonly #entries = new Map<string, Entry>();
  readonly #based = new Set<DefinitionKind>();
  readonly #seenMs = new Map<DefinitionKind, number>();
  /** Counts the user's approvals taken in. */
  revision = 0;
  #day = -1;
  #keptToday = 0;

  constructor(
    private readonly port: BookPort,
    readonly limits: DefinitionLimits = DEFAULT_LIMITS,
  ) {}

  /** Takes in a line of the ledger. */
  fold(line: LedgerLine): void {
    switch (line.e) {
      case 'def': {
        const day = Math.floor(line.t / DAY_MS);
        if (day !== this.#day) this.#keptToday = 0;
        this.#day = day;
        this.#keptToday++;
        const entry = this.#entry(line.k, line.n);
        if (!entry) {
          const fresh = { kind: line.k, name: line.n, firstMs: line.t, hash: line.h, previous: undefined, changedMs: line.t, seenMs: line.t, isGone: false, versions: new Map([[line.h, line.t]]), approved: new Map(), byUser: new Set<string>() };
          this.#entries.set(keyOf(line.k, line.n), fresh);
          return;
        }
        if (entry.hash !== line.h) {
          entry.previous = entry.hash;
          entry.hash = line.h;
          entry.changedMs = line.t;
          const firstMs = entry.versions.get(line.h) ?? line.t;
          entry.versions.delete(line.h);
          entry.versions.set(line.h, firstMs);
        }
        entry.isGone = false;
        entry.seenMs = line.t;
        return;
      }
      case 'gone':
      case 'back': {
        const entry = this.#entry(line.k, line.n);
        if (!entry) return;
        entry.isGone = line.e === 'gone';
        if (line.e === 'back') entry.seenMs = line.t;
        return;
      }
      case 'seen':
        this.#seen(line.k, line.t);
        return;
      case 'base':
        if (this.#based.has(line.k)) return;
        this.#based.add(line.k);
        for (const [name, hash] of line.d) this.#approve(line.k, name, hash, line.t);
        return;
      case 'ok':
        this.revision++;
        for (const [kind, name, hash] of line.d) {
          this.#approve(kind, name, hash, line.t);
          this.#entry(kind, name)?.byUser.add(hash);
        }
        return;
      default:
    }
  }

  /** Whether a version may be taken for what was approved. `gone` is never given. */
  stateOf(kind: DefinitionKind, name: string, hash: string): DefinitionState {
    const approved = this.#entry(kind, name)?.approved;
    if (!approved || approved.size === 0) return 'new';
    return approved.has(hash) ? 'approved' : 'changed';
  }

  /** Whether the user has approved this very version, whatever the checks found in it. */
  isApprovedByUser(kind: DefinitionKind, name: string, hash: string): boolean {
    return this.#entry(kind, name)?.byUser.has(hash) ?? false;
  }

  /** Whether the kind has its baseline. */
  hasBaseline(kind: DefinitionKind): boolean {
    return this.#based.has(kind);
  }

  /** A list that a session has begun to read. */
  listing(kind: DefinitionKind): Listing {
    return new Listing(kind, this, this.port, !this.#based.has(kind));
  }

  /** What listed names would be without `names`: for the end of a whole list. */
  missing(kind: DefinitionKind, names: ReadonlySet<string>): string[] {
    const missing: string[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.kind === kind && !entry.isGone && !names.has(entry.name)) missing.push(entry.name);
    }
    return missing;
  }

  /** The line that says of a listed version what the ledger does not say yet; `undefined`: nothing. */
  lineFor(kind: DefinitionKind, { name, hash }: Listed): LedgerLine | undefined {
    const t = this.port.now();
    const entry = this.#entry(kind, name);
    if (entry?.hash !== hash) return { e: 'def', t, k: kind, n: name, h: hash };
    return entry.isGone ? { e: 'back', t, k: kind, n: name } : undefined;
  }

  /** How many versions may still be written down today. */
  get room(): number {
    const today = Math.floor(this.port.now() / DAY_MS);
    return Math.max(0, this.limits.perDay - (today === this.#day ? this.#keptToday : 0));
  }

  /** The line that keeps "last seen" about right; `undefined`: it was noted lately. */
  seenLine(kind: DefinitionKind): LedgerLine | undefined {
    const t = this.port.now();
    const before = this.#seenMs.get(kind);
    return before !== undefined && t - before < SEEN_INTERVAL_MS ? undefined : { e: 'seen', t, k: kind };
  }

  /** By kind, then name. */
  rows(): DefinitionRow[] {
    const rows = [...this.#entries.values()].map((entry): DefinitionRow => {
      const { kind, name, hash, previous, approved, firstMs, changedMs, isGone } = entry;
      const approvedMs = approved.get(hash);
      const lastApproved = [...approved.keys()].findLast((one) => one !== hash);
      const before = approvedMs === undefined ? (lastApproved ?? previous) : previous;
      return {
        kind,
        name,
        state: isGone ? 'gone' : this.stateOf(kind, name, hash),
        hash,
        ...(before === undefined ? {} : { previous: before }),
        firstSeenMs: firstMs,
        changedMs,
        lastSeenMs: isGone ? entry.seenMs : Math.max(entry.seenMs, this.#seenMs.get(kind) ?? 0),
        ...(approvedMs === undefined ? {} : { approvedMs }),
      };
    });
    return rows.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : 1));
  }

  /** All that this name has been, the one listed last first. */
  versions(kind: DefinitionKind, name: string): DefinitionVersion[] {
    const entry = this.#entry(kind, name);
    if (!entry) return [];
    const latest = entry.isGone ? 'last' : 'listed';
    return [...entry.versions].toReversed().map(([hash, firstSeenMs]): DefinitionVersion => {
      const approvedMs = entry.approved.get(hash);
      return { hash, firstSeenMs, place: hash === entry.hash ? latest : 'earlier', ...(approvedMs === undefined ? {} : { approvedMs }) };
    });
  }

  /** Takes note that the kind was read just now, without a line of its own. */
  touch(kind: DefinitionKind): void {
    this.#seen(kind, this.port.now());
  }

  #seen(kind: DefinitionKind, t: number): void {
    this.#seenMs.set(kind, Math.max(t, this.#seenMs.get(kind) ?? 0));
  }

  #entry(kind: DefinitionKind, name: string): Entry | undefined {
    return this.#entries.get(keyOf(kind, name));
  }

  #approve(kind: DefinitionKind, name: string, hash: string, t: number): void {
    const approved = this.#entry(kind, name)?.approved;
    if (!approved) return;
    approved.delete(hash);
    approved.set(hash, t);
    const [oldest] = approved.keys();
    if (approved.size > MAX_APPROVED && oldest !== undefined) {
      approved.delete(oldest);
      this.#entry(kind, name)?.byUser.delete(oldest);
    }
  }
}

const KINDS: readonly DefinitionKind[] = ['serverInfo', 'instructions', 'tool', 'prompt', 'resource', 'template'];

function keyOf(kind: DefinitionKind, name: string): string {
  return `${kind}\n${name}`;
}

/** One reading of one list, page by page, by one session. */
export class Listing {
  readonly #names = new Set<string>();
  readonly #baseline: [string, string][] = [];
  readonly #new: string[] = [];
  readonly #changed: string[] = [];
  readonly #startedMs: number;
  #notKept = 0;
  #isEnded = false;

  constructor(
    private readonly kind: DefinitionKind,
    private readonly book: DefinitionBook,
    private readonly port: BookPort,
    private isBaseline: boolean,
  ) {
    this.#startedMs = port.now();
  }

  /** Takes in a page; gives the state of each of its definitions. */
  page(items: readonly Listed[]): DefinitionState[] {
    const { kind, book, port } = this;
    if (this.isBaseline && (book.hasBaseline(kind) || port.now() - this.#startedMs > BASELINE_MS)) this.#endBaseline();
    const lines: LedgerLine[] = [];
    let { room } = book;
    const states = items.map((item): DefinitionState => {
      const state = book.stateOf(kind, item.name, item.hash);
      if (this.#names.size >= book.limits.perList && !this.#names.has(item.name)) {
        this.#notKept++;
        return state;
      }
      this.#names.add(item.name);
      const line = item.name.length > book.limits.nameLength ? undefined : book.lineFor(kind, item);
      const isNews = line?.e === 'def';
      if (item.name.length > book.limits.nameLength || (isNews && room <= 0)) {
        this.#notKept++;
        return state;
      }
      if (line) lines.push(line);
      if (isNews) {
        room--;
        port.keep(item.hash, item.bytes);
      }
      if (this.isBaseline) {
        this.#baseline.push([item.name, item.hash]);
        return 'approved';
      }
      if (isNews && state === 'new') this.#new.push(item.name);
      if (isNews && state === 'changed') this.#changed.push(item.name);
      return state;
    });
    if (lines.length > 0) port.write(lines);
    return states;
  }

  /** `isWhole`: the server has said that there is no more. Gives what the list has brought. */
  end(isWhole: boolean): DefinitionChanges {
    const { kind, book, port } = this;
    const gone = !this.#isEnded && isWhole && this.#notKept === 0 ? book.missing(kind, this.#names) : [];
    if (!this.#isEnded) {
      this.#isEnded = true;
      const seen = isWhole ? book.seenLine(kind) : undefined;
      const lines: LedgerLine[] = gone.map((n) => ({ e: 'gone', t: port.now(), k: kind, n }));
      if (seen) lines.push(seen);
      if (lines.length > 0) port.write(lines);
      if (isWhole) book.touch(kind);
      if (this.isBaseline) this.#endBaseline();
    }
    return { kind, new: this.#new, changed: this.#changed, gone, notKept: this.#notKept };
  }

  #endBaseline(): void {
    this.isBaseline = false;
    if (this.book.hasBaseline(this.kind)) return;
    this.port.write([{ e: 'base', t: this.port.now(), k: this.kind, d: this.#baseline }]);
  }
}
