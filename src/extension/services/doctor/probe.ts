/**
 * Owns the doctor's own look at a server: connects through the gateway as any client does, shakes hands, lists what there
 * is, page by page, and goes. It calls nothing, and answers what the server asks with an error.
 */
import { memberElements, memberString, memberText } from '../../playground/jsonText';
import { PlaygroundSession } from '../../playground/session';
import type { Clock } from '../../util/clock';
import { AppError } from '../../util/errors';
import { isJsonObject } from '../../util/json';
import type { Probe } from './doctor';

export interface ProbeOptions {
  readonly server: string;
  /** The endpoint that serves this one server. */
  readonly url: string;
  readonly token: string;
  readonly version: string;
  readonly clock: Clock;
}

const CLIENT = { name: 'mcp-shark-doctor', title: 'MCP Shark connection check' };
const MAX_PAGES = 100;
/** JSON-RPC 2.0, section 5.1. */
const METHOD_NOT_FOUND = -32601;

const LISTS = [
  { capability: 'tools', method: 'tools/list', member: 'tools' },
  { capability: 'prompts', method: 'prompts/list', member: 'prompts' },
  { capability: 'resources', method: 'resources/list', member: 'resources' },
] as const;

/** Rejects with what the server or the gateway said where there was no handshake. */
export async function probeServer(options: ProbeOptions): Promise<Probe> {
  const { clock } = options;
  let numbers = 0;
  const session: PlaygroundSession = new PlaygroundSession(
    { ...options, client: CLIENT, nextId: () => ++numbers },
    {
      onState: () => undefined,
      onRequest: ({ id }) => session.respondError(id, METHOD_NOT_FOUND, 'The connection check answers no requests.'),
      onNotification: () => undefined,
    },
  );
  try {
    const startedUs = clock.monotonicUs();
    await session.open();
    const initializeMs = (clock.monotonicUs() - startedUs) / 1000;
    if (session.state.kind !== 'ready') {
      throw new AppError('server.unreachable', session.state.kind === 'failed' ? session.state.message : 'The connection was closed.');
    }
    const { serverInfo, protocolVersion, capabilities } = session.handshake ?? {};
    const can = isJsonObject(capabilities) ? capabilities : {};
    const problems: string[] = [];
    const listed = new Map<string, readonly string[]>();
    for (const { capability, method, member } of LISTS) {
      listed.set(member, capability in can ? await list(session, method, member, problems) : []);
    }
    const tools = listed.get('tools') ?? [];
    const info = isJsonObject(serverInfo) ? serverInfo : {};
    const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, 200) : undefined);
    return {
      initializeMs,
      protocolVersion: text(protocolVersion),
      serverInfo: { name: text(info.name), version: text(info.version) },
      tools: tools.map((tool) => memberString(tool, 'name') ?? ''),
      prompts: listed.get('prompts')?.length ?? 0,
      resources: listed.get('resources')?.length ?? 0,
      definitionCharacters: [...listed.values()].flat().reduce((sum, { length }) => sum + length, 0),
      problems,
    };
  } finally {
    await session.close();
  }
}

/** JSON texts of the items. */
async function list(session: PlaygroundSession, method: string, member: string, problems: string[]): Promise<string[]> {
  const items: string[] = [];
  const seen = new Set<string>();
  let params: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { kind, text } = await session.request(method, params).answer;
    if (kind !== 'result') {
      problems.push(`${method} failed: ${kind === 'error' ? (memberString(text, 'message') ?? 'an error without a message') : text}`.slice(0, 500));
      return items;
    }
    items.push(...memberElements(text, member));
    const cursor = memberText(text, 'nextCursor');
    if (cursor === undefined || cursor === 'null') return items;
    if (seen.has(cursor)) {
      problems.push(`${method} gives the same cursor again and again.`);
      return items;
    }
    seen.add(cursor);
    params = `{"cursor":${cursor}}`;
  }
  problems.push(`${method} has more than ${MAX_PAGES} pages.`);
  return items;
}
