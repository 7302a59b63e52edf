// `npm start` as a newcomer runs it: a real VS Code on the sample workspace, with the product in it and its servers configured;
// Ctrl+C ends everything it started.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { editorDataFolder, inProject } from '../../scripts/lib/paths.mjs';
import { findProcessesMarked } from '../../scripts/lib/processTree.mjs';
import { launchBrowser } from '../support/editor/browser';
import { pollUntil, soonMs, startMs, waitFor } from '../support/editor/poll';

const mark = `MCP_SHARK_START_TEST=${process.pid}`;
let child: ChildProcess | undefined;
let output = '';

afterEach(() => void child?.kill('SIGTERM'));

test('npm start serves a VS Code with the product in it, and Ctrl+C leaves nothing running', { timeout: 400_000 }, async () => {
  const editor = await getTestEditor();
  const [name = '', value = ''] = mark.split('=');
  child = spawn(process.execPath, [inProject('scripts', 'start.mjs'), '--no-open'], {
    env: { ...process.env, MCP_SHARK_TEST_EDITOR: editor.kind, [name]: value }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  const ready = editor.kind === 'desktop' ? /ready; open it with/ : /^http:\S+$/m;
  const [address] = await waitFor('npm start to be ready', () => {
    if (child?.exitCode !== null) throw new Error(`npm start ended early:\n${output}`);
    return ready.exec(output) ?? undefined;
  }, 200_000, () => output);

  const { servers } = JSON.parse(await readFile(join(editorDataFolder, 'sample-workspace', '.vscode', 'mcp-shark.json'), 'utf8')) as { servers: object };
  expect(Object.keys(servers)).toEqual(['everything', 'files', 'memory', 'remote']);
  if (editor.kind === 'code-server') await expectProductIn(String(address));

  child.kill('SIGINT');
  await once(child, 'exit');
  const left = await pollUntil(() => {
    const found = findProcessesMarked(mark).filter(({ pid }) => pid !== process.pid);
    return { done: found.length === 0, value: found };
  }, soonMs);
  expect(left).toEqual([]);
});

async function expectProductIn(address: string): Promise<void> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(address, { timeout: startMs });
    await page.locator('.part.statusbar .statusbar-item[id^="mcpshark.mcp-shark"]').first().waitFor({ timeout: startMs });
  } finally {
    await browser.close();
  }
}
