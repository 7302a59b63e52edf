// Owns the peers: other proxies, installed on demand from npm at pinned versions into a cache folder outside the tree.
// A peer that can not be installed or started is reported in the tables, never left out in silence.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startNode } from '../lib/children.mjs';
import { freePort, listening } from '../lib/ports.mjs';
import { openSession } from './clients/session.mjs';

const VERSIONS = { 'mcp-hub': '4.2.1', 'mcp-proxy': '6.7.19', supergateway: '4.0.0' };
const BIN = { 'mcp-hub': 'dist/cli.js', 'mcp-proxy': 'dist/bin/mcp-proxy.mjs', supergateway: 'dist/index.js' };
const INSTALL_TIMEOUT_MS = 300_000;
const READY_TIMEOUT_MS = 15_000;

function cacheDir(name) {
  const base = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache');
  return path.join(base, 'mcp-shark-bench', `${name}-${VERSIONS[name]}`);
}

/** Installs what is missing, one peer after the other. Returns the error text of each peer that failed. */
export async function installPeers(log) {
  const failed = {};
  for (const [name, version] of Object.entries(VERSIONS)) {
    const dir = cacheDir(name);
    if (existsSync(script(name))) continue;
    log(`installing ${name}@${version}`);
    try {
      await mkdir(dir, { recursive: true });
      await writeFile(path.join(dir, 'package.json'), '{"private":true}');
      const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
      const shell = process.platform === 'win32';
      await promisify(execFile)('npm', args, { cwd: dir, shell, timeout: INSTALL_TIMEOUT_MS });
    } catch (error) {
      failed[name] = `could not be installed: ${String(error.stderr || error.message).trim().split('\n')[0]}`;
    }
  }
  return failed;
}

const script = (name) => path.join(cacheDir(name), 'node_modules', name, BIN[name]);

async function start(name, dir, args, kind, node) {
  const port = await freePort();
  // Peers keep state and logs below the home folder: theirs is the run's own.
  const home = { HOME: dir, USERPROFILE: dir, XDG_STATE_HOME: dir, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir };
  const child = startNode(script(name), args(port), { cwd: dir, env: home, loopback: true, node });
  const endpoint = { kind, url: `http://127.0.0.1:${port}/mcp` };
  try {
    await listening(port, child);
    await answering(endpoint);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { child, endpoints: { all: endpoint } };
}

/** A peer may listen before it can serve: mcp-hub answers 500 until its servers are up. */
async function answering(endpoint) {
  for (const deadline = Date.now() + READY_TIMEOUT_MS; ; ) {
    try {
      const session = await openSession('light', endpoint);
      return await session.close();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function startHub({ dir, node }, server) {
  const file = path.join(dir, 'mcp-hub.json');
  await writeFile(file, JSON.stringify({ mcpServers: { echo: server } }));
  return start('mcp-hub', dir, (port) => ['--port', String(port), '--config', file], 'sse', node);
}

/** The peers' ways to start, by host id; `echo` holds the upstream servers. */
export const peerHosts = {
  'mcp-hub-stdio': (run) => startHub(run, { command: run.echo.command, args: run.echo.args }),
  'mcp-hub-http': (run) => startHub(run, { url: run.echo.url }),
  'mcp-proxy-stdio': ({ dir, node, echo }) => {
    const server = ['--', echo.command, ...echo.args];
    return start('mcp-proxy', dir, (port) => ['--port', `${port}`, '--server', 'stream', ...server], 'http', node);
  },
  'supergateway-stdio': ({ dir, node, echo }) => {
    const server = [echo.command, ...echo.args].map((part) => `"${part}"`).join(' ');
    const flags = ['--outputTransport', 'streamableHttp', '--stateful', '--logLevel', 'none'];
    return start('supergateway', dir, (port) => ['--stdio', server, '--port', `${port}`, ...flags], 'http', node);
  },
};

export const peerVersion = (name) => VERSIONS[name];
