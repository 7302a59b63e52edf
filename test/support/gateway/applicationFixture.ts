/** Owns an application without editor or playground for tests: its own folder, store and servers; nothing approves or asks. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { Application, type ApplicationOptions } from '../../../src/extension/application';
import { createServerRegistry } from '../../../src/extension/servers/registry';
import { systemClock } from '../../../src/extension/util/clock';
import { nullLogger } from '../../../src/extension/util/logger';
import { tempFolder, wasmFile, workerFile } from '../store/storeHarness';
import { plainResolver } from './gatewayFixture';

export interface PlainApplication {
  readonly application: Application;
  close(): Promise<void>;
}

/** `servers`: as in `.vscode/mcp-shark.json`. The folder is cleaned by the caller's `cleanFolders`. */
export async function openApplication(servers: Readonly<Record<string, object>>, options: Partial<ApplicationOptions> = {}): Promise<PlainApplication> {
  const dir = tempFolder();
  mkdirSync(path.join(dir, 'dist'));
  copyFileSync(workerFile(), path.join(dir, 'dist/storeWorker.js'));
  copyFileSync(wasmFile, path.join(dir, 'dist/sql-wasm.wasm'));
  const file = path.join(dir, 'mcp-shark.json');
  writeFileSync(file, JSON.stringify({ servers }));
  const registry = createServerRegistry({ files: [file], clock: systemClock, logger: nullLogger });
  let ids = 0;
  const application = new Application({
    storeDir: path.join(dir, 'store'),
    distDir: path.join(dir, 'dist'),
    version: '1',
    clock: systemClock,
    logger: nullLogger,
    randomId: () => `id${process.pid}x${++ids}`,
    registry,
    resolver: plainResolver,
    token: 'secret',
    port: () => 0,
    trusted: () => true,
    ...options,
  });
  await registry.reload();
  return {
    application,
    async close() {
      await application.close();
      registry.dispose();
    },
  };
}
