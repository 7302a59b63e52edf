/** Owns checking text contrast (WCAG, 4.5:1) of the Traffic view in each theme: prints what falls short. */
import { launch } from './browser.ts';
import { serve } from './server.ts';

const server = await serve();
const browser = await launch();
let failures = 0;
for (const theme of ['dark-modern', 'light-modern', 'high-contrast-dark']) {
  for (const scene of ['busy', 'troubled', 'idle', 'nothingConfigured']) {
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    await page.goto(`${server.url}?scene=${scene}&theme=${theme}`);
    const frame = await (await page.waitForSelector('iframe')).contentFrame();
    await frame.locator('.call-row[id], .stage-body').first().waitFor();
    if (scene === 'busy') {
      await frame.locator('.call-row', { hasText: 'merge_pull_request' }).last().click();
      await frame.locator('.overview').waitFor();
    }
    const found = await frame.evaluate(() => {
      const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
      const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
      };
      const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
      const background = (element) => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
        return layers.reduceRight((under, layer) => over(layer, under), [255, 255, 255, 1]);
      };
      const light = (c) => {
        const [r, g, b] = c.slice(0, 3).map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const worst = new Map();
      for (const element of document.querySelectorAll('#root *')) {
        const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent).join('').trim();
        if (text === '' || element.getClientRects().length === 0) continue;
        const under = background(element);
        const color = over(rgba(getComputedStyle(element).color), under);
        const [a, b] = [light(color), light(under)].toSorted((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) worst.set(element.className || element.tagName, `${ratio.toFixed(2)} "${text.slice(0, 30)}"`);
      }
      return [...worst].map(([name, what]) => `${name}: ${what}`);
    });
    failures += found.length;
    for (const what of found) console.log(theme, scene, what);
    await page.close();
  }
}
console.log(failures === 0 ? 'All text has at least 4.5:1.' : `${failures} kinds of text fall short.`);
await browser.close();
server.close();
process.exitCode = failures === 0 ? 0 : 1;
