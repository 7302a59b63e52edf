/**
 * Owns one server's catalogue: reads all pages of its four lists, keeps the definitions verbatim, answers searches. A
 * server may list without end, twice the same or nonsense: every list is bounded in pages, items, bytes and time.
 */
import { Buffer } from 'node:buffer';
import { CATALOG_KINDS, type CatalogKind } from '../contract/playgroundCatalog';
import { decodeString, elementsOf, findMember, rawText } from '../mcp/spans';
import { withDeadline } from '../util/async';
import type { Clock } from '../util/clock';
import { isJsonObject, tryParseJson } from '../util/json';
import { readEntry, type CatalogEntry } from './catalogEntry';
import type { PlaygroundSession } from './session';

const LIST_LIMIT_MS = 60_000;
const MAX_PAGES = 2_000;
/** Per list. */
const MAX_ITEMS = 100_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_ITEM_BYTES = 4 * 1024 * 1024;
/** Definitions read between two turns of the event loop. */
const CHUNK = 2_000;

interface ListSource {
  readonly method: string;
  readonly member: string;
  /** Server capability without which it is not asked. */
  readonly capability: string;
  /** The notification that it has changed. */
  readonly changed: string;
}

const SOURCES: Readonly<Record<CatalogKind, ListSource>> = {
  tool: { method: 'tools/list', member: 'tools', capability: 'tools', changed: 'notifications/tools/list_changed' },
  prompt: { method: 'prompts/list', member: 'prompts', capability: 'prompts', changed: 'notifications/prompts/list_changed' },
  resource: { method: 'resources/list', member: 'resources', capability: 'resources', changed: 'notifications/resources/list_changed' },
  template: { method: 'resources/templates/list', member: 'resourceTemplates', capability: 'resources', changed: 'notifications/resources/list_changed' },
};

/** The lists a `…/list_changed` notification is about. */
export function kindsChangedBy(method: string): readonly CatalogKind[] {
  return CATALOG_KINDS.filter((kind) => SOURCES[kind].changed === method);
}

interface ReadList {
  readonly entries: ReadonlyMap<string, CatalogEntry>;
  readonly tokens: number;
  /** Left out for the limits. */
  readonly omitted: number;
  readonly problem?: string;
}

const EMPTY: ReadList = { entries: new Map(), tokens: 0, omitted: 0 };

export class ServerCatalog {
  readonly #lists = new Map<CatalogKind, ReadList>();

  constructor(private readonly clock: Clock) {}

  get counts(): Record<CatalogKind, number> {
    return this.#each(({ entries }) => entries.size);
  }

  get tokens(): Record<CatalogKind, number> {
    return this.#each(({ tokens }) => tokens);
  }

  #each(of: (list: ReadList) => number): Record<CatalogKind, number> {
    const value = (kind: CatalogKind): number => of(this.#list(kind));
    return { tool: value('tool'), prompt: value('prompt'), resource: value('resource'), template: value('template') };
  }

  get omitted(): number {
    return CATALOG_KINDS.reduce((sum, kind) => sum + this.#list(kind).omitted, 0);
  }

  get problems(): readonly string[] {
    return CATALOG_KINDS.flatMap((kind) => this.#list(kind).problem ?? []);
  }

  find(kind: CatalogKind, name: string): CatalogEntry | undefined {
    return this.#list(kind).entries.get(name);
  }

  *templates(): Iterable<CatalogEntry> {
    yield* this.#list('template').entries.values();
  }

  /** Entries with every word of `text`; at most `limit`, and how many there are in all. */
  search(text: string, limit: number): { readonly found: readonly CatalogEntry[]; readonly total: number } {
    const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '').slice(0, 20);
    const found: CatalogEntry[] = [];
    let total = 0;
    for (const kind of CATALOG_KINDS) {
      for (const entry of this.#list(kind).entries.values()) {
        if (!words.every((word) => entry.haystack.includes(word))) continue;
        total++;
        if (found.length < limit) found.push(entry);
      }
    }
    return { found, total };
  }

  /** Reads lists of a connected server anew; what cannot be read keeps what was there and says why. Never rejects. */
  async read(session: PlaygroundSession, kinds: readonly CatalogKind[] = CATALOG_KINDS): Promise<void> {
    const capabilities = isJsonObject(session.handshake?.capabilities) ? session.handshake.capabilities : {};
    await Promise.all(
      kinds.map(async (kind) => {
        const source = SOURCES[kind];
        if (!isJsonObject(capabilities[source.capability])) this.#lists.set(kind, EMPTY);
        else this.#lists.set(kind, await this.#read(session, kind, source));
      }),
    );
  }

  #list(kind: CatalogKind): ReadList {
    return this.#lists.get(kind) ?? EMPTY;
  }

  async #read(session: PlaygroundSession, kind: CatalogKind, { method, member }: ListSource): Promise<ReadList> {
    const before = this.#list(kind);
    const entries = new Map<string, CatalogEntry>();
    const cursors = new Set<string>();
    let cursor: string | undefined;
    let bytes = 0;
    let omitted = 0;
    let unusable = 0;
    let problem: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const sent = session.request(method, cursor === undefined ? undefined : `{"cursor":${cursor}}`);
      const answer = await withDeadline(sent.answer, LIST_LIMIT_MS, this.clock);
      if (answer === 'late') session.forget(sent.id);
      if (answer === 'late' || answer.kind !== 'result') {
        const why = answer === 'late' ? `not answered within ${LIST_LIMIT_MS / 1000} s` : errorText(answer.text);
        problem = `${method}: ${why}`;
        // What an earlier reading gave is better than nothing.
        if (entries.size === 0) return { ...before, problem };
        break;
      }
      const raw = Buffer.from(answer.text);
      const whole = { start: 0, end: raw.length };
      let sinceTurn = 0;
      for (const span of elementsOf(raw, findMember(raw, whole, member))) {
        const size = span.end - span.start;
        bytes += size;
        if (entries.size >= MAX_ITEMS || bytes > MAX_BYTES || size > MAX_ITEM_BYTES) {
          omitted++;
          continue;
        }
        const entry = readEntry(kind, rawText(raw, span));
        if (!entry || entries.has(entry.name)) unusable++;
        else entries.set(entry.name, entry);
        if (++sinceTurn % CHUNK === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      const next = findMember(raw, whole, 'nextCursor');
      if (decodeString(raw, next) === undefined) break;
      cursor = rawText(raw, next!);
      if (cursors.has(cursor)) {
        problem = `${method}: the server gives the same page again`;
        break;
      }
      cursors.add(cursor);
      if (omitted > 0 || page === MAX_PAGES - 1) {
        problem = `${method}: it lists more than MCP Shark reads (${entries.size} read)`;
        break;
      }
    }
    if (unusable > 0) problem ??= `${method}: ${unusable} ${unusable === 1 ? 'entry has' : 'entries have'} no name or one that is taken`;
    const tokens = [...entries.values()].reduce((sum, { item }) => sum + item.tokens, 0);
    return { entries, tokens, omitted, ...(problem === undefined ? {} : { problem }) };
  }
}

/** The message of a JSON-RPC error, or the text itself. */
export function errorText(text: string): string {
  const value = tryParseJson(text);
  if (!isJsonObject(value)) return text.slice(0, 2000);
  const message = typeof value.message === 'string' ? value.message : 'error without a message';
  return typeof value.code === 'number' ? `${message.slice(0, 2000)} (${value.code})` : message.slice(0, 2000);
}
