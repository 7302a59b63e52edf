/** A port that stays, and several windows that want it: each window has a gateway, and one that is told to insist fails in words. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import * as path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Application } from '../../../src/extension/application';
import { createServerRegistry } from '../../../src/extension/servers/registry';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { plainResolver } from '../../support/gateway/gatewayFixture';
import { cleanFolders, tempFolder, wasmFile, workerFile } from '../../support/store/storeHarness';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  cleanFolders();
});

async function taken(): Promise<number> {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  undo.push(() => new Promise((resolve) => other.close(resolve)));
  return (other.address() as AddressInfo).port;
}

async function open(port: number, takesOtherPort: boolean): Promise<{ readonly application: Application; readonly warned: readonly string[] }> {
  const dir = tempFolder();
  mkdirSync(path.join(dir, 'dist'));
  copyFileSync(workerFile(), path.join(dir, 'dist/storeWorker.js'));
  copyFileSync(wasmFile, path.join(dir, 'dist/sql-wasm.wasm'));
  const file = path.join(dir, 'mcp-shark.json');
  writeFileSync(file, JSON.stringify({ servers: { idle: { command: 'never-started' } } }));
  const registry = createServerRegistry({ files: [file], clock: systemClock, logger: nullLogger });
  const warned: string[] = [];
  let ids = 0;
  const application = new Application({
    storeDir: path.join(dir, 'store'),
    distDir: path.join(dir, 'dist'),
    version: '1',
    clock: systemClock,
    logger: { ...nullLogger, warn: (text) => void warned.push(text) },
    randomId: () => `id${process.pid}x${++ids}`,
    registry,
    resolver: plainResolver,
    token: 'secret',
    port: () => port,
    takesOtherPort,
    trusted: () => true,
  });
  undo.push(() => registry.dispose(), () => application.close());
  await registry.reload();
  await application.setRouting(true);
  return { application, warned };
}

it('a window whose port is taken serves its own editor from another one, and says so', async () => {
  const port = await taken();
  const { application, warned } = await open(port, true);
  const { gateway } = application.status;
  expect(gateway.kind).toBe('on');
  expect(application.offer?.url).not.toContain(`:${port}/`);
  expect((await fetch(application.offer!.url, { method: 'POST' })).status).toBe(401);
  expect(warned.filter((text) => text.includes(`port ${port} is taken`)).length).toBe(1);
});

it('without that it fails, with the port in its words, and can be started once the port is free', async () => {
  const port = await taken();
  const { application } = await open(port, false);
  expect(application.status.gateway).toMatchObject({ kind: 'failed', message: expect.stringContaining(`port ${port} is taken`) as string });
  expect(application.offer).toBeUndefined();
  await undo.shift()!();
  await application.setRouting(false);
  await application.setRouting(true);
  expect(application.status.gateway).toMatchObject({ kind: 'on', url: `http://127.0.0.1:${port}` });
});

it('a server cannot be restarted while nothing is routed, which is said', async () => {
  const { application } = await open(0, false);
  await application.setRouting(false);
  await expect(application.restartServer('idle')).rejects.toMatchObject({ code: 'gateway.closed', message: expect.stringContaining('Turn routing on') as string });
});
