/** Owns reading one list of one server to its end, page by page, within bounds that only a list without end reaches. */
import type { Buffer } from 'node:buffer';
import { decodeString, elementsOf, findMember, rawText, type Edit, type Span } from '../mcp/spans';
import { edited, type Frame } from './frame';
import { LIST_KINDS, type ListMethod } from './listKinds';
import type { OpenRequest } from './openRequests';
import type { UpstreamConnection } from './upstreamConnection';

/** Of one server's list, all pages together. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;
/** The same. A page counts as one at least: pages may be empty and have no end. */
const MAX_LIST_ITEMS = 50_000;

export interface ListRequest {
  readonly method: ListMethod;
  /** Number of the client's request frame. */
  readonly cause: number;
  /** The client's `_meta`, as JSON text. */
  readonly meta?: string;
  /** The client's request for this very list; absent where the gateway needs to know. */
  readonly open?: OpenRequest;
}

export interface Page {
  readonly bytes: Buffer;
  readonly result: Span;
  readonly items: readonly Span[];
}

export interface Pages {
  readonly pages: readonly Page[];
  /** The server has said all: not so where it gave an error instead of a page, or where the list goes on. */
  readonly isWhole: boolean;
  /** The list goes on beyond what is read. */
  readonly cut?: { readonly of: 'bytes' | 'items'; readonly limit: number };
}

/** The server has answered with an error. */
export class ListRefused extends Error {
  constructor(readonly answer: Frame) {
    super('The server has answered a list with an error');
  }
}

export class ListReading {
  /** Rejects with `ListRefused`, or with why no answer came. */
  readonly pages: Promise<Pages>;
  /** Requests that wait for it. */
  waiters = 1;
  readonly method: ListMethod;
  readonly #cause: number;
  /** Of the page that is asked for now. */
  #id = '';

  constructor(
    readonly connection: UpstreamConnection,
    request: ListRequest,
  ) {
    this.method = request.method;
    this.#cause = request.cause;
    this.pages = this.#read(request);
  }

  /** Passes a client's `notifications/cancelled` on; `id`: where it names the request. `more`: what else is mapped in it. `pages` is never settled then. */
  cancel(cancelled: Frame, id: Span, more: readonly Edit[]): void {
    this.connection.send(edited(cancelled, [{ span: id, text: this.#id }, ...more], this.connection.name, this.#cause));
    this.connection.forget(this.#id);
  }

  async #read({ method, cause, meta, open }: ListRequest): Promise<Pages> {
    const { member } = LIST_KINDS[method];
    const pages: Page[] = [];
    const seen = new Set<string>();
    let cursor: string | undefined;
    let size = 0;
    let count = 0;
    for (;;) {
      const params: string[] = [];
      if (cursor !== undefined) params.push(`"cursor":${cursor}`);
      if (meta !== undefined) params.push(`"_meta":${meta}`);
      const text = params.length === 0 ? undefined : `{${params.join(',')}}`;
      this.#id = this.connection.ownId();
      const answer = await this.connection.request(method, text, cause, { id: this.#id, exchange: open?.exchange });
      const { bytes, envelope } = answer;
      if (!envelope.resultSpan) {
        // What came before the error is good.
        if (pages.length > 0) return { pages, isWhole: false };
        throw new ListRefused(answer);
      }
      const items = elementsOf(bytes, findMember(bytes, envelope.resultSpan, member));
      pages.push({ bytes, result: envelope.resultSpan, items });
      size += bytes.length;
      count += Math.max(1, items.length);
      const next = findMember(bytes, envelope.resultSpan, 'nextCursor');
      if (decodeString(bytes, next) === undefined) return { pages, isWhole: true };
      cursor = rawText(bytes, next!);
      // A server that gives the same cursor again would go round in circles.
      if (seen.has(cursor)) return { pages, isWhole: true };
      seen.add(cursor);
      if (size >= MAX_LIST_BYTES) return { pages, isWhole: false, cut: { of: 'bytes', limit: MAX_LIST_BYTES } };
      if (count >= MAX_LIST_ITEMS) return { pages, isWhole: false, cut: { of: 'items', limit: MAX_LIST_ITEMS } };
    }
  }
}
