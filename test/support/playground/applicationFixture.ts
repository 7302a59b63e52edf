/**
 * Owns a whole application with its Playground for tests: configuration file, real gateway, real store, the service a
 * webview talks to. Everything in a folder of its own, removed at the end.
 */
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Application } from '../../../src/extension/application';
import type { PlaygroundState } from '../../../src/extension/contract/playground';
import type { PlaygroundRun, RunRequest } from '../../../src/extension/contract/playgroundRuns';
import type { PlaygroundApi } from '../../../src/extension/contract/playgroundApi';
import { Playground } from '../../../src/extension/playground/playground';
import { SavedCalls } from '../../../src/extension/playground/savedCalls';
import type { Handlers } from '../../../src/extension/rpc/peer';
import { createServerRegistry } from '../../../src/extension/servers/registry';
import { createResolver } from '../../../src/extension/servers/resolver';
import { playgroundHandlers, playgroundPort, type PlaygroundEditorPort, type TitledResult } from '../../../src/extension/services/playgroundService';
import type { PlaygroundPort } from '../../../src/extension/services/playgroundPort';
import { ApplicationWorld, recordedCalls } from '../../../src/extension/services/playgroundWorld';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { check } from '../../../src/extension/validation/check';
import { eventually } from '../gateway/waiting';
import { wasmFile, workerFile } from '../store/storeHarness';
import { FakePerson } from './playgroundFixture';

export class FakeEditor implements PlaygroundEditorPort {
  readonly did: string[] = [];
  compared: readonly TitledResult[] = [];
  reveal = async (): Promise<void> => void this.did.push('reveal');
  takeStep = async (step: string, server?: string): Promise<void> => void this.did.push(`${step} ${server ?? ''}`.trim());
  openResult = async ({ title }: TitledResult): Promise<void> => void this.did.push(`open ${title}`);
  compareResults = async (left: TitledResult, right: TitledResult): Promise<void> => void (this.compared = [left, right]);
  showCall = async (call: string): Promise<void> => void this.did.push(`call ${call}`);
  openFile = async (file: string, line?: number): Promise<void> => void this.did.push(`file ${file}:${line ?? ''}`);
  openContent = async ({ name, bytes }: { name: string; bytes: Uint8Array }, _place: object, how: 'open' | 'save'): Promise<void> => void this.did.push(`${how} ${name} ${bytes.length}`);
  copy = async (text: string): Promise<void> => void this.did.push(`copy ${text}`);
  openLink = async (url: string): Promise<void> => void this.did.push(`link ${url}`);
}

export interface ApplicationFixture {
  /** Absolute path of the workspace folder. */
  readonly folder: string;
  readonly application: Application;
  readonly playground: Playground;
  readonly api: Handlers<PlaygroundApi>;
  readonly port: PlaygroundPort;
  readonly person: FakePerson;
  readonly editor: FakeEditor;
  readonly saved: SavedCalls;
  readonly trust: { given: boolean };
  configure(servers: Readonly<Record<string, object>>): Promise<void>;
  until<T>(what: string, look: (state: PlaygroundState) => T | undefined | false): Promise<T>;
  run(request: Pick<RunRequest, 'target'> & { readonly args?: unknown }): Promise<PlaygroundRun>;
  result(run: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const signal = new AbortController().signal;
export { signal as neverAborted };

export async function startApplication(): Promise<ApplicationFixture> {
  const trust = { given: true };
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcp-shark-application-')));
  const file = join(folder, '.vscode', 'mcp-shark.json');
  mkdirSync(dirname(file), { recursive: true });
  const worker = workerFile();
  copyFileSync(wasmFile, join(dirname(worker), 'sql-wasm.wasm'));
  const registry = createServerRegistry({ files: [file], clock: systemClock, logger: nullLogger });
  const application: Application = new Application({
    storeDir: join(folder, 'store'),
    distDir: dirname(worker),
    version: '9.9.9',
    clock: systemClock,
    logger: nullLogger,
    randomId: (bytes) => randomBytes(bytes).toString('base64url'),
    registry,
    resolver: createResolver({ folders: [{ name: 'project', path: folder }], inputs: () => registry.inputs, input: { get: async () => undefined }, env: process.env, logger: nullLogger }),
    token: 'a-token-for-tests',
    port: () => 0,
    trusted: () => trust.given,
  });
  const person = new FakePerson();
  const editor = new FakeEditor();
  const memory = new Map<string, unknown>();
  const playground = new Playground(
    {
      world: new ApplicationWorld(application, () => registry.servers),
      calls: recordedCalls(application),
      person,
      memory: { get: (key) => memory.get(key), set: async (key, value) => void memory.set(key, value) },
      checkSchema: async (schema, value) => check(schema, value),
      confirmPolicy: () => 'destructive',
      redact: (text) => text,
      folders: () => [{ uri: `file://${folder}`, name: 'project' }],
      version: '9.9.9',
      clock: systemClock,
      logger: nullLogger,
    },
    application.playgroundTap,
  );
  const saved = new SavedCalls({ folders: () => [{ path: folder, name: 'project' }], redact: (text) => text });
  const parts = { playground, saved, person, editor };
  const api = playgroundHandlers(parts);
  const fixture: ApplicationFixture = {
    folder,
    application,
    playground,
    api,
    port: playgroundPort(parts),
    person,
    editor,
    saved,
    trust,
    async configure(servers) {
      writeFileSync(file, JSON.stringify({ servers }));
      await registry.reload();
    },
    until: (what, look) => eventually(what, () => look(playground.state), 30_000),
    async run({ target, args }) {
      const started = await api.start({ target, argumentsText: args === undefined ? '' : JSON.stringify(args), sendAnyway: false, asTask: false }, signal);
      if (started.kind !== 'started') throw new Error(JSON.stringify(started));
      return fixture.until(`the end of ${target.name}`, ({ runs }) => runs.find(({ id, status, timing, call }) => id === started.run && status !== 'running' && (timing !== undefined || call === undefined)));
    },
    result: async (run) => JSON.parse((await playground.result(run))?.text ?? 'null') as Record<string, unknown>,
    async close() {
      playground.dispose();
      await application.close();
      registry.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return fixture;
}
