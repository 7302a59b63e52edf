/** A port that stays, and several windows that want it: each window has a gateway, and one that is told to insist fails in words. */
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { Application } from '../../../src/extension/application';
import { nullLogger } from '../../../src/extension/util/logger';
import { openApplication } from '../../support/gateway/applicationFixture';
import { cleanFolders } from '../../support/store/storeHarness';

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
  const warned: string[] = [];
  const logger = { ...nullLogger, warn: (text: string) => void warned.push(text) };
  const { application, close } = await openApplication({ idle: { command: 'never-started' } }, { logger, port: () => port, takesOtherPort });
  undo.push(close);
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
