/**
 * Owns what happens when the extension is uninstalled (`vscode:uninstall` in package.json): every change of a configuration
 * that MCP Shark made is undone. VS Code runs this as a plain program, once the extension is installed in no profile any
 * more, gives it five seconds, and deletes the storage folder afterwards. Prints what it did to stdout and stderr.
 */
import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { LEDGER_NAME } from '../servers/routing/ledger';
import { createRouting } from '../servers/routing/routing';
import { rememberedStorage, storagePlaces } from '../servers/routing/storagePlaces';
import { undoEverything } from '../servers/routing/undoEverything';
import { messageOf } from '../util/errors';

async function main(): Promise<void> {
  const remembered = await rememberedStorage(__dirname);
  const places = remembered === undefined ? storagePlaces({ platform: process.platform, home: os.homedir(), env: process.env }, __dirname) : [remembered];
  for (const storageDir of places) {
    const isThere = await access(path.join(storageDir, LEDGER_NAME)).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    const routing = createRouting({ storageDir, now: Date.now, randomId: () => randomBytes(8).toString('hex'), isTrusted: () => false });
    const { undone, left } = await undoEverything(routing, path.join(os.homedir(), 'mcp-shark-backups'));
    for (const file of undone) process.stdout.write(`MCP Shark: ${file} is as it was.\n`);
    for (const { file, message, savedAs } of left) {
      const where = savedAs === undefined ? '' : ` What would be lost is saved as ${savedAs}.`;
      process.stderr.write(`MCP Shark: ${file} could not be undone, or not whole: ${message}${where}\n`);
    }
    if (left.length > 0) process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`MCP Shark: the configurations could not be undone: ${messageOf(error)}\n`);
  process.exitCode = 1;
});
