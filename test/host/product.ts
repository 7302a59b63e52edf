// The product as seen from inside an editor: its ids, and the waits that several tests need. Uses VS Code's public API and
// what is on disk, never the product's own code.
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HarnessFile } from '../support/editor/runFolder';
import { startMs, waitFor } from '../support/editor/poll';
import { operations } from './driver/operations';

export const productId = 'mcpshark.mcp-shark';
export const showTraffic = 'mcpShark.traffic.show';
export const toggleRouting = 'mcpShark.routing.toggle';

export function readHarness(): HarnessFile {
  const file = process.env['MCP_SHARK_HARNESS'];
  if (!file) throw new Error('MCP_SHARK_HARNESS is not set: run this suite through "npm run test:editor".');
  return JSON.parse(readFileSync(file, 'utf8')) as HarnessFile;
}

/** Starts VS Code's MCP client until it offers a tool for each ending; returns the full names in the same order. */
export async function waitForTools(endings: readonly string[], timeoutMs = startMs): Promise<string[]> {
  return waitFor(
    `tools ending in ${endings.join(', ')}`,
    async () => {
      await operations.startMcpServers();
      const names = operations.toolNames();
      const found = endings.map((ending) => names.find((name) => name.endsWith(ending)));
      return found.every((name) => name !== undefined) ? found : undefined;
    },
    timeoutMs,
    () => `${operations.toolNames().length} tools, from MCP: ${operations.toolNames().filter((name) => name.startsWith('mcp_')).join(' ') || 'none'}`,
  );
}

/** The names of the tools that came through MCP Shark. */
export function routedToolNames(): string[] {
  return operations.toolNames().filter((name) => name.includes('everything__') || name.includes('remote__'));
}

/** Changes the workspace's server configuration for as long as `body` runs; the product reloads it by itself. */
export async function withConfiguration(change: (text: string) => string, body: (file: string) => Promise<void>): Promise<void> {
  const file = join(readHarness().workspace, '.vscode', 'mcp-shark.json');
  const before = await readFile(file, 'utf8');
  await writeFile(file, change(before));
  try {
    await body(file);
  } finally {
    await writeFile(file, before);
  }
}
