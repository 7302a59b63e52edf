/**
 * Owns what one session knows of one server's definitions: reads every list that passes, tells governance, decides what
 * is left out of it and which calls are refused, and says under which definition a call runs. Changes no byte itself.
 *
 * Without governance, and without rules of the team file for this server, it reads nothing at all.
 */
import type { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { DefinitionKind, DefinitionState } from '../contract/governance';
import { cutElements } from '../mcp/cut';
import type { Envelope } from '../mcp/envelope';
import { decodeString, elementsOf, findMember, keyIs, walkMembers, type Edit, type Span } from '../mcp/spans';
import type { Listed, Listing } from '../security/definitions';
import { definitionHash } from '../security/definitionsHash';
import { ToolFilter, type Rule } from '../security/policy';
import type { GatewayGovernance } from '../security/policyPorts';
import type { ConfiguredServer } from '../servers/types';
import { isListMethod, LIST_KINDS } from './listKinds';

/** One element of a list that was read. */
interface ReadItem {
  readonly span: Span;
  /** Why it is left out. */
  readonly rule: Rule | undefined;
}

interface Known {
  readonly hash: string;
  readonly state: DefinitionState;
  readonly listing: Listing | undefined;
}

/** A list that is being read page by page; `expects`: the cursor of its next page. */
interface Chain {
  readonly listing: Listing;
  expects: string | undefined;
}

/** What a call must wait for: the definition of its tool is not known in this session, and policy may block it. */
export const UNKNOWN = 'unknown';

const KIND_OF_CALL: Readonly<Record<string, DefinitionKind>> = {
  'tools/call': 'tool',
  'prompts/get': 'prompt',
  'resources/read': 'resource',
};
/** Definitions of one server that one session remembers. */
const MAX_KNOWN = 10_000;
/** Sorted forms are long to make: of definitions seen before, in any session, the hash is looked up by the bytes'. */
const MAX_HASHES = 20_000;
const hashes = new Map<string, string>();

const AMBIGUOUS: Rule = {
  rule: 'ambiguous name',
  refuses: true,
  message: 'MCP Shark refused the call: it names two tools, and the configuration or policy has rules for tools. Send "name" once.',
};

export class DefinitionWatch {
  readonly #known = new Map<string, Known>();
  readonly #chains = new Map<DefinitionKind, Chain>();
  /** Cursors of list requests under way, by the object that stands for the request. */
  readonly #cursors = new WeakMap<object, string>();
  readonly #readings = new WeakMap<Buffer, readonly ReadItem[]>();
  #filter: ToolFilter;
  #isFull = false;
  #isStale = false;

  constructor(
    private server: ConfiguredServer,
    private readonly governance: GatewayGovernance | undefined,
    /** Told once when a server lists more than is remembered. */
    private readonly onFull: (limit: number) => void,
  ) {
    this.#filter = new ToolFilter(server.name, server.tools);
  }

  /** Takes over what the configuration says now; what runs is the same. */
  adopt(server: ConfiguredServer): void {
    this.server = server;
    this.#filter = new ToolFilter(server.name, server.tools);
  }

  /** Nothing to look at and nothing to refuse. */
  get isIdle(): boolean {
    return !this.governance && this.#filter.isEmpty;
  }

  /** A list request leaves. `request` stands for it until `answered`. */
  asked(request: object, method: string, bytes: Buffer, params: Span | undefined): void {
    if (this.isIdle || !isListMethod(method)) return;
    const cursor = decodeString(bytes, findMember(bytes, params, 'cursor'));
    if (cursor !== undefined) this.#cursors.set(request, cursor);
  }

  /** The server says that its tools have changed, or policy did: what is known may no longer hold. */
  markStale(): void {
    this.#isStale = true;
  }

  /** The server has answered `initialize`; `result`: where its result stands. */
  handshake(bytes: Buffer, result: Span): void {
    const { governance, server } = this;
    if (!governance) return;
    for (const kind of ['instructions', 'serverInfo'] as const) {
      const span = findMember(bytes, result, kind);
      const text = span && bytes.subarray(span.start, span.end);
      const listing = governance.listing(server, kind);
      if (text && text.toString('latin1') !== 'null') listing.page([{ name: '', hash: hashOf(text), bytes: text }]);
      governance.listed(server, listing.end(true));
    }
    const capabilities = findMember(bytes, result, 'capabilities');
    for (const { capability, defines } of Object.values(LIST_KINDS)) {
      if (defines && !findMember(bytes, capabilities, capability)) governance.lacks(server, defines);
    }
  }

  /** A list has been answered; reads it, before anybody else does. */
  answered(request: object, method: string, bytes: Buffer, envelope: Envelope): void {
    if (this.isIdle || !isListMethod(method) || !envelope.resultSpan) return;
    const { member, key, defines } = LIST_KINDS[method];
    if (!defines) return;
    const result = envelope.resultSpan;
    const spans = elementsOf(bytes, findMember(bytes, result, member));
    const listing = this.governance && this.#chain(defines, this.#cursors.get(request));
    const listed: Listed[] = [];
    const places: number[] = [];
    spans.forEach((span, k) => {
      const name = decodeString(bytes, findMember(bytes, span, key));
      if (name === undefined) return;
      const text = bytes.subarray(span.start, span.end);
      listed.push({ name, hash: hashOf(text), bytes: text });
      places.push(k);
    });
    const states = listing?.page(listed);
    const rules: (Rule | undefined)[] = spans.map(() => undefined);
    listed.forEach((item, k) => {
      const state = states?.[k] ?? 'approved';
      this.#remember(defines, item, state, listing);
      if (defines === 'tool') rules[places[k]!] = this.#ruleFor(item.name, item.hash, state, item.bytes);
    });
    this.#readings.set(bytes, spans.map((span, k) => ({ span, rule: rules[k] })));
    this.#pageRead(defines, decodeString(bytes, findMember(bytes, result, 'nextCursor')));
    if (defines === 'tool') this.#isStale = false;
  }

  /** The listing that a page belongs to: a first page begins one, and ends the one before. */
  #chain(kind: DefinitionKind, cursor: string | undefined): Listing {
    const chain = this.#chains.get(kind);
    if (chain && cursor !== undefined) {
      // One that is asked for out of turn says nothing about what is missing.
      if (chain.expects !== cursor) chain.expects = undefined;
      return chain.listing;
    }
    if (chain) this.#report(chain.listing, false);
    const listing = this.governance!.listing(this.server, kind);
    this.#chains.set(kind, { listing, expects: cursor === undefined ? '' : undefined });
    return listing;
  }

  #pageRead(kind: DefinitionKind, next: string | undefined): void {
    const chain = this.#chains.get(kind);
    if (!chain) return;
    const isInTurn = chain.expects !== undefined;
    if (next !== undefined) {
      if (isInTurn) chain.expects = next;
      return;
    }
    this.#chains.delete(kind);
    this.#report(chain.listing, isInTurn);
  }

  #report(listing: Listing, isWhole: boolean): void {
    this.governance?.listed(this.server, listing.end(isWhole));
  }

  #remember(kind: DefinitionKind, { name, hash }: Listed, state: DefinitionState, listing: Listing | undefined): void {
    const key = keyOf(kind, name);
    const before = this.#known.get(key);
    // Of two under one name the one that is not approved counts.
    if (before && listing && before.listing === listing && before.state !== 'approved') return;
    if (!before && this.#known.size >= MAX_KNOWN) {
      if (!this.#isFull) this.onFull(MAX_KNOWN);
      this.#isFull = true;
      return;
    }
    this.#known.set(key, { hash, state, listing });
  }

  /** Policy is asked whatever the team file says: what it finds in a definition holds for calls, of hidden tools too. */
  #ruleFor(name: string, hash: string, state: DefinitionState, bytes: Buffer): Rule | undefined {
    const policy = this.governance?.ruleForTool(this.server, { name, hash, state, bytes });
    const own = this.#filter.ruleFor(name);
    return own?.refuses ? own : (policy ?? own);
  }

  /** The edits that take out of a list's answer what clients are not to see. */
  cuts(bytes: Buffer): Edit[] {
    const items = this.#readings.get(bytes);
    if (!items?.some(({ rule }) => rule)) return [];
    return cutElements(items.map(({ span }) => span), (k) => items[k]!.rule !== undefined);
  }

  /** Whether clients are to see an element of a list's answer. */
  isVisible(bytes: Buffer, index: number): boolean {
    return this.#readings.get(bytes)?.[index]?.rule === undefined;
  }

  /** Why a call is refused; `undefined`: it may go. `UNKNOWN`: the tools must be listed first. */
  refusal(bytes: Buffer, params: Span | undefined, name: string): Rule | typeof UNKNOWN | undefined {
    const isStrict = this.governance?.isStrict ?? false;
    if (this.#filter.isEmpty && !isStrict) return undefined;
    if (namesTwice(bytes, params)) return AMBIGUOUS;
    const rule = this.#filter.ruleFor(name);
    if (rule?.refuses) return rule;
    // A tool that the team file hides is under the user's policy as every other: a workspace can take nothing away.
    if (!isStrict) return undefined;
    const known = this.#known.get(keyOf('tool', name));
    if (!known || this.#isStale) return UNKNOWN;
    return this.governance!.ruleForTool(this.server, { name, hash: known.hash, state: known.state });
  }

  /** The rule for a tool that the server does not list, where only listed ones may be called. */
  unlisted(name: string): Rule | undefined {
    const known = this.#known.get(keyOf('tool', name));
    if (known) return this.governance?.ruleForTool(this.server, { name, hash: known.hash, state: known.state });
    return this.governance?.ruleForTool(this.server, { name, hash: '', state: 'new' });
  }

  /** First 16 hex digits of the hash under which a request's tool, prompt or resource was last listed in this session. */
  definitionOf(method: string, bytes: Buffer, { params }: Envelope): string | undefined {
    if (!this.governance || this.#known.size === 0) return undefined;
    const kind = KIND_OF_CALL[method];
    if (kind === undefined) return undefined;
    const name = decodeString(bytes, kind === 'resource' ? params?.uri : params?.name);
    return name === undefined ? undefined : this.#known.get(keyOf(kind, name))?.hash.slice(0, 16);
  }

  /** The session is over: a list that was not read to its end says what it can. */
  close(): void {
    for (const { listing } of this.#chains.values()) this.#report(listing, false);
    this.#chains.clear();
  }
}

const keyOf = (kind: DefinitionKind, name: string): string => `${kind}\n${name}`;

function hashOf(bytes: Buffer): string {
  const key = createHash('sha256').update(bytes).digest('base64');
  const known = hashes.get(key);
  if (known !== undefined) return known;
  const hash = definitionHash(bytes);
  if (hashes.size >= MAX_HASHES) hashes.clear();
  hashes.set(key, hash);
  return hash;
}

/** Whether `name` stands twice in a request's params: readers disagree on which one counts. */
function namesTwice(bytes: Buffer, params: Span | undefined): boolean {
  let count = 0;
  if (params) {
    walkMembers(bytes, params.start, (keyStart, keyEnd) => {
      if (keyIs(bytes, keyStart, keyEnd, 'name')) count++;
    });
  }
  return count > 1;
}
