/**
 * Records what real MCP servers from npm define (tools, prompts, resources, templates, instructions) as the benign part
 * of the corpus in test/unit/security/corpus/benign. Run by hand: `node test/support/security/recordServers.mjs`
 * installs the packages, without their install scripts, into a temporary folder; `--packages DIR` uses and keeps that
 * folder; names of packages record only those. The servers are started with made-up keys and only asked for their lists.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ResultSchema } from '@modelcontextprotocol/sdk/types.js';

/**
 * `part`: `seen` servers may be looked at while rules are written, `held` ones are for measuring only.
 * @type {readonly { name: string, version: string, licence: string, part: 'seen' | 'held', args?: string[], env?: Record<string, string> }[]}
 */
const PACKAGES = [
  { name: '@modelcontextprotocol/server-everything', version: '2026.8.31', licence: 'MIT or Apache-2.0', part: 'seen' },
  { name: '@modelcontextprotocol/server-filesystem', version: '2026.8.31', licence: 'MIT or Apache-2.0', part: 'seen', args: ['{tmp}'] },
  { name: '@modelcontextprotocol/server-memory', version: '2026.8.31', licence: 'MIT or Apache-2.0', part: 'held' },
  { name: '@modelcontextprotocol/server-sequential-thinking', version: '2026.8.31', licence: 'MIT or Apache-2.0', part: 'seen' },
  { name: '@modelcontextprotocol/server-github', version: '2025.4.8', licence: 'MIT', part: 'held', env: { GITHUB_PERSONAL_ACCESS_TOKEN: 'none' } },
  { name: '@modelcontextprotocol/server-gitlab', version: '2025.4.25', licence: 'MIT', part: 'seen', env: { GITLAB_PERSONAL_ACCESS_TOKEN: 'none' } },
  { name: '@modelcontextprotocol/server-slack', version: '2025.4.25', licence: 'MIT', part: 'held', env: { SLACK_BOT_TOKEN: 'none', SLACK_TEAM_ID: 'none' } },
  { name: '@modelcontextprotocol/server-puppeteer', version: '2025.5.12', licence: 'MIT', part: 'held' },
  { name: '@modelcontextprotocol/server-brave-search', version: '0.6.2', licence: 'MIT', part: 'seen', env: { BRAVE_API_KEY: 'none' } },
  { name: '@playwright/mcp', version: '0.0.83', licence: 'Apache-2.0', part: 'seen' },
  { name: '@upstash/context7-mcp', version: '4.1.1', licence: 'MIT', part: 'held' },
  { name: 'chrome-devtools-mcp', version: '1.11.0', licence: 'Apache-2.0', part: 'held', args: ['--no-usage-statistics'] },
  { name: '@notionhq/notion-mcp-server', version: '2.5.2', licence: 'MIT', part: 'seen', env: { NOTION_TOKEN: 'none' } },
  { name: 'firecrawl-mcp', version: '3.26.0', licence: 'MIT', part: 'held', env: { FIRECRAWL_API_KEY: 'none' } },
  { name: 'tavily-mcp', version: '0.2.22', licence: 'MIT', part: 'seen', env: { TAVILY_API_KEY: 'none' } },
  { name: 'mongodb-mcp-server', version: '3.0.4', licence: 'Apache-2.0', part: 'seen', env: { MDB_MCP_TELEMETRY: 'disabled' } },
  { name: 'figma-developer-mcp', version: '0.13.2', licence: 'MIT', part: 'held', args: ['--stdio', '--figma-api-key=none'] },
  { name: 'mcp-server-kubernetes', version: '4.1.7', licence: 'MIT', part: 'seen' },
  { name: '@brave/brave-search-mcp-server', version: '2.1.4', licence: 'MIT', part: 'held', args: ['--transport', 'stdio'], env: { BRAVE_API_KEY: 'none' } },
  { name: '@cloudflare/mcp-server-cloudflare', version: '0.2.0', licence: 'Apache-2.0', part: 'seen', args: ['run', '0123456789abcdef0123456789abcdef'], env: { CLOUDFLARE_API_TOKEN: 'none' } },
  { name: '@hubspot/mcp-server', version: '0.4.0', licence: 'MIT', part: 'seen', env: { PRIVATE_APP_ACCESS_TOKEN: 'none' } },
  { name: '@wonderwhy-er/desktop-commander', version: '0.2.52', licence: 'MIT', part: 'seen', args: ['--no-onboarding'] },
];

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(here, '../../unit/security/corpus/benign');
const LIMIT_MS = 40_000;

const words = process.argv.slice(2);
const at = words.indexOf('--packages');
const kept = at >= 0 ? words.splice(at, 2)[1] : undefined;
const folder = kept ? path.resolve(kept) : mkdtempSync(path.join(tmpdir(), 'mcp-servers-'));
mkdirSync(out, { recursive: true });
try {
  for (const item of PACKAGES) {
    if (words.length > 0 && !words.includes(item.name)) continue;
    try {
      const lists = await record(item, install(item));
      const file = path.join(out, `${item.name.replaceAll('/', '+')}.json`);
      const { name, version, licence, part } = item;
      writeFileSync(file, `${JSON.stringify({ package: `${name}@${version}`, licence, part, ...lists })}\n`);
      console.log(`${name}@${version}: ${lists.tools.length} tools, ${lists.prompts.length} prompts, ${lists.resources.length} resources, ${lists.templates.length} templates`);
    } catch (error) {
      console.error(`${item.name}@${item.version} could not be recorded: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
} finally {
  if (!kept) await rm(folder, { recursive: true, force: true });
}

/** @param {(typeof PACKAGES)[number]} item */
function install({ name, version }) {
  const dir = path.join(folder, name);
  const manifest = path.join(dir, 'node_modules', name, 'package.json');
  if (!existsSync(manifest) || readJson(manifest).version !== version) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, 'package.json'), '{"private":true}');
    const { status, stderr } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`], { cwd: dir, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm install failed: ${stderr.trim().split('\n').at(-1)}`);
  }
  const { bin } = readJson(manifest);
  const program = typeof bin === 'string' ? bin : Object.values(bin)[0];
  return path.join(path.dirname(manifest), program);
}

/**
 * @param {(typeof PACKAGES)[number]} item
 * @param {string} program
 */
async function record({ args = [], env = {} }, program) {
  const tmp = mkdtempSync(path.join(tmpdir(), 'mcp-server-'));
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, ...args.map((arg) => arg.replace('{tmp}', tmp))],
    env: { PATH: process.env.PATH ?? '', HOME: tmp, ...env },
    cwd: tmp,
    stderr: 'ignore',
  });
  const client = new Client({ name: 'recorder', version: '1.0.0' });
  const timer = setTimeout(() => void client.close(), LIMIT_MS);
  try {
    await client.connect(transport);
    const has = client.getServerCapabilities() ?? {};
    return {
      serverInfo: client.getServerVersion(),
      instructions: client.getInstructions(),
      tools: has.tools ? await pages(client, 'tools/list', 'tools') : [],
      prompts: has.prompts ? await pages(client, 'prompts/list', 'prompts') : [],
      resources: has.resources ? await pages(client, 'resources/list', 'resources') : [],
      templates: has.resources ? await pages(client, 'resources/templates/list', 'resourceTemplates') : [],
    };
  } finally {
    clearTimeout(timer);
    await client.close();
    await rm(tmp, { recursive: true, force: true });
  }
}

/**
 * Without a look at the items: some servers' schemas are not quite what the protocol says.
 * @param {Client} client
 * @param {string} method
 * @param {string} key
 * @returns {Promise<unknown[]>}
 */
async function pages(client, method, key) {
  /** @type {unknown[]} */
  const all = [];
  let cursor;
  do {
    let page;
    try {
      page = await client.request({ method, params: cursor ? { cursor } : {} }, ResultSchema);
    } catch (error) {
      // Some servers announce resources and know no templates.
      if (/method not found/i.test(String(error))) return all;
      throw error;
    }
    all.push(.../** @type {unknown[]} */ (page[key]));
    cursor = /** @type {string | undefined} */ (page['nextCursor']);
  } while (cursor);
  return all;
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
