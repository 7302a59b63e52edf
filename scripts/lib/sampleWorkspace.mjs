// Writes the workspace that `npm start` opens: a copy of examples/sample-workspace, kept between starts, with the server
// configuration made anew each time, because the HTTP server's port changes.
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { editorDataFolder, inProject } from './paths.mjs';
import { stdioServers } from './realServers.mjs';

/**
 * @param {string} httpUrl where server-everything answers over Streamable HTTP
 * @returns {Promise<string>} the folder to open
 */
export async function writeSampleWorkspace(httpUrl) {
  const workspace = join(editorDataFolder, 'sample-workspace');
  // What the user or an agent changed in it stays.
  await cp(inProject('examples', 'sample-workspace'), workspace, { recursive: true, force: false });
  await mkdir(join(workspace, '.vscode'), { recursive: true });
  const servers = {
    everything: stdioServers.everything(),
    files: stdioServers.filesystem(workspace),
    memory: stdioServers.memory(join(workspace, 'memory.jsonl')),
    remote: { type: 'http', url: httpUrl },
  };
  await writeFile(join(workspace, '.vscode', 'mcp-shark.json'), `${JSON.stringify({ servers }, null, 2)}\n`);
  return workspace;
}
