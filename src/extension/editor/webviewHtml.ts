/**
 * Owns the one page every webview starts from, and its Content Security Policy: scripts by nonce, styles, fonts and
 * images from the extension only, no network at all.
 */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

export interface WebviewPage {
  readonly webview: vscode.Webview;
  readonly extensionUri: vscode.Uri;
  /** Name of the bundle: `traffic` loads dist/webview/traffic.js and traffic.css. */
  readonly bundle: string;
  readonly title: string;
}

/** The folder a webview may load from. */
export function webviewRoot(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}

export function webviewHtml({ webview, extensionUri, bundle, title }: WebviewPage): string {
  const root = webviewRoot(extensionUri);
  const asset = (name: string): string => escapeHtml(webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString());
  const nonce = randomBytes(16).toString('base64url');
  // The UI toolkit tests the browser with one empty style element; it takes the nonce for it from the meta element
  // below. Its own nonce: who could read it from the page must gain nothing for scripts.
  const styleNonce = randomBytes(16).toString('base64url');
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}' ${webview.cspSource}`,
    `style-src 'nonce-${styleNonce}' ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    // Pictures and sound of recorded messages, out of the message itself: no request leaves the page for them.
    `img-src ${webview.cspSource} data:`,
    `media-src data:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta property="csp-nonce" content="${styleNonce}">
<link rel="stylesheet" href="${asset('codicon.css')}">
<link rel="stylesheet" href="${asset(`${bundle}.css`)}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<div id="root"></div>
<script type="module" nonce="${nonce}" src="${asset(`${bundle}.js`)}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
