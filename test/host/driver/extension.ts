// The driver: an extension under development that gives the browser suite a hand inside the extension host. It connects to
// the address in the harness file, if there is one, and answers calls of its operations. It knows nothing of the product.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type * as vscode from 'vscode';
import { operations } from './operations';

export function activate(context: vscode.ExtensionContext): void {
  const file = process.env['MCP_SHARK_HARNESS'];
  if (!file) return;
  const { remote } = JSON.parse(readFileSync(file, 'utf8')) as { remote?: { port: number; token: string } };
  if (!remote) return;

  const socket = connect(remote.port, '127.0.0.1', () => socket.write(`${remote.token}\n`));
  socket.on('error', (error) => console.error(`The test driver lost its harness: ${error.message}`));
  createInterface({ input: socket }).on('line', (line) => void answer(line).then((text) => socket.write(`${text}\n`)));
  context.subscriptions.push({ dispose: () => void socket.destroy() });
}

async function answer(line: string): Promise<string> {
  const { id, name, args } = JSON.parse(line) as { id: number; name: keyof typeof operations; args: never[] };
  try {
    const operation = operations[name] as (...args: never[]) => unknown;
    return JSON.stringify({ id, result: await operation(...args) });
  } catch (error) {
    return JSON.stringify({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
