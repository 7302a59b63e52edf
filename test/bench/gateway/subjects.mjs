// Owns the list of what is measured and against which floor. Order is the order of the tables.
import { peerVersion } from './peers.mjs';

const subject = (id, label, upstream, { host = id, endpoint = 'all', kind = 'proxy', peer } = {}) => ({
  id,
  label,
  upstream,
  floor: upstream === 'stdio' ? 'bridge' : 'relay',
  host,
  endpoint,
  kind,
  peer,
});

const peer = (name, upstream, host) =>
  subject(host, `${name} ${peerVersion(name)}`, upstream, { kind: 'peer', peer: name });

export const SUBJECTS = [
  subject('direct-stdio', 'direct', 'stdio', { kind: 'direct' }),
  subject('bridge', 'floor B: raw bridge', 'stdio', { kind: 'floor' }),
  subject('shark-stdio-one', 'MCP Shark `/mcp/<server>`', 'stdio', { host: 'shark-stdio', endpoint: 'one', kind: 'ours' }),
  subject('shark-stdio-all', 'MCP Shark `/mcp`', 'stdio', { host: 'shark-stdio', kind: 'ours' }),
  peer('mcp-hub', 'stdio', 'mcp-hub-stdio'),
  peer('mcp-proxy', 'stdio', 'mcp-proxy-stdio'),
  peer('supergateway', 'stdio', 'supergateway-stdio'),
  subject('direct-http', 'direct', 'http', { kind: 'direct' }),
  subject('relay', 'floor A: byte relay', 'http', { kind: 'floor' }),
  subject('shark-http-one', 'MCP Shark `/mcp/<server>`', 'http', { host: 'shark-http', endpoint: 'one', kind: 'ours' }),
  subject('shark-http-all', 'MCP Shark `/mcp`', 'http', { host: 'shark-http', kind: 'ours' }),
  peer('mcp-hub', 'http', 'mcp-hub-http'),
];

/** Those that match one of `only` (parts of ids; none: all), and the floors they are compared with. */
export function chooseSubjects({ only, peers }) {
  const offered = SUBJECTS.filter(({ kind }) => peers || kind !== 'peer');
  if (only.length === 0) return offered;
  const chosen = offered.filter(({ id }) => only.some((part) => id.includes(part)));
  const floors = new Set(chosen.map(({ floor }) => floor));
  return offered.filter((one) => chosen.includes(one) || floors.has(one.id));
}
