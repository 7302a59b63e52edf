/**
 * Owns building the webview with its stub host and serving both to a browser, the inner page under the same Content
 * Security Policy as in VS Code. Not shipped.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import type { ViewName } from './devPage';

const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.resolve(here, '../../..');
const types: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.ttf': 'font/ttf', '.html': 'text/html' };

/** What VS Code puts before a webview's own styles (1.139, shortened to what this page can meet). */
const defaultStyles = `@layer vscode-default {
html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
body { overscroll-behavior-x: none; background-color: transparent; color: var(--vscode-editor-foreground);
  font-family: var(--vscode-font-family); font-weight: var(--vscode-font-weight); font-size: var(--vscode-font-size); margin: 0; padding: 0 20px; }
code { font-family: var(--monaco-monospace-font); color: var(--vscode-textPreformat-foreground); background-color: var(--vscode-textPreformat-background); padding: 1px 3px; border-radius: 4px; }
blockquote { background: var(--vscode-textBlockQuote-background); border-color: var(--vscode-textBlockQuote-border); }
a:focus, input:focus, select:focus, textarea:focus { outline: 1px solid -webkit-focus-ring-color; outline-offset: -1px; } }`;

/** A view's entry is src/webview/<view>/main.tsx; what stands in for VS Code around it, parentPage.ts here or in its folder. */
async function build(view: ViewName): Promise<Map<string, Buffer>> {
  const common = { absWorkingDir: root, bundle: true, write: false as const, format: 'esm' as const, target: 'es2022', jsx: 'automatic' as const, jsxImportSource: 'preact', logLevel: 'error' as const };
  const [inner, parent] = await Promise.all([
    esbuild.build({ ...common, entryPoints: [{ in: `src/webview/${view}/main.tsx`, out: view }], outdir: 'out', splitting: true, minify: true }),
    esbuild.build({ ...common, entryPoints: [{ in: `test/support/webview/${view === 'traffic' ? '' : `${view}/`}parentPage.ts`, out: 'parent' }], outdir: 'out' }),
  ]);
  return new Map([...inner.outputFiles, ...parent.outputFiles].map((file) => [`/${path.basename(file.path)}`, Buffer.from(file.contents)]));
}

function innerHtml(view: ViewName, nonce: string, styleNonce: string, origin: string): { readonly csp: string; readonly html: string } {
  const csp = `default-src 'none'; style-src ${origin} 'nonce-${styleNonce}'; script-src 'nonce-${nonce}'; font-src ${origin}; img-src ${origin} data:; media-src data:`;
  return {
    csp,
    html: `<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8"><meta property="csp-nonce" content="${styleNonce}">
<script nonce="${nonce}">
const parentWindow = window.parent; parentWindow.prepareInner(window);
globalThis.acquireVsCodeApi = () => ({ postMessage: (m) => window.harnessPost(m), getState: () => window.harnessState, setState: (s) => { window.harnessState = s; return s; } });
window.parent = window; window.top = window;
</script>
<link rel="stylesheet" href="/vscode-default.css"><link rel="stylesheet" href="/codicon.css"><link rel="stylesheet" href="/${view}.css">
<title>MCP ${view[0]?.toUpperCase()}${view.slice(1)}</title></head><body><div id="root"></div><script type="module" nonce="${nonce}" src="/${view}.js"></script></body></html>`,
  };
}

export interface DevServer {
  readonly url: string;
  readonly view: ViewName;
  close(): void;
}

/** On a port of its own on loopback. */
export async function serve(view: ViewName): Promise<DevServer> {
  const files = await build(view);
  const codicons = path.join(root, 'node_modules/@vscode/codicons/dist');
  for (const file of ['codicon.css', 'codicon.ttf']) files.set(`/${file}`, await readFile(path.join(codicons, file)));
  files.set('/vscode-default.css', Buffer.from(defaultStyles));
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const origin = `http://${request.headers.host}`;
    if (pathname === '/') {
      response.setHeader('content-type', 'text/html');
      response.end('<!DOCTYPE html><link rel="icon" href="data:,"><link rel="stylesheet" href="/outer.css"><body><script type="module" src="/parent.js"></script>');
    } else if (pathname === '/outer.css') {
      response.setHeader('content-type', 'text/css');
      response.end('html,body{margin:0;height:100%;overflow:hidden;background:#808080}iframe{border:0;width:100%;height:100%;display:block}');
    } else if (pathname === '/inner.html') {
      const { csp, html } = innerHtml(view, randomBytes(16).toString('hex'), randomBytes(16).toString('hex'), origin);
      response.setHeader('content-type', 'text/html');
      response.setHeader('content-security-policy', csp);
      response.end(html);
    } else {
      const send = (body: Buffer): void => {
        response.setHeader('content-type', types[path.extname(pathname)] ?? 'application/octet-stream');
        response.end(body);
      };
      const known = files.get(pathname);
      if (known) send(known);
      else if (/^\/themes\/[\w-]+\.json$/.test(pathname)) readFile(path.join(here, pathname)).then(send, () => void response.writeHead(404).end());
      else response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, view, close: () => void server.close() };
}
