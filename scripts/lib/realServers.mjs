// The real MCP servers from npm that the sample workspace and the tests use, spawned from installed packages by path (never
// through npx), and the Streamable HTTP one that has to be running before anything connects to it.
import { createServer } from 'node:net';
import { requireNode24 } from './node24.mjs';
import { inProject } from './paths.mjs';
import { startService } from './run.mjs';

const entry = (/** @type {string} */ name) => inProject('node_modules', '@modelcontextprotocol', name, 'dist', 'index.js');

/** Configuration entries in the shape of `.vscode/mcp-shark.json`. */
export const stdioServers = {
  everything: () => ({ type: 'stdio', command: requireNode24(), args: [entry('server-everything'), 'stdio'] }),
  filesystem: (/** @type {string} */ folder) => ({ type: 'stdio', command: requireNode24(), args: [entry('server-filesystem'), folder] }),
  memory: (/** @type {string} */ file) => ({ type: 'stdio', command: requireNode24(), args: [entry('server-memory')], env: { MEMORY_FILE_PATH: file } }),
};

/**
 * Starts server-everything over Streamable HTTP on a free port.
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ url: string, output: () => string, stop: () => Promise<void> }>}
 */
export async function startEverythingOverHttp({ env = {} } = {}) {
  const port = await findFreePort();
  const service = await startService(requireNode24(), [entry('server-everything'), 'streamableHttp'], {
    label: 'server-everything over Streamable HTTP',
    env: { ...process.env, ...env, PORT: String(port) },
    isReady: (output) => output.includes(`listening on port ${port}`),
    readyTimeoutMs: 30_000,
  });
  return { url: `http://127.0.0.1:${port}/mcp`, output: service.output, stop: service.stop };
}

/** @returns {Promise<number>} a port nobody listens on at this moment */
export function findFreePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
