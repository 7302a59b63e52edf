/** Owns what the tests of routing share: a machine in memory, and short ways to find, route and undo on it. */
import { discoverServers } from '../../../../src/extension/servers/import/discover';
import type { DiscoveryEnvironment, Endpoint, FoundServer } from '../../../../src/extension/servers/import/types';
import type { ChangePlan } from '../../../../src/extension/servers/routing/plan';
import { createRouting, type Routing } from '../../../../src/extension/servers/routing/routing';
import { MemoryFs } from './memoryFs';

export const STORAGE = '/home/ann/.config/Code/User/globalStorage/mcpshark.mcp-shark';
export const USER_FILE = `${STORAGE}/mcp-shark.json`;
export const APP_FILE = '/proj/app/.vscode/mcp-shark.json';
export const ENVIRONMENT: DiscoveryEnvironment = {
  platform: 'linux',
  home: '/home/ann',
  env: {},
  folders: [
    { name: 'app', path: '/proj/app' },
    { name: 'lib', path: '/proj/lib' },
  ],
  workspaceFile: '/proj/all.code-workspace',
  editorUserDir: '/home/ann/.config/Code/User',
};
export const ENDPOINT: Endpoint = { url: 'http://127.0.0.1:4321/mcp', token: { kind: 'literal', value: 'tok-secret' } };

export class Bench {
  readonly fs = new MemoryFs();
  nowMs = 1_800_000_000_000;
  isTrusted = true;
  #ids = 0;
  readonly routing: Routing = this.again();

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.fs.set('/home/ann/.keep', '');
    this.fs.set('/proj/app/.keep', '');
    this.fs.set('/proj/lib/.keep', '');
    for (const [file, text] of Object.entries(files)) this.fs.set(file, text);
  }

  /** A second window, or the same after a restart. */
  again(): Routing {
    return createRouting({ storageDir: STORAGE, now: () => this.nowMs, randomId: () => `id${++this.#ids}`, isTrusted: () => this.isTrusted, platform: 'linux', fs: this.fs });
  }

  async find(...names: readonly string[]): Promise<readonly FoundServer[]> {
    const { servers } = await discoverServers(ENVIRONMENT, this.fs.config);
    return names.length === 0 ? servers : servers.filter(({ name }) => names.includes(name));
  }

  async plan(servers: readonly FoundServer[], otherClients: 'point' | 'leave' = 'point', endpoint: Endpoint | undefined = ENDPOINT): Promise<ChangePlan> {
    return this.routing.planRoute({ servers, folders: ENVIRONMENT.folders, otherClients, ...(endpoint ? { endpoint } : {}) });
  }

  async route(...names: readonly string[]): Promise<ChangePlan> {
    const plan = await this.plan(await this.find(...names));
    await this.routing.apply(plan);
    return plan;
  }

  async undo(which: 'all' | readonly string[] = 'all'): Promise<ChangePlan> {
    const plan = await this.routing.planUndo(which);
    await this.routing.apply(plan);
    return plan;
  }

  json(file: string): unknown {
    const text = this.fs.text(file);
    return text === undefined ? undefined : JSON.parse(text.replace(/^\uFEFF/, ''));
  }

  /** Everything of the user: the workspace and the home, without the storage folder. */
  tree(): Record<string, string> {
    const all = { ...this.fs.tree('/proj'), ...this.fs.tree('/home') };
    return Object.fromEntries(Object.entries(all).filter(([file]) => !file.startsWith(STORAGE) && !STORAGE.startsWith(file.replace(/\/$/, ''))));
  }
}

export const said = (plan: ChangePlan): string[] => plan.notes.map(({ message }) => message);
