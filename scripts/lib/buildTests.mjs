// Compiles what runs inside the editor's extension host: the suite (dist-test/host/index.js) and the driver extension
// (dist-test/driver). CommonJS, as extension hosts load it; `vscode` comes from the host.
import { copyFile, mkdir } from 'node:fs/promises';
import { inProject, projectFolder } from './paths.mjs';

export const suitePath = inProject('dist-test', 'host', 'index.js');
export const driverFolder = inProject('dist-test', 'driver');

export async function buildTests() {
  const { build } = await import('esbuild');
  await mkdir(driverFolder, { recursive: true });
  await copyFile(inProject('test', 'host', 'driver', 'package.json'), inProject('dist-test', 'driver', 'package.json'));
  await build({
    absWorkingDir: projectFolder,
    entryPoints: { 'host/index': 'test/host/index.ts', 'driver/extension': 'test/host/driver/extension.ts' },
    outdir: 'dist-test', bundle: true, format: 'cjs', platform: 'node', target: 'node20', sourcemap: 'inline', sourcesContent: false,
    external: ['vscode', 'sql.js'], logLevel: 'warning',
  });
}
