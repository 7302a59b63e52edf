/**
 * Owns measuring the Traffic view in a real browser with a million calls: time to first rows, frames while scrolling,
 * live traffic, memory. Prints numbers; judges nothing. `node test/support/webview/measure.mjs`
 */
import { launch } from './browser.ts';
import { serve } from './server.ts';

const server = await serve();
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
const started = Date.now();
await page.goto(`${server.url}?scene=million`);
const frame = await (await page.waitForSelector('iframe')).contentFrame();
await frame.locator('.call-row[id]').first().waitFor();
console.log('first rows after', Date.now() - started, 'ms (server, browser and page load included)');

/** Runs `step` once per animation frame and gives the lengths of the frames, sorted. */
const frames = (count, kind) =>
  frame.evaluate(
    ([n, how]) =>
      new Promise((resolve) => {
        const list = document.querySelector('.call-list .virtual-list');
        const times = [];
        let last = performance.now();
        let i = 0;
        const next = (now) => {
          times.push(now - last);
          last = now;
          if (how === 'wheel') list.scrollTop -= 90;
          if (how === 'thumb') list.scrollTop = (list.scrollHeight * ((i * 37) % n)) / n;
          i += 1;
          if (i < n) requestAnimationFrame(next);
          else resolve(times.toSorted((a, b) => a - b));
        };
        requestAnimationFrame(next);
      }),
    [count, kind],
  );
const say = (name, times) =>
  console.log(name, 'frames', times.length, 'p50', times[Math.floor(times.length / 2)].toFixed(1), 'p95', times[Math.floor(times.length * 0.95)].toFixed(1), 'max', times.at(-1).toFixed(1), 'ms; over 50 ms:', times.filter((t) => t > 50).length);
say('still', await frames(120, 'still'));
say('wheel', await frames(300, 'wheel'));
say('thumb', await frames(200, 'thumb'));
const place = await frame.evaluate(() => [...document.querySelectorAll('.call-row[id]')].map((row) => row.dataset.index).at(10));
console.log('stands at row', place);
await frame.locator('.call-list .virtual-list').press('End');
const live = frames(300, 'still');
for (let i = 0; i < 50; i += 1) {
  await page.evaluate(() => window.harness.add(100));
  await page.waitForTimeout(80);
}
say('live, 1,000 calls/s', await live);
await page.waitForTimeout(500);
console.log('last row', await frame.evaluate(() => [...document.querySelectorAll('.call-row[id]')].at(-1)?.getAttribute('aria-rowindex')));
const client = await page.context().newCDPSession(page);
await client.send('HeapProfiler.collectGarbage');
console.log('heap', await page.evaluate(() => Math.round(performance.memory.usedJSHeapSize / 1e6)), 'MB (stub host included)', 'nodes', await frame.evaluate(() => document.querySelectorAll('*').length));
await browser.close();
server.close();
