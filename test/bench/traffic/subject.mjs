// Owns what is measured: the store with its worker and the Traffic service, bundled from the sources as they are, and the
// webview as it is shipped, served to a browser under VS Code's Content Security Policy, with a bridge between them in the
// place of VS Code's messages: what the webview says comes by POST, what the host says by server-sent events.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import esbuild from 'esbuild';

export const root = path.resolve(import.meta.dirname, '../../..');
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' };
const ENTRY = `
export { openStore } from './src/extension/store/client';
export { JournalWriter } from './src/extension/store/journalWriter';
export { Sealer } from './src/extension/store/worker/sealer';
export { SqlEngine } from './src/extension/store/worker/sqlEngine';
export { TrafficService } from './src/extension/services/trafficService';
export { Peer } from './src/extension/rpc/peer';
export { systemClock } from './src/extension/util/clock';
export { nullLogger } from './src/extension/util/logger';
`;

/** Bundles into `dir`; gives the paths of library, worker and sql.js, and the webview's files by name. */
export async function bundle(dir) {
  const node = { absWorkingDir: root, bundle: true, platform: 'node', format: 'cjs', target: 'node22', logLevel: 'error' };
  const library = path.join(dir, 'lib.cjs');
  const workerFile = path.join(dir, 'storeWorker.cjs');
  const [, , view] = await Promise.all([
    esbuild.build({ ...node, stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' }, outfile: library }),
    esbuild.build({ ...node, entryPoints: ['src/extension/store/worker/main.ts'], outfile: workerFile }),
    esbuild.build({
      absWorkingDir: root, bundle: true, write: false, format: 'esm', target: 'es2022', jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'error',
      entryPoints: [{ in: 'src/webview/traffic/main.tsx', out: 'traffic' }], outdir: 'out', splitting: true, minify: true,
    }),
  ]);
  const pages = new Map(view.outputFiles.map((file) => [`/${path.basename(file.path)}`, Buffer.from(file.contents)]));
  const codicons = path.join(root, 'node_modules/@vscode/codicons/dist');
  for (const name of ['codicon.css', 'codicon.ttf']) pages.set(`/${name}`, await readFile(path.join(codicons, name)));
  const theme = JSON.parse(await readFile(path.join(root, 'test/support/webview/themes/dark-modern.json'), 'utf8'));
  const wasmFile = createRequire(path.join(root, 'package.json')).resolve('sql.js/dist/sql-wasm.wasm');
  return { library, workerFile, wasmFile, pages, theme };
}

/** Serves the webview; every page that is opened talks to a peer of its own over `service`. */
export async function serve({ pages, theme }, lib, service, onAdvance) {
  const sessions = new Map();
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const origin = `http://${request.headers.host}`;
    if (url.pathname === '/') return void sendPage(response, theme, origin);
    if (url.pathname === '/down') return void openSession(url.searchParams.get('id'), response);
    if (url.pathname === '/up') return void takeMessages(request, response, url.searchParams.get('id'));
    const file = pages.get(url.pathname);
    response.writeHead(file ? 200 : 404, { 'content-type': TYPES[path.extname(url.pathname)] ?? 'text/plain' });
    response.end(file);
  });
  const openSession = (id, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const listeners = new Set();
    const peer = new lib.Peer(
      {
        post: (message) => response.write(`data: ${JSON.stringify(message)}\n\n`),
        onMessage: (listener) => {
          listeners.add(listener);
          return { dispose: () => listeners.delete(listener) };
        },
      },
      service,
    );
    const advance = onAdvance((event) => peer.emit('advanced', event));
    sessions.set(id, (message) => listeners.forEach((listener) => listener(message)));
    response.write(': open\n\n');
    response.on('close', () => {
      advance.dispose();
      peer.dispose();
      sessions.delete(id);
    });
  };
  const takeMessages = (request, response, id) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(204).end();
      sessions.get(id)?.(JSON.parse(Buffer.concat(chunks).toString()));
    });
  };
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function sendPage(response, theme, origin) {
  const [nonce, styleNonce, id] = [0, 1, 2].map(() => randomBytes(12).toString('hex'));
  const variables = Object.entries(theme.variables).map(([name, value]) => `${name.replaceAll('.', '\\.')}:${value}`).join(';');
  response.writeHead(200, {
    'content-type': 'text/html',
    'content-security-policy': `default-src 'none'; connect-src ${origin}; style-src ${origin} 'nonce-${styleNonce}'; script-src 'nonce-${nonce}'; font-src ${origin}; img-src ${origin} data:`,
  });
  response.end(`<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><meta property="csp-nonce" content="${styleNonce}">
<style nonce="${styleNonce}">:root{${variables}}</style>
<link rel="stylesheet" href="/codicon.css"><link rel="stylesheet" href="/traffic.css"><link rel="icon" href="data:,">
<script nonce="${nonce}">
let state;
const down = new EventSource('/down?id=${id}');
const opened = new Promise((resolve) => { down.onopen = resolve; });
let sending = opened;
down.onmessage = ({ data }) => window.dispatchEvent(new MessageEvent('message', { data: JSON.parse(data), origin: location.origin }));
globalThis.acquireVsCodeApi = () => ({
  postMessage: (message) => { sending = sending.then(() => fetch('/up?id=${id}', { method: 'POST', body: JSON.stringify(message) })); },
  getState: () => state,
  setState: (next) => (state = next),
});
</script>
<title>Traffic</title></head><body class="${theme.bodyClass}" data-vscode-theme-kind="${theme.themeKind}"><div id="root"></div>
<script type="module" nonce="${nonce}" src="/traffic.js"></script></body></html>`);
}
