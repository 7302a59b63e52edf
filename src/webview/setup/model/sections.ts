/** Owns which server stands in which section of the Setup view, and what the search leaves of it. Pure. */
import type { DefinitionRow, PendingServer } from '../../../extension/contract/governance';
import type { Found, FoundServerGroup, OtherClient, SetupServer, SetupState } from '../../../extension/contract/setup';

export const sectionIds = ['waiting', 'approved', 'found', 'off', 'clients', 'changes'] as const;
export type SectionId = (typeof sectionIds)[number];

export interface WaitingServer {
  readonly pending: PendingServer;
  /** The same server with its findings, once the host knows them. */
  readonly server?: SetupServer;
}

export interface Sections {
  readonly waiting: readonly WaitingServer[];
  /** Servers that run and have definitions nobody has approved. */
  readonly changed: readonly SetupServer[];
  readonly approved: readonly SetupServer[];
  readonly off: readonly SetupServer[];
  readonly found: readonly FoundServerGroup[];
  readonly clients: readonly OtherClient[];
}

export function sectionsOf(state: SetupState, found: Found | undefined, search: string): Sections {
  const fits = searchFor(search);
  const pendingIds = new Set(state.pending.map(({ id }) => id));
  const servers = state.servers.filter((server) => !pendingIds.has(server.id) && fits(textsOfServer(server)));
  return {
    waiting: state.pending
      .filter(({ name, commandLine, file, about }) => fits([name, commandLine, file, about.purpose, about.owner]))
      .map((pending) => {
        const server = state.servers.find(({ id }) => id === pending.id);
        return server ? { pending, server } : { pending };
      }),
    changed: servers.filter((server) => !isOff(server) && server.unapproved > 0),
    approved: servers.filter((server) => !isOff(server)),
    off: servers.filter(isOff),
    // What goes through MCP Shark already comes last: there is nothing to do about it.
    found: (found?.groups ?? [])
      .filter((group) => fits(textsOfGroup(group)))
      .toSorted((one, other) => Number(one.routedAs !== undefined) - Number(other.routedAs !== undefined)),
    clients: (found?.clients ?? []).filter(({ client, fileLabel }) => fits([client, fileLabel])),
  };
}

/** It is not started, and nobody is asked about it: switched off, refused, stopped, or not to be judged yet. */
export function isOff({ gate, state, isEnabled }: SetupServer): boolean {
  return !isEnabled || gate.kind !== 'open' || state.kind === 'disabled' || state.kind === 'refused';
}

/** New or changed, and shown by the host as not approved; resources come and go and need no approval. */
export function isUnapproved({ state, kind }: DefinitionRow): boolean {
  return (state === 'new' || state === 'changed') && kind !== 'resource';
}

/** Whether calls are recorded with the version of it that they ran under. */
export function hasCalls(kind: DefinitionRow['kind']): boolean {
  return kind === 'tool' || kind === 'prompt' || kind === 'resource';
}

const STATE_ORDER: Readonly<Record<DefinitionRow['state'], number>> = { changed: 0, new: 1, approved: 2, gone: 3 };
const KIND_ORDER: readonly DefinitionRow['kind'][] = ['tool', 'prompt', 'resource', 'template', 'instructions', 'serverInfo'];

/** What needs a look first, then by kind and name; what is gone last. */
export function orderedDefinitions(rows: readonly DefinitionRow[], search: string): readonly DefinitionRow[] {
  const fits = searchFor(search);
  return rows
    .filter(({ kind, name, state }) => fits([kind, name, state]))
    .toSorted((a, b) => STATE_ORDER[a.state] - STATE_ORDER[b.state] || KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind) || (a.name < b.name ? -1 : 1));
}

/** Every word must stand in one of the texts. */
function searchFor(search: string): (texts: readonly (string | undefined)[]) => boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return () => true;
  return (texts) => {
    const text = texts.join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

function textsOfServer({ name, commandLine, fileLabel, transport, state, about, definitions }: SetupServer): (string | undefined)[] {
  return [name, commandLine, fileLabel, transport, state.kind, about.purpose, about.owner, about.note, ...definitions.map((row) => row.name)];
}

function textsOfGroup({ name, commandLine, transport, places }: FoundServerGroup): string[] {
  return [name, commandLine, transport, ...places.flatMap((place) => [place.client, place.name, place.fileLabel])];
}
