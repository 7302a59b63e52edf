/**
 * Owns planning how servers come under MCP Shark: each goes into the `mcp-shark.json` of its folder or of the user, and
 * out of the file it was found in. The editor's own files lose the entry, since MCP Shark registers with the editor itself;
 * files of other clients get one entry for the endpoint instead. Reads files, changes none.
 */
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { member, nodeAt, parseDocument, plainValue } from '../import/document';
import { strategyOf } from '../import/strategies';
import { isOwnEndpoint } from '../import/strategyParts';
import type { Address, Container, Endpoint, FoundServer, Place, Strategy } from '../import/types';
import type { WorkspaceFolderInfo } from '../variables';
import { type Draft, Drafts, hashOfValue } from './drafts';
import type { RoutingFs } from './files';
import type { ChangePlan } from './plan';
import { freeName, plainEntry, renameInput, targetEntry, withoutOwnKeys } from './targetEntry';
import { indentOf, indentUnit } from './textEdits';

export interface RouteRequest {
  readonly servers: readonly FoundServer[];
  /** All folders of the workspace: names are kept apart over all of them. */
  readonly folders: readonly WorkspaceFolderInfo[];
  /**
   * What becomes of the files of other clients. `point`: their entries are replaced by one for `endpoint`. `leave`: they
   * stay as they are, and only a copy of the servers is routed.
   */
  readonly otherClients: 'point' | 'leave';
  /** Needed for `point`. Its port must be one that stays. */
  readonly endpoint?: Endpoint;
}

export interface PointRequest {
  readonly targets: readonly { readonly strategy: string; readonly place: Place }[];
  readonly endpoint: Endpoint;
}

export interface PlanContext {
  readonly fs: RoutingFs;
  readonly userFile: string;
  readonly platform: NodeJS.Platform;
  readonly id: string;
}

/** An entry as it will stand in the target; `source`: its text, where it can be copied as it is written. */
interface TargetContent {
  readonly value: Record<string, unknown>;
  readonly source?: string;
  readonly notes: readonly string[];
}

const SERVERS = ['servers'];
const NO_ENDPOINT = 'Other clients need an address that stays: set "mcpShark.endpoint.port" to a port of your choice, then try again.';

export function workspaceFileOf(folder: WorkspaceFolderInfo): string {
  return path.join(folder.path, '.vscode', 'mcp-shark.json');
}

export async function planRoute(context: PlanContext, request: RouteRequest): Promise<ChangePlan> {
  return new RoutePlan(context, request).run();
}

class RoutePlan {
  readonly #drafts: Drafts;
  readonly #routed: string[] = [];
  /** Names in use, over all files. */
  readonly #names = new Set<string>();
  /** What was routed in this plan: names by target and what stands there. */
  readonly #done = new Map<string, string>();
  readonly #targets: Draft[] = [];

  constructor(
    private readonly context: PlanContext,
    private readonly request: RouteRequest,
  ) {
    this.#drafts = new Drafts(context.fs);
  }

  async run(): Promise<ChangePlan> {
    await this.#readNames();
    for (const server of this.request.servers) await this.#route(server);
    const { notes, problems } = this.#drafts;
    return { id: this.context.id, kind: 'route', files: this.#drafts.planned(), notes, problems, servers: this.#routed };
  }

  async #readNames(): Promise<void> {
    for (const file of [...this.request.folders.map(workspaceFileOf), this.context.userFile]) {
      const draft = await this.#target(file);
      if (draft) this.#targets.push(draft);
      for (const { key } of nodeAt(draft && parseDocument(draft.edit.text, 'jsonc').root, SERVERS)?.entries ?? []) this.#names.add(key);
    }
  }

  #target(file: string): Promise<Draft | undefined> {
    return this.#drafts.open(file, 'MCP Shark', 'jsonc', file === this.context.userFile ? 0o600 : 0o644);
  }

  async #route(server: FoundServer): Promise<void> {
    const { place, address } = server;
    const about = { file: place.file, server: server.name };
    const strategy = strategyOf(server.strategy);
    if (!strategy || server.isEndpoint) {
      this.#drafts.notes.push({ ...about, message: 'This is MCP Shark itself: it is left where it is.' });
      return;
    }
    const isMoved = place.own === true || this.request.otherClients === 'point';
    const endpoint = place.own !== true && isMoved ? this.request.endpoint : undefined;
    if (isMoved && place.own !== true && !endpoint) {
      this.#drafts.problems.push({ ...about, message: NO_ENDPOINT });
      return;
    }
    // By where its file stands: what a user's own file keeps for one folder is not for those who share that folder.
    const targetFile = place.folder ? workspaceFileOf(place.folder) : this.context.userFile;
    const source = await this.#drafts.open(place.file, strategy.client, place.format);
    const target = await this.#target(targetFile);
    if (!source || !target) return;
    const written = source.edit.find(address);
    if (!written) {
      this.#drafts.problems.push({ ...about, message: 'It is no longer there: look for servers again.' });
      return;
    }
    // Both or none: a server must neither be routed twice nor be lost.
    const takeBack = source.checkpoint();
    const content = this.#content(server, source, written.value);
    const isEdited = this.#drafts.attempt(place.file, server.name, () => {
      if (endpoint) putEndpoint(this.#drafts, strategy, place, server.container, source, endpoint);
      if (isMoved) source.take(address);
    });
    const name = isEdited ? this.#putServer(server, target, content) : undefined;
    if (name === undefined) takeBack();
    else if (isMoved) source.tookTo({ file: target.file, name });
  }

  /** The entry as it will stand in the target, before names are settled. */
  #content(server: FoundServer, source: Draft, written: unknown): TargetContent {
    const { value, isVerbatim, notes } = targetEntry(server, written, server.place.folder?.path, this.context.platform);
    const text = isVerbatim && source.format === 'jsonc' ? writtenText(source, server.address) : undefined;
    return { value, notes, ...(text === undefined ? {} : { source: text }) };
  }

  /** The name it has in the target; `undefined`: it could not be put in, and the problems say why. */
  #putServer(server: FoundServer, target: Draft, content: TargetContent): string | undefined {
    const note = (message: string): void => void this.#drafts.notes.push({ file: target.file, server: server.name, message });
    const { value, renamed, inputs } = this.#inputs(server, content.value);
    const key = `${target.file}\0${hashOfValue(plainEntry(value))}`;
    const twin = this.#done.get(key);
    if (twin !== undefined) {
      note(`It is the same as "${twin}", which is routed already: it is not routed twice.`);
      return twin;
    }
    for (const message of renamed) note(message);
    const present = target.edit.find({ container: SERVERS, by: 'key', name: server.name });
    if (present && isDeepStrictEqual(present.value, value)) {
      note('The same entry stands there already.');
      this.#done.set(key, server.name);
      return server.name;
    }
    const name = freeName(server.name, (candidate) => this.#names.has(candidate));
    const written = renamed.length > 0 || content.source === undefined ? {} : { source: content.source };
    const isPut = this.#drafts.attempt(target.file, server.name, () =>
      target.put({ container: SERVERS, by: 'key', name }, { kind: 'value', value, ...written }, withoutOwnKeys(value)),
    );
    if (!isPut) return undefined;
    for (const input of inputs) {
      const address = inputAddress(String(input['id']));
      if (!target.edit.find(address)) this.#drafts.attempt(target.file, server.name, () => target.put(address, { kind: 'value', value: input }));
    }
    if (name !== server.name) {
      const why = this.#names.has(server.name) ? 'the name is in use' : 'the name has characters that tools cannot have';
      note(`It is called "${name}" in MCP Shark, since ${why}.`);
    }
    for (const message of [...server.notes, ...content.notes]) note(message);
    this.#names.add(name);
    this.#done.set(key, name);
    this.#routed.push(name);
    return name;
  }

  /** The inputs a server needs; one whose id means something else already gets another id. */
  #inputs(
    server: FoundServer,
    value: Record<string, unknown>,
  ): { value: Record<string, unknown>; renamed: readonly string[]; inputs: readonly Readonly<Record<string, unknown>>[] } {
    let result: unknown = value;
    const renamed: string[] = [];
    const inputs = server.inputs.flatMap((definition) => {
      const id = definition['id'];
      if (typeof id !== 'string' || id === '') return [];
      let candidate = id;
      for (let number = 2; this.#isOther(candidate, definition); number++) candidate = `${id}-${number}`;
      if (candidate !== id) {
        result = renameInput(result, id, candidate);
        renamed.push(`Its input "${id}" is called "${candidate}", since another one has that name.`);
      }
      return [{ ...definition, id: candidate }];
    });
    return { value: result as Record<string, unknown>, renamed, inputs };
  }

  /** Inputs of all files are one list when they are used: an id must mean the same in each. */
  #isOther(id: string, definition: Readonly<Record<string, unknown>>): boolean {
    return this.#targets.some((target) => {
      const present = target.edit.find(inputAddress(id));
      return present !== undefined && !isDeepStrictEqual(present.value, { ...definition, id });
    });
  }
}

function inputAddress(id: string): Address {
  return { container: ['inputs'], by: 'id', name: id };
}

/** The text of a value as it can be put in elsewhere: with line feeds, and a tab for each step of its indentation. */
function writtenText(source: Draft, { container, name }: Address): string | undefined {
  const { text, root } = parseDocument(source.edit.text, 'jsonc');
  const entry = member(nodeAt(root, container), name);
  if (!entry) return undefined;
  const indent = indentOf(text, entry.keyOffset);
  const lines = text.slice(entry.value.offset, entry.value.end).split(/\r\n|\r|\n/);
  const unit = indentUnit(text);
  const steps = (line: string): string => {
    let count = 0;
    while (line.startsWith(unit, count * unit.length)) count += 1;
    return '\t'.repeat(count) + line.slice(count * unit.length);
  };
  return lines.map((line, index) => (index === 0 ? line : steps(line.startsWith(indent) ? line.slice(indent.length) : line))).join('\n');
}

/** Puts the endpoint's entry in; one that is there from before is brought up to date. Throws EditError. */
function putEndpoint(drafts: Drafts, strategy: Strategy, place: Place, container: Container, draft: Draft, endpoint: Endpoint): void {
  const { value: entry, notes } = strategy.endpoint(endpoint, place, container);
  const address = (name: string): Address => ({ container: container.path, by: container.by, name });
  const value = (name: string): Record<string, unknown> => (container.by === 'name' ? { name, ...entry } : { ...entry });
  let name = 'mcp-shark';
  for (let number = 2; ; number++) {
    const present = draft.edit.find(address(name));
    if (!present) break;
    if (isDeepStrictEqual(present.value, value(name))) return;
    if (isOwnEndpoint(name, JSON.stringify(present.value))) {
      draft.edit.remove(address(name));
      break;
    }
    name = `mcp-shark-${number}`;
  }
  draft.put(address(name), { kind: 'value', value: value(name) });
  for (const message of notes) drafts.notes.push({ file: place.file, message });
  if (endpoint.token.kind === 'literal' && draft.snapshot.kind === 'file' && (draft.snapshot.mode & 0o044) !== 0 && process.platform !== 'win32') {
    const message = 'The token of your endpoint will stand in this file, which other users of this machine may read. Take that permission away if there are any.';
    if (place.scope === 'user') drafts.notes.push({ file: place.file, message });
  }
  if (place.scope !== 'user' && endpoint.token.kind === 'literal') {
    const message =
      'The token of your endpoint will stand in this file. If the file is shared (by git, for example), choose to have it read from a variable instead.';
    drafts.notes.push({ file: place.file, message });
  }
}

/** Points clients at the endpoint without routing any of their servers. */
export async function planPoint(context: PlanContext, { targets, endpoint }: PointRequest): Promise<ChangePlan> {
  const drafts = new Drafts(context.fs);
  for (const { strategy: id, place } of targets) {
    const strategy = strategyOf(id);
    const draft = strategy && (await drafts.open(place.file, strategy.client, place.format, 0o600));
    if (!strategy || !draft) continue;
    const { root } = parseDocument(draft.edit.text, place.format);
    const environment = { platform: context.platform, home: '', env: {}, folders: [] };
    const containers = [...strategy.containers(place, root, environment), ...strategy.containers(place, undefined, environment)];
    const pointed = containers.filter(({ path: at }) => nodeAt(root, at)?.entries.some(({ key, value }) => isOwnEndpoint(key, JSON.stringify(plainValue(value)))));
    for (const container of pointed.length > 0 ? pointed : containers.slice(0, 1)) {
      drafts.attempt(place.file, undefined, () => putEndpoint(drafts, strategy, place, container, draft, endpoint));
    }
  }
  return { id: context.id, kind: 'point', files: drafts.planned(), notes: drafts.notes, problems: drafts.problems, servers: [] };
}
