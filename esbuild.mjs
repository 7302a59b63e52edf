// Owns the build: bundles the extension host code (CommonJS, Node), the store worker, the headless entries and the
// webviews (ES modules, shared chunks), and copies the few files they load at run time. `--watch` prints the lines
// .vscode/tasks.json matches; `--production` minifies and leaves out source maps. Diagnostics go to stderr, so that
// a headless entry built on demand keeps its stdout to itself.
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

/** Tells VS Code's problem matcher when a build begins and ends, and prints errors in a form it can read. */
const problemMatcher = {
  name: 'problem-matcher',
  setup(build) {
    build.onStart(() => {
      if (watch) console.error('[watch] build started');
    });
    build.onEnd((result) => {
      for (const { text, location } of result.errors) {
        console.error(`✘ [ERROR] ${text}`);
        if (location) console.error(`    ${location.file}:${location.line}:${location.column}:`);
      }
      if (watch) console.error('[watch] build finished');
    });
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  sourcesContent: false,
  logLevel: 'silent',
  legalComments: 'none',
  metafile: true,
  define: { 'process.env.NODE_ENV': production ? '"production"' : '"development"' },
  plugins: [problemMatcher],
};

const host = {
  ...common,
  entryPoints: [
    { in: 'src/extension/extension.ts', out: 'extension' },
    { in: 'src/extension/store/worker/main.ts', out: 'storeWorker' },
    { in: 'src/extension/validation/workerMain.ts', out: 'validationWorker' },
    { in: 'src/extension/headless/gateway.ts', out: 'headless/gateway' },
    { in: 'src/extension/headless/uninstall.ts', out: 'uninstall' },
    { in: 'src/extension/headless/traffic.ts', out: 'headless/traffic' },
  ],
  outdir: 'dist',
  platform: 'node',
  format: 'cjs',
  // VS Code 1.101, the oldest supported, runs extensions on Node 22.
  target: 'node22',
  external: ['vscode'],
  // jsonc-parser's "main" is a UMD bundle that requires its parts by a variable name, which no bundler can follow.
  mainFields: ['module', 'main'],
};

const webviews = {
  ...common,
  entryPoints: [
    { in: 'src/webview/traffic/main.tsx', out: 'traffic' },
    { in: 'src/webview/playground/main.tsx', out: 'playground' },
    { in: 'src/webview/setup/main.tsx', out: 'setup' },
  ],
  outdir: 'dist/webview',
  platform: 'browser',
  format: 'esm',
  splitting: true,
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
};

async function copyAssets() {
  const codicons = path.join(path.dirname(require.resolve('@vscode/codicons/package.json')), 'dist');
  await mkdir(path.join(root, 'dist/webview'), { recursive: true });
  await cp(require.resolve('sql.js/dist/sql-wasm.wasm'), path.join(root, 'dist/sql-wasm.wasm'));
  for (const file of ['codicon.css', 'codicon.ttf']) {
    await cp(path.join(codicons, file), path.join(root, 'dist/webview', file));
  }
}

/** Writes the licences of every package whose code or files are in the bundles, as those licences ask. */
async function writeNotices(metafiles) {
  const folders = new Set(['node_modules/@vscode/codicons', 'node_modules/sql.js']);
  for (const { inputs } of metafiles) {
    for (const input of Object.keys(inputs)) {
      const match = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
      if (match) folders.add(match[0]);
    }
  }
  const parts = await Promise.all([...folders].toSorted().map(noticeOf));
  await writeFile(
    path.join(root, 'dist/THIRD_PARTY_NOTICES.txt'),
    `MCP Shark contains code and files of the following packages.\n\n${parts.join('\n')}`,
  );
}

async function noticeOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8'));
  const files = (await readdir(path.join(root, folder))).filter((file) => /^licen[cs]e/i.test(file));
  const texts = await Promise.all(files.map((file) => readFile(path.join(root, folder, file), 'utf8')));
  return `---- ${name} ${version} (${license})\n\n${texts.join('\n').trim()}\n`;
}

// A production build starts clean, so that nothing stale is packaged; others keep what a running editor may have open.
if (production && existsSync(path.join(root, 'dist'))) await rm(path.join(root, 'dist'), { recursive: true });
await copyAssets();

if (watch) {
  const contexts = await Promise.all([esbuild.context(host), esbuild.context(webviews)]);
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  const results = await Promise.allSettled([esbuild.build(host), esbuild.build(webviews)]);
  if (results.some((result) => result.status === 'rejected')) process.exitCode = 1;
  else if (production) await writeNotices(results.map((result) => result.value.metafile));
}
