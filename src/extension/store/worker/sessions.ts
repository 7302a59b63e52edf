/** Owns what is known of sessions: which client, since when, until when, and whether the Playground made it. */
import type { SessionInfo } from '../../contract/traffic';
import { optional, rows, type Source } from './source';

export interface KnownSession extends SessionInfo {
  readonly isPlayground: boolean;
}

/** What a source knows of its sessions, by id. */
export function sessionsOf(source: Source): ReadonlyMap<string, KnownSession> {
  let sessions = source.cache.get('sessions') as Map<string, KnownSession> | undefined;
  if (!sessions) {
    sessions = new Map(
      rows(source.db, 'SELECT id, client_name, client_version, protocol_version, started_ms, ended_ms, kind FROM session').map(
        ([id, clientName, clientVersion, protocolVersion, startedMs, endedMs, kind]) => [
          id as string,
          {
            id: id as string,
            clientName: optional<string>(clientName),
            clientVersion: optional<string>(clientVersion),
            protocolVersion: optional<string>(protocolVersion),
            startedMs: startedMs as number,
            endedMs: optional<number>(endedMs),
            isPlayground: kind === 'playground',
          },
        ],
      ),
    );
    source.cache.set('sessions', sessions);
  }
  return sessions;
}

/** What the newest source that knows a session says of it. */
export function findSession(sources: readonly Source[], id: string): KnownSession | undefined {
  for (let index = sources.length - 1; index >= 0; index--) {
    const found = sessionsOf(sources[index]!).get(id);
    if (found) return found;
  }
  return undefined;
}
