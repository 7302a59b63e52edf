/**
 * Owns a recorded text too long to be sent whole: its bytes come in parts as they are looked at, a few parts are kept. Also searches it
 * from the beginning, part by part, and says how far it has come. Every failure is shown and can be tried again; nothing throws.
 */
import { batch, signal } from '@preact/signals';
import type { BodyPart } from '../../../extension/contract/traffic';
import type { PayloadRef } from '../../../extension/contract/trafficApi';
import type { Disposable } from '../../../extension/util/lifecycle';
import type { ByteSource } from '../../components/byteSource';
import { MAX_MATCHES } from '../../components/find';
import type { ByteMatch } from '../../components/LongText';

/** Bytes of a part that is looked at. */
const PART = 65_536;
/** Parts are asked for with this much around them: the store moves their ends to where characters begin. */
const MARGIN = 4;
/** Parts kept: 16 MB. */
const KEPT = 256;
/** Parts asked for at once; who drags the bar from end to end is not after all he passes. */
const AT_ONCE = 4;
const SEARCH_PART = 1_000_000;
/** The whole text is loaded for forms that need it up to this size, bytes. */
export const MAX_LOADED = 20_000_000;

export type ReadBody = (ref: PayloadRef, fromByte: number, limit: number) => Promise<BodyPart>;

export interface SearchState {
  readonly query: string;
  readonly matches: readonly ByteMatch[];
  /** Bytes searched so far. */
  readonly done: number;
  readonly isRunning: boolean;
}

const NO_SEARCH: SearchState = { query: '', matches: [], done: 0, isRunning: false };

export class BigBody implements ByteSource, Disposable {
  readonly revision = signal(0);
  readonly search = signal<SearchState>(NO_SEARCH);
  /** Why the last part did not come. */
  readonly failure = signal<unknown>(undefined);
  /** The whole text, once it was asked for and is here; `undefined` before. */
  readonly whole = signal<string | undefined>(undefined);
  /** Bytes loaded of the whole; `undefined` while nobody asked for it. */
  readonly loaded = signal<number | undefined>(undefined);

  readonly #parts = new Map<number, Uint8Array>();
  readonly #asked = new Set<number>();
  #queue: number[] = [];
  #length = 0;
  #searches = 0;
  #loads = 0;
  #isDisposed = false;

  constructor(
    private readonly ref: PayloadRef,
    private readonly readBody: ReadBody,
  ) {
    this.#measure();
  }

  /** Of the recorded text (which may be shorter than what was on the wire), bytes; 0 until it is known. */
  get length(): number {
    return this.#length;
  }

  #measure(): void {
    this.readBody(this.ref, 0, 1).then(
      ({ totalBytes }) => {
        if (this.#isDisposed) return;
        this.#length = totalBytes;
        this.revision.value += 1;
      },
      (error: unknown) => {
        this.failure.value = error;
      },
    );
  }

  read(from: number, to: number): Uint8Array | undefined {
    const first = Math.floor(from / PART);
    const last = Math.floor(Math.max(from, to - 1) / PART);
    if (first === last) {
      const part = this.#part(first);
      return part?.subarray(from - first * PART, to - first * PART);
    }
    const bytes = new Uint8Array(to - from);
    for (let index = first; index <= last; index += 1) {
      const part = this.#part(index);
      if (!part) return undefined;
      const start = index * PART;
      bytes.set(part.subarray(Math.max(0, from - start), Math.min(part.length, to - start)), Math.max(0, start - from));
    }
    return bytes;
  }

  #part(index: number): Uint8Array | undefined {
    const part = this.#parts.get(index);
    if (part) {
      // Kept longest what was looked at last.
      this.#parts.delete(index);
      this.#parts.set(index, part);
      return part;
    }
    if (this.failure.peek() === undefined && !this.#asked.has(index)) {
      this.#queue = [index, ...this.#queue.filter((other) => other !== index)].slice(0, AT_ONCE * 4);
      this.#pump();
    }
    return undefined;
  }

  #pump(): void {
    while (this.#asked.size < AT_ONCE && !this.#isDisposed) {
      const index = this.#queue.shift();
      if (index === undefined) return;
      this.#asked.add(index);
      this.#load(index).then(
        (bytes) => this.#came(index, bytes),
        (error: unknown) => this.#came(index, undefined, error),
      );
    }
  }

  async #load(index: number): Promise<Uint8Array> {
    const from = index * PART;
    const to = Math.min(from + PART, this.length);
    const asked = Math.max(0, from - MARGIN);
    const part = await this.readBody(this.ref, asked, to + MARGIN - asked);
    const bytes = new TextEncoder().encode(part.text);
    const start = from - part.fromByte;
    if (start < 0 || start + (to - from) > bytes.length) throw new Error(`bytes ${from} to ${to} were not in the answer`);
    return bytes.slice(start, start + (to - from));
  }

  #came(index: number, bytes: Uint8Array | undefined, error?: unknown): void {
    this.#asked.delete(index);
    if (this.#isDisposed) return;
    batch(() => {
      if (bytes) this.#parts.set(index, bytes);
      else this.failure.value = error;
      for (const old of [...this.#parts.keys()].slice(0, Math.max(0, this.#parts.size - KEPT))) this.#parts.delete(old);
      this.revision.value += 1;
    });
    this.#pump();
  }

  /** Tries again what failed. */
  retry(): void {
    this.failure.value = undefined;
    if (this.#length === 0) this.#measure();
    this.revision.value += 1;
  }

  /** Looks for a text, in any case, from the beginning; an empty one ends the search. */
  find(query: string): void {
    const number = ++this.#searches;
    this.search.value = { ...NO_SEARCH, query, isRunning: query !== '' };
    if (query !== '') void this.#search(number);
  }

  /** Holds the search where it is. */
  stopSearch(): void {
    this.#searches += 1;
    this.search.value = { ...this.search.value, isRunning: false };
  }

  /** Goes on where it was held, or found enough. */
  resumeSearch(): void {
    const state = this.search.value;
    if (state.isRunning || state.query === '' || state.done >= this.length) return;
    this.search.value = { ...state, isRunning: true };
    void this.#search(++this.#searches);
  }

  async #search(number: number): Promise<void> {
    const query = this.search.peek().query;
    const pattern = new RegExp(query.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
    // A match may lie across two parts: the next one begins so much earlier. In other case a character may be longer.
    const overlap = new TextEncoder().encode(query).length * 2 + MARGIN;
    try {
      while (number === this.#searches && !this.#isDisposed) {
        const { done, matches } = this.search.peek();
        const isLast = this.length > 0 && done >= this.length;
        if (isLast || matches.length >= MAX_MATCHES) {
          this.search.value = { ...this.search.peek(), isRunning: false };
          return;
        }
        const part = await this.readBody(this.ref, Math.max(0, done - overlap), SEARCH_PART);
        if (number !== this.#searches || this.#isDisposed) return;
        const state = this.search.peek();
        const found = matchesIn(part, pattern, state.matches.at(-1)?.to ?? 0, MAX_MATCHES - state.matches.length);
        // However little came: the end is reached in the end.
        const next = part.toByte > state.done ? part.toByte : part.totalBytes;
        this.#length = part.totalBytes;
        this.search.value = { ...state, matches: [...state.matches, ...found], done: next };
      }
    } catch (error) {
      if (number !== this.#searches) return;
      batch(() => {
        this.failure.value = error;
        this.search.value = { ...this.search.peek(), isRunning: false };
      });
    }
  }

  /** Loads the whole text into `whole`, part by part. */
  loadAll(): void {
    if (this.whole.peek() !== undefined || this.loaded.peek() !== undefined || this.length === 0 || this.length > MAX_LOADED) return;
    this.loaded.value = 0;
    void this.#loadAll(++this.#loads);
  }

  stopLoading(): void {
    this.#loads += 1;
    this.loaded.value = undefined;
  }

  async #loadAll(number: number): Promise<void> {
    const texts: string[] = [];
    try {
      for (let at = 0; at < this.length; ) {
        const part = await this.readBody(this.ref, at, SEARCH_PART);
        if (number !== this.#loads || this.#isDisposed) return;
        if (part.toByte <= at) throw new Error(`nothing came after byte ${at}`);
        texts.push(part.text);
        at = part.toByte;
        this.loaded.value = at;
      }
      this.whole.value = texts.join('');
    } catch (error) {
      if (number !== this.#loads) return;
      batch(() => {
        this.failure.value = error;
        this.loaded.value = undefined;
      });
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#searches += 1;
    this.#loads += 1;
    this.#parts.clear();
    this.#queue = [];
  }
}

function matchesIn(part: BodyPart, pattern: RegExp, after: number, limit: number): ByteMatch[] {
  const encoder = new TextEncoder();
  const found: ByteMatch[] = [];
  let at = 0;
  let byte = part.fromByte;
  for (const match of part.text.matchAll(pattern)) {
    byte += encoder.encode(part.text.slice(at, match.index)).length;
    const to = byte + encoder.encode(match[0]).length;
    at = match.index + match[0].length;
    if (byte >= after) found.push({ from: byte, to });
    byte = to;
    if (found.length >= limit) break;
  }
  return found;
}
