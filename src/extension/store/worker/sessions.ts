/** Owns what is known of sessions: which client, since when, until when, and whether the Playground made it. */
import type { SessionInfo } from '../../contract/traffic';
import type { SessionRecord } from './callRecords';
import { optional, rows, storedText, type Source } from './source';

export interface KnownSession extends SessionInfo {
  readonly isPlayground: boolean;
}

/** What a source knows of a session. */
function sessionIn(source: Source, id: string): KnownSession | undefined {
  if (!source.sessions) return sessionsOf(source).get(id);
  const session = source.sessions.get(id);
  return session && knownOf(session);
}

export function isPlaygroundSession(source: Source, id: string): boolean {
  return source.sessions ? source.sessions.get(id)?.kind === 'playground' : sessionsOf(source).get(id)?.isPlayground === true;
}

function knownOf({ id, clientName, clientVersion, protocolVersion, startedMs, endedMs, kind }: SessionRecord): KnownSession {
  const said = (value: string | undefined): string | undefined => storedText(value) ?? undefined;
  return { id, clientName: said(clientName), clientVersion: said(clientVersion), protocolVersion: said(protocolVersion), startedMs, endedMs, isPlayground: kind === 'playground' };
}

function sessionsOf(source: Source): ReadonlyMap<string, KnownSession> {
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
    const found = sessionIn(sources[index]!, id);
    if (found) return found;
  }
  return undefined;
}
