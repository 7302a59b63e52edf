/** The whole: configuration file, approval, gateway and audit log together, as the editor runs them. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Application } from '../../../src/extension/application';
import type { CallRow } from '../../../src/extension/contract/traffic';
import { DEFAULT_POLICY } from '../../../src/extension/security/policy';
import { Governance } from '../../../src/extension/security/policyGovernance';
import { createServerRegistry } from '../../../src/extension/servers/registry';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { plainResolver, ROOT } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';
import { eventually } from '../../support/gateway/waiting';
import { cleanFolders, tempFolder, wasmFile, workerFile } from '../../support/store/storeHarness';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  cleanFolders();
});

it('a server waits, is approved, serves, is denied a tool, and all of it stands in the audit log', async () => {
  const dir = tempFolder();
  const dist = path.join(dir, 'dist');
  mkdirSync(dist);
  copyFileSync(workerFile(), path.join(dist, 'storeWorker.js'));
  copyFileSync(wasmFile, path.join(dist, 'sql-wasm.wasm'));
  const file = path.join(dir, 'mcp-shark.json');
  const entry = { command: process.execPath, args: [path.join(ROOT, 'test/servers/scripted.mjs')], env: { SCRIPT: '{"tools":["echo","delete_all"]}' } };
  const configure = (servers: object): void => writeFileSync(file, JSON.stringify({ servers }));
  configure({ demo: { ...entry, tools: { deny: ['delete_*'] } }, off: { ...entry, enabled: false } });

  let ids = 0;
  const randomId = (): string => `id${process.pid}x${++ids}`;
  const registry = createServerRegistry({ files: [file], clock: systemClock, logger: nullLogger });
  const governance = new Governance({
    dir: path.join(dir, 'governance'),
    clock: systemClock,
    logger: nullLogger,
    randomId,
    policy: () => DEFAULT_POLICY,
    trusted: () => true,
    user: 'ada',
    servers: () => registry.servers,
    inputs: () => registry.inputs,
  });
  const application = new Application({
    storeDir: path.join(dir, 'store'),
    distDir: dist,
    version: '1',
    clock: systemClock,
    logger: nullLogger,
    randomId,
    registry,
    resolver: plainResolver,
    governance,
    token: 'secret',
    port: () => 0,
    trusted: () => true,
  });
  undo.push(() => registry.dispose(), () => governance.dispose(), () => application.close());
  const states = (): string[] => application.status.servers.map(({ state }) => state.kind);

  await registry.reload();
  expect(states()).toEqual(['waitingForApproval', 'disabled']);
  await application.setRouting(true);
  expect(states()).toEqual(['waitingForApproval', 'disabled']);
  expect(application.offer?.servers).toEqual([]);

  const client = new RawClient(application.offer!.url, { authorization: 'Bearer secret' });
  undo.push(() => client.close());
  await client.open();
  await client.call('early', 'demo__echo');
  const [{ id, hash }] = governance.pending() as unknown as [{ id: string; hash: string }];
  let offers = 0;
  application.onDidChangeOffer(() => offers++);
  await governance.approveServer(id, hash);
  expect(offers).toBeGreaterThan(0);
  expect(application.offer?.servers.map(({ name, url }) => [name, url.endsWith('/mcp/demo')])).toEqual([['demo', true]]);
  await eventually('the server to run', () => states()[0] === 'running');
  await client.post('{"jsonrpc":"2.0","id":"list","method":"tools/list"}');
  await client.call('ok', 'demo__echo');
  await client.call('no', 'demo__delete_all');

  const store = await application.store();
  await store.settled();
  const rows = async (filter: string): Promise<readonly CallRow[]> => (await store.page({ filter, position: { kind: 'newest' }, limit: 100 })).rows;
  expect((await rows('method:tools/call')).map(({ name, status, server, errorCode }) => [name, status, server, errorCode])).toEqual([
    ['delete_all', 'blocked', 'demo', -32080],
    ['echo', 'ok', 'demo', undefined],
    ['echo', 'blocked', 'demo', -32080],
  ]);
  expect(await rows('status:blocked')).toHaveLength(2);
  const echo = governance.definitions(id).find(({ name }) => name === 'echo')!;
  expect((await rows(`definition:${echo.hash.slice(0, 16)}`)).map(({ name }) => name)).toEqual(['echo']);
  const journal = readdirSync(path.join(dir, 'store'), { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(path.join(one.parentPath, one.name), 'latin1'))
    .join('');
  for (const type of ['policy.waiting', 'policy.approved', 'policy.blocked']) expect(journal).toContain(`"${type}"`);
  expect(journal).toContain('"by":"ada"');
  // A change of what runs, in the file: no longer started.
  configure({ demo: { ...entry, args: [...entry.args, '--more'] } });
  await eventually('the change', () => states().join() === 'waitingForApproval');
  expect(governance.pending()).toMatchObject([{ why: { kind: 'changed', changes: [{ field: 'args' }] } }]);
  await application.close();
  expect(states()).toEqual(['waitingForApproval']);
});
