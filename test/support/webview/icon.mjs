/** Owns drawing media/icon.png (128 × 128) from media/icon.svg: `node test/support/webview/icon.mjs`. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { launchBrowser } from '../editor/browser.ts';
import { root } from './server.ts';

const svg = await readFile(path.join(root, 'media/icon.svg'), 'utf8');
const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 128, height: 128 } });
await page.setContent(`<style>body{margin:0}svg{display:block}</style>${svg}`);
await writeFile(path.join(root, 'media/icon.png'), await page.screenshot({ omitBackground: true }));
if (process.argv[2] === '--preview') {
  const mark = await readFile(path.join(root, 'media/shark.svg'), 'utf8');
  await page.setViewportSize({ width: 640, height: 300 });
  const sized = (px) => mark.replace('width="24" height="24"', `width="${px}" height="${px}"`);
  await page.setContent(`<body style="margin:20px;background:#1f1f1f;color:#ccc">${svg} ${sized(16)} ${sized(24)} ${sized(48)} ${sized(160)}</body>`);
  await page.screenshot({ path: path.join(root, 'test-results/icon-preview.png') });
}
await browser.close();
