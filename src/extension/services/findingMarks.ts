/**
 * Owns where findings stand in the files of configurations: those about an entry at the very text, those about what a server
 * defines at the name of its entry, so many per server at most. Pure: texts are given.
 */
import type { Finding } from '../contract/findings';
import { locate } from '../security/locate';
import { shownName } from '../security/visible';
import type { ConfiguredServer } from '../servers/types';

/** A definition has no line in a file. */
const MAX_DEFINITIONS_PER_SERVER = 20;

export interface FindingMark {
  readonly finding: Finding;
  /** 1-based; the end is exclusive and on the same line. */
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  readonly message: string;
}

/** Marks by file. `textOf`: of a file as the editor has it now; empty where it cannot be had. */
export function findingMarks(
  findings: readonly Finding[],
  servers: readonly Pick<ConfiguredServer, 'name' | 'file' | 'line'>[],
  textOf: (file: string) => string,
): ReadonlyMap<string, readonly FindingMark[]> {
  const byFile = new Map<string, FindingMark[]>();
  const ofDefinitions = new Map<string, number>();
  const byName = new Map(servers.map((server) => [server.name, server]));
  for (const finding of findings) {
    const { place } = finding;
    if (place.in === 'message') continue;
    const server = byName.get(place.server);
    if (!server) continue;
    if (place.in === 'definition') {
      const count = (ofDefinitions.get(server.name) ?? 0) + 1;
      ofDefinitions.set(server.name, count);
      if (count > MAX_DEFINITIONS_PER_SERVER) continue;
    }
    const list = byFile.get(server.file) ?? [];
    byFile.set(server.file, list);
    list.push(markOf(finding, server, textOf(server.file)));
  }
  return byFile;
}

function markOf(finding: Finding, server: Pick<ConfiguredServer, 'name' | 'line'>, text: string): FindingMark {
  const { place, message, excerpt } = finding;
  const at = locate(text, { server: server.name, path: place.in === 'config' ? place.path : [] });
  const column = at?.column ?? 1;
  const name = place.in === 'definition' && place.name !== '' ? ` "${shownName(place.name)}"` : '';
  const what = place.in === 'definition' ? `${place.kind}${name} of server "${server.name}": ` : '';
  return {
    finding,
    line: at?.line ?? server.line,
    column,
    endColumn: column + Math.max(at?.length ?? 1, 1),
    message: `${what}${message}${excerpt ? ` (${excerpt})` : ''}`,
  };
}
