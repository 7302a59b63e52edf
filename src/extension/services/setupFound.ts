/** Owns what the Setup view is told of a discovery: grouped, in words, with secrets masked. Pure. */
import type { Finding } from '../contract/findings';
import type { Found, FoundServerGroup, OtherClient } from '../contract/setup';
import type { Discovery, FoundServer } from '../servers/import/types';
import type { ConfiguredServer } from '../servers/types';

export interface FoundParts {
  /** A file as people call it. */
  readonly labelOf: (file: string) => string;
  /** What runs, in one line; secrets masked. */
  readonly commandLineOf: (config: FoundServer['config']) => string;
  /** Equal for servers that run the same thing, in the terms of discovery. */
  readonly canonicalOf: (config: ConfiguredServer['config']) => string;
  readonly findingsOf: (server: ConfiguredServer) => readonly Finding[];
  readonly configured: readonly ConfiguredServer[];
}

export function foundView({ groups, files, absent, servers, problems }: Discovery, parts: FoundParts): Found {
  const routed = new Map(parts.configured.map(({ config, name }) => [parts.canonicalOf(config), name]));
  return {
    groups: groups.flatMap(({ canonical, servers: places }): FoundServerGroup[] => {
      const first = places.find(({ isEndpoint }) => !isEndpoint);
      if (!first) return [];
      const routedAs = routed.get(canonical);
      return [
        {
          // Not the canonical hash: that is made of secrets too.
          id: first.id,
          name: first.name,
          transport: first.config.type,
          commandLine: parts.commandLineOf(first.config),
          ...(routedAs === undefined ? {} : { routedAs }),
          places: places.filter(({ isEndpoint }) => !isEndpoint).map((place) => ({
            id: place.id,
            name: place.name,
            // The scope says which of them it is.
            client: place.client.replace(/ \((?:workspace folder|workspace file|user)\)$/, ''),
            scope: place.scope,
            file: place.place.file,
            fileLabel: parts.labelOf(place.place.file),
            line: place.line,
            isDisabled: place.disabled,
            notes: place.notes,
          })),
          findings: parts.findingsOf({ name: first.name, config: first.config, file: first.place.file, line: first.line, fingerprint: '' }),
        },
      ];
    }),
    // The editor's own files need no endpoint: MCP Shark registers with the editor itself.
    clients: [...files.filter(({ place, state }) => place.own !== true && state === 'read'), ...absent].map(({ place, client }): OtherClient => ({
      id: place.file,
      client,
      file: place.file,
      fileLabel: parts.labelOf(place.file),
      isPointed: servers.some((server) => server.isEndpoint && server.place.file === place.file),
      isNew: absent.some((one) => one.place === place),
    })),
    problems,
    files: files.length,
  };
}
