/**
 * Owns what can be done with one recorded call besides reading it: check its answer against the output schema, take media out of it,
 * show the definition it ran under, open a link from it, send it again. Everything in a call is from anyone; ids and pointers come from a
 * webview that can send anything.
 */
import { Buffer } from 'node:buffer';
import { domainToUnicode } from 'node:url';
import type { Redactor } from '../capture/redactor';
import type { CallFinding, DefinitionRef, Finding } from '../contract/findings';
import type { DefinitionVersion } from '../contract/governance';
import type { CallDetail, CallRow } from '../contract/traffic';
import type { PayloadRef, SchemaCheck } from '../contract/trafficApi';
import { literalTerm, textTerm } from '../query/print';
import { secretsInMessage } from '../security/messageSecrets';
import type { TrafficStore } from '../store/types';
import { AppError } from '../util/errors';
import { isJsonObject, tryParseJson, type JsonObject, type JsonValue } from '../util/json';
import { fileEnding, mediaFamily, mediaTypeOf } from '../util/mediaType';
import { bodyParts } from './bodyParts';
import { callsUsing, kindUsedBy } from './flaggedCalls';
import { openingOf, textAt } from './recordedRequest';
import type { PlaygroundPort } from './playgroundPort';

/** What only the editor can do. */
export interface CallActionsPort {
  /** Shows the content in the editor's viewer for its kind, or asks where to and writes it there. */
  openContent(ref: PayloadRef, pointer: string, file: ContentFile, how: 'open' | 'save'): Promise<void>;
  /** Shows the whole address and opens it when the user agrees. */
  openLink(link: CheckedLink): Promise<void>;
  /** Shows a version of a definition, read-only. */
  showDefinition(definition: DefinitionRef, hash: string): Promise<void>;
  /** Shows two versions of a definition side by side. */
  compareDefinitions(definition: DefinitionRef, left: string, right: string): Promise<void>;
  /** Asks whether the call is to be made again. */
  confirmResend(question: ResendQuestion): Promise<boolean>;
}

export interface CallActionsParts {
  readonly store: () => Promise<Pick<TrafficStore, 'page' | 'call' | 'body'>>;
  readonly checkSchema: (schemaText: string, valueText: string) => Promise<SchemaCheck>;
  readonly editor: CallActionsPort;
  /** What the local checks say of what a server defines. */
  readonly findings: (server: string) => readonly Finding[];
  /** Every version kept of a definition, the one listed last first; empty where nothing is known of it (any more). */
  readonly versions: (definition: DefinitionRef) => readonly DefinitionVersion[];
  /** The user's own: it says what is a secret in a message. */
  readonly redactor: Redactor;
  /** Absent: there is none (yet). */
  readonly playground: () => PlaygroundPort | undefined;
}

/** A content block as a file. */
export interface ContentFile {
  readonly bytes: Uint8Array;
  /** Name with an ending that says what the bytes are; safe in any file system. */
  readonly name: string;
  /** What the bytes say they are; text where they are valid UTF-8. */
  readonly family: 'image' | 'audio' | 'video' | 'text' | 'other';
}

export interface CheckedLink {
  /** As the browser will get it: host in ASCII. */
  readonly url: string;
  readonly host: string;
  /** The host as people read it, where it is another (punycode). */
  readonly readableHost?: string;
  /** A name or password stands before the host, which may be there to be taken for it. */
  readonly hasUser: boolean;
}

export interface ResendQuestion {
  readonly server: string;
  readonly what: string;
  readonly isTool: boolean;
  /** `undefined`: its definition was not found in the log. */
  readonly isReadOnly: boolean | undefined;
  readonly isRedacted: boolean;
  /** First 1,000 characters. */
  readonly argumentsText: string;
}

interface UsedDefinition {
  readonly ref: DefinitionRef;
  readonly version: DefinitionVersion;
  /** The one listed last; the same where it still is that. */
  readonly latest: DefinitionVersion;
}

/** Characters of a text that is read whole. */
export const MAX_WHOLE = 64_000_000;
const PART = 8_000_000;
/** What of a message is looked through for secrets, characters; all of it was when it was recorded. */
const MAX_CHECKED = 200_000;
const MAX_FINDINGS = 50;
const MAX_LINK = 2_000;
const MAX_POINTER = 2_000;
/** Lists looked into for the tool's definition. */
const MAX_LISTS = 10;

export class CallActions {
  constructor(private readonly parts: CallActionsParts) {}

  /**
   * Findings about the tool, prompt or resource that was used as the server defines it now, about the server's instructions,
   * and about secrets in the beginning of request and answer.
   */
  async findings(id: string): Promise<readonly CallFinding[]> {
    const detail = await (await this.parts.store()).call(id);
    if (!detail) return [];
    const { server, name, method } = detail.row;
    const kind = kindUsedBy(method);
    const about = ({ place }: Finding): boolean =>
      place.in === 'definition' && ((place.kind === kind && place.name === name) || (kind !== undefined && place.kind === 'instructions'));
    return [
      ...(server === undefined ? [] : this.parts.findings(server).filter(about).map(withCalls)),
      ...[detail.request, detail.response].flatMap((frame) => (frame ? this.#secretsIn(frame.text.slice(0, MAX_CHECKED)) : [])),
    ].slice(0, MAX_FINDINGS);
  }

  /** The version of its definition that the call ran under. `undefined`: it is not known, or not kept. */
  async definition(id: string): Promise<DefinitionVersion | undefined> {
    const detail = await (await this.parts.store()).call(id);
    return detail && this.#definitionOf(detail.row)?.version;
  }

  async openDefinition(id: string): Promise<void> {
    const { ref, version } = await this.#definition(id);
    await this.parts.editor.showDefinition(ref, version.hash);
  }

  /** What the call ran under on the left, what is listed now (or was last) on the right. */
  async compareDefinition(id: string): Promise<void> {
    const { ref, version, latest } = await this.#definition(id);
    await this.parts.editor.compareDefinitions(ref, version.hash, latest.hash);
  }

  async #definition(id: string): Promise<UsedDefinition> {
    const used = this.#definitionOf((await this.#detail(id)).row);
    if (!used) throw new AppError('notFound', 'The definition this call ran under is not among those kept of its server.');
    return used;
  }

  /** The log has the beginning of the hash. Where several versions begin so, none can be said to be the one. */
  #definitionOf({ server, method, name, definition }: CallRow): UsedDefinition | undefined {
    const kind = kindUsedBy(method);
    if (server === undefined || name === undefined || definition === undefined || kind === undefined) return undefined;
    const ref = { server, kind, name };
    const versions = this.parts.versions(ref);
    const [version, another] = versions.filter(({ hash }) => hash.startsWith(definition));
    return version && !another ? { ref, version, latest: versions[0]! } : undefined;
  }

  /** Messages with the same mark can be searched for; a secret that was recorded as it was cannot be named. */
  #secretsIn(text: string): readonly CallFinding[] {
    const bytes = Buffer.from(text);
    return secretsInMessage(text, this.parts.redactor).map((finding) => {
      const { place, excerpt } = finding;
      const isMark = place.in === 'message' && excerpt !== undefined && bytes.toString('utf8', place.start, place.end) === excerpt;
      return isMark ? { ...finding, calls: textTerm(excerpt) } : finding;
    });
  }

  /** A recorded text however long. Rejects with `query.invalid` above `MAX_WHOLE` bytes. */
  async whole(ref: PayloadRef): Promise<string> {
    const store = await this.parts.store();
    const detail = await store.call(ref.id);
    const frame = detail?.[ref.part];
    if (!frame) throw new AppError('notFound', `The ${ref.part} of this call is not in the audit log.`);
    if (!frame.truncated) return frame.text;
    const texts: string[] = [];
    for await (const { text, totalBytes } of bodyParts(store, ref, PART)) {
      if (totalBytes > MAX_WHOLE) throw new AppError('query.invalid', `This message has ${Math.round(totalBytes / 1_000_000)} MB, which is too much for that. Export the call instead.`);
      texts.push(text);
    }
    return texts.join('');
  }

  async checkOutput(id: string): Promise<SchemaCheck> {
    const detail = await this.#detail(id);
    if (detail.outputSchema === undefined) return { kind: 'unusable', message: 'the definition of the tool was not found in the log, or has no output schema.' };
    if (!detail.response) return { kind: 'unusable', message: 'there is no answer.' };
    const text = textAt(await this.whole({ id, part: 'response' }), 'result', 'structuredContent');
    if (text === undefined) return { kind: 'problems', problems: [{ path: '', message: 'is missing, although the tool has an output schema' }] };
    return this.parts.checkSchema(detail.outputSchema, text);
  }

  /** The content block at `pointer` of a recorded message. */
  async content(ref: PayloadRef, pointer: string): Promise<ContentFile> {
    if (typeof pointer !== 'string' || pointer.length > MAX_POINTER) throw new AppError('query.invalid', 'pointer must be a JSON Pointer.');
    const message = tryParseJson(await this.whole(ref));
    const block = valueAt(message, pointer);
    const file = isJsonObject(block) ? fileOf(block) : undefined;
    if (!file) throw new AppError('notFound', 'There is no media or file at this place of the message.');
    return file;
  }

  async openContent(ref: PayloadRef, pointer: string, how: 'open' | 'save'): Promise<void> {
    await this.parts.editor.openContent(ref, pointer, await this.content(ref, pointer), how === 'save' ? 'save' : 'open');
  }

  async openLink(url: string): Promise<void> {
    await this.parts.editor.openLink(checkedLink(url));
  }

  async openInPlayground(id: string): Promise<void> {
    const detail = await this.#detail(id);
    await this.#playground().open(openingOf(detail, await this.#requestText(detail)));
  }

  /** Asks first, except for what cannot change anything: tools marked read-only, and reading prompts, resources and lists. */
  async resend(id: string): Promise<void> {
    const playground = this.#playground();
    const detail = await this.#detail(id);
    const opening = openingOf(detail, await this.#requestText(detail));
    const { target, argumentsText = '', isRedacted } = opening;
    const isTool = target.kind === 'tool';
    const isReadOnly = isTool ? await this.#isReadOnly(detail) : target.kind === 'prompt' || target.kind === 'resource' || READING.has(target.name);
    // What was read-only when it was recorded may be another tool now: the Playground goes by what the server lists, and the setting.
    const isAgreed = isReadOnly !== true;
    if (isAgreed || isRedacted) {
      const agreed = await this.parts.editor.confirmResend({ server: target.server, what: target.name, isTool, isReadOnly, isRedacted, argumentsText: argumentsText.slice(0, 1_000) });
      if (!agreed) return;
    }
    await playground.resend(opening, isAgreed);
  }

  #playground(): PlaygroundPort {
    const playground = this.parts.playground();
    if (!playground) throw new AppError('query.invalid', 'The Playground is not there. Reload the window and try again.');
    return playground;
  }

  async #detail(id: string): Promise<CallDetail> {
    const detail = await (await this.parts.store()).call(id);
    if (!detail) throw new AppError('notFound', 'This call is no longer in the audit log.');
    return detail;
  }

  /** As the server saw it: its own names, not the gateway's. */
  #requestText({ row, upstreamRequest }: CallDetail): Promise<string> {
    return this.whole({ id: row.id, part: upstreamRequest ? 'upstreamRequest' : 'request' });
  }

  /** What the tool's definition said in the lists of its server that were read last before the call, else in any. */
  async #isReadOnly({ row }: CallDetail): Promise<boolean | undefined> {
    if (row.server === undefined || row.name === undefined) return undefined;
    const store = await this.parts.store();
    const filter = `${literalTerm('server', row.server)} ${literalTerm('method', 'tools/list')}`;
    const { rows } = await store.page({ filter, position: { kind: 'newest' }, limit: 100 });
    const before = rows.filter(({ timeMs }) => timeMs <= row.timeMs);
    for (const list of [...before, ...rows.filter((one) => !before.includes(one))].slice(0, MAX_LISTS)) {
      const detail = await store.call(list.id);
      const part = detail?.upstreamResponse ? 'upstreamResponse' : 'response';
      if (!detail?.[part]) continue;
      const answer = tryParseJson(await this.whole({ id: list.id, part }));
      const tools = valueAt(answer, '/result/tools');
      const tool = Array.isArray(tools) ? tools.find((one) => isJsonObject(one) && one['name'] === row.name) : undefined;
      if (isJsonObject(tool)) return isJsonObject(tool['annotations']) && tool['annotations']['readOnlyHint'] === true;
    }
    return undefined;
  }
}

function withCalls(finding: Finding): CallFinding {
  const calls = finding.place.in === 'definition' ? callsUsing(finding.place) : undefined;
  return calls === undefined ? finding : { ...finding, calls };
}

/** Methods that only read. */
const READING: ReadonlySet<string> = new Set(['ping', 'tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'completion/complete', 'tasks/list', 'tasks/get']);

/** Checks an address of a recorded message; throws `query.invalid` for what is not opened from here. */
export function checkedLink(url: unknown): CheckedLink {
  if (typeof url !== 'string' || url.length > MAX_LINK) throw new AppError('query.invalid', `Only addresses of at most ${MAX_LINK.toLocaleString('en')} characters are opened.`);
  // A blank or a character that cannot be seen is dropped or encoded on the way: what would be opened is not what is shown.
  if (!/^https?:\/\/[^\s/]/i.test(url) || /[\p{Cc}\p{Cf}\s]/u.test(url) || !URL.canParse(url)) throw new AppError('query.invalid', 'Only http and https addresses are opened.');
  const parsed = new URL(url);
  const readable = domainToUnicode(parsed.hostname);
  return {
    url: parsed.href,
    host: parsed.host,
    ...(readable !== '' && readable !== parsed.hostname ? { readableHost: readable } : {}),
    hasUser: parsed.username !== '' || parsed.password !== '',
  };
}

/** The value a JSON Pointer (RFC 6901) leads to. */
export function valueAt(value: JsonValue | undefined, pointer: string): JsonValue | undefined {
  let at = value;
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as JsonObject)[key];
  }
  return at;
}

/** A content block as a file; `undefined` where it is none. */
export function fileOf(block: JsonObject): ContentFile | undefined {
  const inner = isJsonObject(block['resource']) ? block['resource'] : block;
  const uri = typeof inner['uri'] === 'string' ? inner['uri'] : '';
  const declared = typeof inner['mimeType'] === 'string' ? inner['mimeType'] : undefined;
  const data = [inner['data'], inner['blob']].find((value) => typeof value === 'string');
  if (typeof data === 'string') {
    const bytes = Buffer.from(data, 'base64');
    const actual = mediaTypeOf(bytes.subarray(0, 4_096));
    const family = actual === undefined ? undefined : mediaFamily(actual);
    // An SVG is a document that can act: it is only ever text.
    if (actual !== undefined && actual !== 'image/svg+xml' && family !== 'document') return { bytes, name: nameOf(uri, fileEnding(actual) ?? 'bin'), family: family ?? 'other' };
    const isText = actual === undefined || actual === 'image/svg+xml' ? isUtf8(bytes) : false;
    const ending = (actual !== undefined ? fileEnding(actual) : undefined) ?? (isText ? textEnding(declared) : 'bin');
    return { bytes, name: nameOf(uri, ending), family: isText ? 'text' : 'other' };
  }
  if (typeof inner['text'] !== 'string') return undefined;
  return { bytes: Buffer.from(inner['text']), name: nameOf(uri, textEnding(declared)), family: 'text' };
}

function textEnding(declared: string | undefined): string {
  const ending = declared === undefined ? undefined : fileEnding(declared);
  return ending !== undefined && declared !== undefined && /^(?:text\/|application\/(?:json|xml)|image\/svg)/i.test(declared) ? ending : 'txt';
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    // eslint-disable-next-line no-control-regex
    return !/[\u0000-\u0008\u000e-\u001a]/.test(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return false;
  }
}

/** The last part of the URI, if it says anything, with the ending of what it is. */
function nameOf(uri: string, ending: string): string {
  const last = uri.split(/[?#]/)[0]?.split('/').at(-1) ?? '';
  const stem = last
    .replace(/\.[A-Za-z0-9]{1,8}$/, '')
    .replace(/[^\p{L}\p{N}_-]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `${stem === '' ? 'content' : stem}.${ending}`;
}
