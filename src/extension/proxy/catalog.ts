/**
 * Owns the aggregate's lists: asks every server for all pages, exposes names and URIs through the tables, and joins the
 * items byte for byte otherwise. A server that fails or is late does not appear; its earlier list does where there is one.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { NameTable } from '../mcp/names';
import type { ResourceTable } from '../mcp/resourceTable';
import { asBuffer, decodeString, findMember, findPath, rawText, splice, walkMembers, type Edit, type Span } from '../mcp/spans';
import type { Clock } from '../util/clock';
import { ListReading, ListRefused, type ListRequest, type Page, type Pages } from './catalogPages';
import type { Frame } from './frame';
import { settledWithin, type Grace } from './grace';
import { LIST_KINDS, type ListMethod } from './listKinds';
import { ownTaskEdits } from './taskRewriter';
import type { TaskTable } from './taskTable';
import type { UpstreamConnection } from './upstreamConnection';

/** Tools and prompts of one server that clients may know. */
const MAX_NAMES = 10_000;

/** The items of one server, exposed. */
interface ServerList {
  readonly items: readonly Buffer[];
  /** Other members of a one-page result (`"_meta":{…}`), as JSON text. */
  readonly extras: readonly string[];
  readonly hash: string;
  /** Names beyond the limit are left out. */
  readonly isCut: boolean;
}

export interface CatalogTables {
  readonly names: NameTable;
  readonly resources: ResourceTable;
  readonly tasks: TaskTable;
}

export interface CatalogHooks {
  /** A list was read; `hash` tells whether it differs from before. */
  onList(server: string, method: ListMethod, hash: string): void;
  /** A server answered after the grace, and what it lists is not what the client was told. */
  onLateList(connection: UpstreamConnection, method: ListMethod): void;
  /** Part of a list is left out, since it is longer than anybody needs. */
  onLimit(server: string, what: string, limit: number): void;
}

/** `result`: as JSON bytes. `error`: a server's answer. */
export type MergedList = { readonly result: Buffer } | { readonly error: Frame; readonly server: string };

export class Catalog {
  readonly #known = new Map<string, ServerList>();
  /** Limits that are on record. */
  readonly #told = new Set<string>();
  /** Lists that servers have been asked for and not given yet. */
  readonly #owed = new Map<string, ListReading>();

  constructor(
    private readonly tables: CatalogTables,
    private readonly hooks: CatalogHooks,
    private readonly clock: Clock,
    private readonly grace: Grace,
  ) {}

  /**
   * The merged list. `connections` in configured order. Where every server that was asked has failed, and one of them by an
   * error, it is that error: the client hears what it would hear from the server itself. Never rejects.
   */
  async list(connections: readonly UpstreamConnection[], request: ListRequest): Promise<MergedList> {
    const { capability, member } = LIST_KINDS[request.method];
    const asked = connections.filter((connection) => connection.isReady && connection.hasCapability(capability));
    const state = { isOver: false, failed: 0 };
    const errors: (Frame | undefined)[] = [];
    const readings = asked.map((connection, k) => {
      const reading = this.#read(connection, request, state);
      reading.pages.catch((error: unknown) => {
        state.failed++;
        if (error instanceof ListRefused) errors[k] = error.answer;
      });
      return reading;
    });
    if (request.open) request.open.onCancelled = (cancelled, id) => this.#cancel(readings, cancelled, id);
    const results = await settledWithin(readings.map(({ pages }) => pages), this.grace, this.clock);
    state.isOver = true;
    const refused = state.failed === asked.length ? errors.findIndex((error) => error) : -1;
    if (refused >= 0) return { server: asked[refused]!.name, error: errors[refused]! };
    const lists: ServerList[] = [];
    asked.forEach((connection, k) => {
      const pages = results[k];
      const list = pages ? this.#learn(connection, request.method, pages) : this.#known.get(key(connection, request.method));
      if (list) lists.push(list);
    });
    return { result: merged(member, lists) };
  }

  #read(connection: UpstreamConnection, request: ListRequest, state: { readonly isOver: boolean }): ListReading {
    const { method } = request;
    // A server that still owes an answer is not asked again: each question to a silent one would wait for ever.
    const owed = this.#owed.get(key(connection, method));
    if (owed) {
      owed.waiters++;
      return owed;
    }
    const reading = new ListReading(connection, request);
    this.#owed.set(key(connection, method), reading);
    const settle = (): void => void this.#settle(reading);
    reading.pages.then((pages) => {
      settle();
      // Names are learnt in configured order; of those that come late, when they come.
      if (state.isOver) this.#late(connection, method, pages);
    }, settle);
    return reading;
  }

  /** The list is owed no more. Whether it was until now. */
  #settle(reading: ListReading): boolean {
    const owed = key(reading.connection, reading.method);
    return this.#owed.get(owed) === reading && this.#owed.delete(owed);
  }

  /** Nobody waits for what a client has given up, unless another request waits for the same. */
  #cancel(readings: readonly ListReading[], cancelled: Frame, id: Span): void {
    for (const reading of readings) {
      if (--reading.waiters > 0 || !this.#settle(reading)) continue;
      reading.cancel(cancelled, id, ownTaskEdits(cancelled.bytes, cancelled.envelope, reading.connection.name, this.tables.tasks));
    }
  }

  #learn(connection: UpstreamConnection, method: ListMethod, { pages, cut }: Pages): ServerList {
    const { name, definitions } = connection;
    if (cut) this.#limit(name, `${cut.of} of ${method}`, cut.limit);
    const list = expose(name, method, pages, this.tables, (bytes, index) => definitions.isVisible(bytes, index));
    if (list.isCut) this.#limit(name, method, MAX_NAMES);
    this.#known.set(key(connection, method), list);
    this.hooks.onList(connection.name, method, list.hash);
    return list;
  }

  /** Told once in a session. */
  #limit(server: string, what: string, limit: number): void {
    const told = `${what}\n${server}`;
    if (this.#told.has(told)) return;
    this.#told.add(told);
    this.hooks.onLimit(server, what, limit);
  }

  #late(connection: UpstreamConnection, method: ListMethod, pages: Pages): void {
    const before = this.#known.get(key(connection, method));
    const list = this.#learn(connection, method, pages);
    if (before?.hash !== list.hash) this.hooks.onLateList(connection, method);
  }
}

const COMMA = Buffer.from(',');

function merged(member: string, lists: readonly ServerList[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`{${JSON.stringify(member)}:[`)];
  let isFirst = true;
  for (const { items } of lists) {
    for (const item of items) {
      if (!isFirst) parts.push(COMMA);
      parts.push(item);
      isFirst = false;
    }
  }
  const extras = lists.length === 1 ? lists[0]!.extras : [];
  parts.push(Buffer.from(`]${extras.map((extra) => `,${extra}`).join('')}}`));
  return Buffer.concat(parts);
}

function key(connection: UpstreamConnection, method: ListMethod): string {
  return `${method}\n${connection.name}`;
}

function expose(
  server: string,
  method: ListMethod,
  pages: readonly Page[],
  tables: CatalogTables,
  isVisible: (bytes: Buffer, index: number) => boolean,
): ServerList {
  const { member } = LIST_KINDS[method];
  const hash = createHash('sha256');
  const items: Buffer[] = [];
  let isCut = false;
  for (const { bytes, items: spans } of pages) {
    spans.forEach((span, k) => {
      const item = asBuffer(bytes).subarray(span.start, span.end);
      if (!hasRoom(server, method, item, tables)) {
        isCut = true;
        return;
      }
      // Names of what is kept from clients are learnt too: whoever calls it all the same is told why not.
      const edits = itemEdits(server, method, item, tables);
      if (!isVisible(bytes, k)) return;
      hash.update(item);
      items.push(splice(item, edits));
    });
  }
  const extras: string[] = [];
  const only = pages.length === 1 ? pages[0] : undefined;
  if (only) {
    walkMembers(only.bytes, only.result.start, (keyStart, keyEnd, start, end) => {
      const name = decodeString(only.bytes, { start: keyStart, end: keyEnd });
      if (name === member || name === 'nextCursor') return;
      extras.push(`${rawText(only.bytes, { start: keyStart, end: keyEnd })}:${rawText(only.bytes, { start, end })}`);
    });
  }
  return { items, extras, hash: hash.digest('base64url'), isCut };
}

/** Whether the name of a tool or prompt fits into the table, without which it could not be called. */
function hasRoom(server: string, method: ListMethod, item: Buffer, { names }: CatalogTables): boolean {
  if (method !== 'tools/list' && method !== 'prompts/list') return true;
  if (names.countOf(server) < MAX_NAMES) return true;
  const own = decodeString(item, findMember(item, { start: 0, end: item.length }, 'name'));
  return own === undefined || names.has(server, own);
}

function itemEdits(server: string, method: ListMethod, item: Buffer, tables: CatalogTables): Edit[] {
  const whole = { start: 0, end: item.length };
  const edits: Edit[] = [];
  const replace = (span: Span | undefined, expose: (own: string) => string): void => {
    const own = decodeString(item, span);
    if (own === undefined) return;
    const exposed = expose(own);
    if (exposed !== own) edits.push({ span: span!, text: JSON.stringify(exposed) });
  };
  switch (method) {
    case 'tools/list':
      replace(findMember(item, whole, 'name'), (own) => tables.names.nameFor(server, own));
      // MCP Apps: the tool's own view is read by this URI.
      replace(findPath(item, whole, '_meta', 'ui', 'resourceUri'), (own) => tables.resources.learn(server, own));
      // The older spelling of the same.
      replace(findPath(item, whole, '_meta', 'ui/resourceUri'), (own) => tables.resources.learn(server, own));
      break;
    case 'prompts/list':
      replace(findMember(item, whole, 'name'), (own) => tables.names.nameFor(server, own));
      break;
    case 'resources/list':
      replace(findMember(item, whole, 'uri'), (own) => tables.resources.learn(server, own));
      break;
    case 'resources/templates/list':
      replace(findMember(item, whole, 'uriTemplate'), (own) => tables.resources.learnTemplate(server, own));
      break;
    case 'tasks/list':
      replace(findMember(item, whole, 'taskId'), (own) => tables.tasks.learn(server, own));
  }
  return edits;
}
