/**
 * Owns the aggregate's lists: asks every server for all pages, exposes names and URIs through the tables, and joins the
 * items byte for byte otherwise. A server that fails or is late does not appear; its earlier list does where there is one.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { NameTable } from '../mcp/names';
import type { ResourceTable } from '../mcp/resourceTable';
import { asBuffer, decodeString, elementsOf, findMember, findPath, rawText, splice, walkMembers, type Edit, type Span } from '../mcp/spans';
import type { Clock } from '../util/clock';
import { settledWithin, type Grace } from './grace';
import { LIST_KINDS, type ListMethod } from './listKinds';
import type { PostExchange } from './postExchange';
import type { TaskTable } from './taskTable';
import type { UpstreamConnection } from './upstreamConnection';

const MAX_PAGES = 64;
/** Of one server's list, all pages together. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;
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

export interface ListRequest {
  readonly method: ListMethod;
  /** Number of the client's request frame. */
  readonly cause: number;
  /** The client's `_meta`, as JSON text. */
  readonly meta?: string;
  readonly exchange?: PostExchange;
}

export class Catalog {
  readonly #known = new Map<string, ServerList>();
  /** Lists that servers have been asked for and not given yet. */
  readonly #owed = new Map<string, Promise<readonly Page[]>>();

  constructor(
    private readonly tables: CatalogTables,
    private readonly hooks: CatalogHooks,
    private readonly clock: Clock,
    private readonly grace: Grace,
  ) {}

  /** The merged `result`, as JSON bytes. `connections` in configured order; never rejects. */
  async list(connections: readonly UpstreamConnection[], request: ListRequest): Promise<Buffer> {
    const { capability, member } = LIST_KINDS[request.method];
    const asked = connections.filter((connection) => connection.isReady && connection.hasCapability(capability));
    let isOver = false;
    const jobs = asked.map((connection) => {
      // A server that still owes an answer is not asked again: each question to a silent one would wait for ever.
      const owed = this.#owed.get(key(connection, request.method));
      if (owed) return owed;
      const job = fetchPages(connection, request, member).finally(() => this.#owed.delete(key(connection, request.method)));
      job.then(
        // Names are learnt in configured order below; of those that come late, when they come.
        (pages) => isOver && this.#late(connection, request.method, pages),
        () => undefined,
      );
      this.#owed.set(key(connection, request.method), job);
      return job;
    });
    const results = await settledWithin(jobs, this.grace, this.clock);
    isOver = true;
    const lists: ServerList[] = [];
    asked.forEach((connection, k) => {
      const pages = results[k];
      const list = pages ? this.#learn(connection, request.method, pages) : this.#known.get(key(connection, request.method));
      if (list) lists.push(list);
    });
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

  #learn(connection: UpstreamConnection, method: ListMethod, pages: readonly Page[]): ServerList {
    const { name, definitions } = connection;
    const list = expose(name, method, pages, this.tables, (bytes, index) => definitions.isVisible(bytes, index));
    if (list.isCut) this.hooks.onLimit(name, method, MAX_NAMES);
    this.#known.set(key(connection, method), list);
    this.hooks.onList(connection.name, method, list.hash);
    return list;
  }

  #late(connection: UpstreamConnection, method: ListMethod, pages: readonly Page[]): void {
    const before = this.#known.get(key(connection, method));
    const list = this.#learn(connection, method, pages);
    if (before?.hash !== list.hash) this.hooks.onLateList(connection, method);
  }
}

const COMMA = Buffer.from(',');

function key(connection: UpstreamConnection, method: ListMethod): string {
  return `${method}\n${connection.name}`;
}

interface Page {
  readonly bytes: Buffer;
  readonly result: Span;
  readonly items: readonly Span[];
}

async function fetchPages(connection: UpstreamConnection, request: ListRequest, member: string): Promise<Page[]> {
  const pages: Page[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  let size = 0;
  while (pages.length < MAX_PAGES && size < MAX_LIST_BYTES) {
    const params: string[] = [];
    if (cursor !== undefined) params.push(`"cursor":${cursor}`);
    if (request.meta !== undefined) params.push(`"_meta":${request.meta}`);
    const text = params.length === 0 ? undefined : `{${params.join(',')}}`;
    const frame = await connection.request(request.method, text, request.cause, { exchange: request.exchange });
    const { bytes, envelope } = frame;
    if (!envelope.resultSpan) {
      // What came before the error is good.
      if (pages.length > 0) break;
      throw new Error(`Server "${connection.name}" answered ${request.method} with an error`);
    }
    size += bytes.length;
    pages.push({
      bytes,
      result: envelope.resultSpan,
      items: elementsOf(bytes, findMember(bytes, envelope.resultSpan, member)),
    });
    const next = findMember(bytes, envelope.resultSpan, 'nextCursor');
    if (decodeString(bytes, next) === undefined) break;
    cursor = rawText(bytes, next!);
    // A server that gives the same cursor again would go round in circles.
    if (seen.has(cursor)) break;
    seen.add(cursor);
  }
  return pages;
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
    case 'tasks/list': {
      const id = decodeString(item, findMember(item, whole, 'taskId'));
      if (id !== undefined) tables.tasks.set(id, server);
    }
  }
  return edits;
}
