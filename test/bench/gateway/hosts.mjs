// Owns starting what is measured: MCP Shark, the floors and the peers, each a process of its own in front of an echo server.
// A host is `{ child, endpoints }`; `direct` has no process.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { here, startNode } from '../lib/children.mjs';
import { peerHosts } from './peers.mjs';

const part = (name) => here(`parts/${name}.mjs`, import.meta.url);
export const GATEWAY = here('../../../dist/headless/gateway.js', import.meta.url);
const UPSTREAMS = {
  raw: { stdio: part('echoStdio'), http: part('echoHttp') },
  sdk: { stdio: part('echoSdkStdio'), http: part('echoSdkHttp') },
};

/** The upstream servers of a run: how to start the stdio one, and the HTTP one, which is shared. */
export async function startEcho(flavour) {
  const child = startNode(UPSTREAMS[flavour].http);
  const { url } = JSON.parse(await child.firstLine());
  return { child, command: process.execPath, args: [UPSTREAMS[flavour].stdio], url };
}

/** Starts the host `id`. `run` is `{ dir, echo, gateway, node }`: temporary folder, upstreams, the built
 * gateway, flags for the host's Node. */
export async function startHost(id, run) {
  const dir = await mkdtemp(path.join(run.dir, `${id}-`));
  const start = hosts[id];
  return start({ ...run, dir });
}

const hosts = {
  ...peerHosts,
  'direct-stdio': ({ echo }) => ({ endpoints: { all: { kind: 'stdio', command: echo.command, args: echo.args } } }),
  'direct-http': ({ echo }) => ({ endpoints: { all: { kind: 'http', url: echo.url } } }),
  bridge: (run) => floor(part('bridge'), [run.echo.command, ...run.echo.args], run),
  relay: (run) => floor(part('relay'), [run.echo.url], run),
  'shark-stdio': (run) => shark(run, { command: run.echo.command, args: run.echo.args }),
  'shark-http': (run) => shark(run, { type: 'http', url: run.echo.url }),
};

async function floor(script, args, { node }) {
  const child = startNode(script, args, { node });
  const { url } = JSON.parse(await child.firstLine());
  return { child, endpoints: { all: { kind: 'http', url } } };
}

async function shark({ dir, node, gateway }, server) {
  const config = path.join(dir, 'mcp.json');
  const store = path.join(dir, 'store');
  await writeFile(config, JSON.stringify({ servers: { echo: server } }));
  await mkdir(store);
  const child = startNode(gateway, ['--config', config, '--store', store], { node });
  try {
    const { url, token } = JSON.parse(await child.firstLine());
    const headers = { authorization: `Bearer ${token}` };
    return {
      child,
      store,
      endpoints: { one: { kind: 'http', url: `${url}/echo`, headers }, all: { kind: 'http', url, headers } },
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
