/** Content from anyone, drawn: what it is meant to be, and nothing else. */
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SchemaCheck } from '../../../../src/extension/contract/trafficApi';
import { ContentBlocks } from '../../../../src/webview/components/content/ContentBlocks';
import type { ContentActions } from '../../../../src/webview/components/content/contentActions';
import { ToolResultView } from '../../../../src/webview/components/content/ToolResultView';
import { mount, type Mount } from '../../../support/webview/mount';
import { PNG, toneWav } from '../../../support/webview/sampleMedia';

let place: Mount;
let root: HTMLElement;
let asked: string[];
const actions: ContentActions = {
  openLink: (url) => asked.push(`link ${url}`),
  copyText: (text) => asked.push(`copy ${text}`),
  openContent: (pointer, how) => asked.push(`${how} ${pointer}`),
};
beforeEach(() => {
  place = mount();
  ({ root } = place);
  asked = [];
});
afterEach(() => place.close());

const draw = (result: unknown, outputCheck?: SchemaCheck): void => place.draw(<ToolResultView result={result} pointer="/result" actions={actions} outputCheck={outputCheck} />);
const text = (markdown: string): void => draw({ content: [{ type: 'text', text: markdown }] });
const click = async (selector: string): Promise<void> => act(async () => root.querySelector<HTMLElement>(selector)!.click());

describe('Markdown', () => {
  it('is drawn with headings, lists, tables and code', () => {
    text('# Title\n\n- [x] done\n- **two**\n\n| a | b |\n| - | -: |\n| 1 | 2 |\n\n```js\nlet a;\n```');
    expect(root.querySelector('[role=heading]')?.textContent).toBe('Title');
    expect(root.querySelectorAll('.markdown li')).toHaveLength(2);
    expect(root.querySelector('.markdown strong')?.textContent).toBe('two');
    expect(root.querySelector('td.align-right')?.textContent).toBe('2');
    expect(root.querySelector('.markdown-code')?.textContent).toBe('let a;');
  });

  it('never becomes markup: HTML stays text, nothing is loaded', () => {
    text('# t\n\n<img src="https://evil/x" onerror="alert(1)">\n\na <b onclick="x">b</b> ![pixel](https://evil/p.png)\n\n<script>alert(1)</script>');
    expect(root.querySelector('.markdown img, .markdown script, .markdown b, .markdown iframe')).toBeNull();
    expect(root.textContent).toContain('<script>alert(1)</script>');
    expect(root.querySelector('[role=link]')?.textContent).toBe('image: pixel');
  });

  it('opens links only through whoever asks, and only those of the web', async () => {
    text('# t\n\n[good](https://example.com/a) [run](command:quit) [js](javascript:alert(1)) <https://example.org>');
    expect(root.querySelector('a')).toBeNull();
    const links = [...root.querySelectorAll<HTMLElement>('[role=link]')];
    expect(links.map((link) => link.textContent)).toEqual(['good', 'https://example.org']);
    expect(root.querySelector('.dead-link')?.textContent).toBe('run (command:quit)');
    await act(async () => links[0]!.click());
    await act(async () => void links[1]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })));
    expect(asked).toEqual(['link https://example.com/a', 'link https://example.org']);
  });

  it('says the real address beside a text that looks like another', () => {
    text('# t\n\n[https://bank.example](https://evil.example/login) [bank.example](https://bank.example/x)');
    expect(root.querySelectorAll('.link-target')).toHaveLength(1);
    expect(root.querySelector('.link-target')?.textContent).toContain('https://evil.example/login');
  });

  it('shows what cannot be seen, and resolves references only within itself', () => {
    text('# a\u202eb \u001b[31m\n\n[x][y]\n\n[y]: https://example.com');
    expect(root.querySelector('[role=heading]')?.textContent).toContain('a\\u202eb \\u001b[31m');
    expect(root.querySelector('[role=link]')?.getAttribute('title')).toContain('https://example.com');
  });

  it('can be read as the text it is', async () => {
    text('# Title');
    await act(async () => [...root.querySelectorAll<HTMLElement>('[role=radio]')].find((one) => one.textContent === 'Text')!.click());
    expect(root.querySelector('.text-block')?.textContent).toBe('# Title');
  });
});

describe('media', () => {
  it('are drawn from their own data, as what they are', () => {
    draw({ content: [{ type: 'image', mimeType: 'image/jpeg', data: PNG }, { type: 'audio', mimeType: 'audio/x-wav', data: toneWav() }] });
    const image = root.querySelector('img')!;
    expect(image.getAttribute('src')).toMatch(/^data:image\/png;base64,/);
    expect([image.getAttribute('width'), image.getAttribute('height')]).toEqual(['320', '200']);
    expect(root.textContent).toContain('Declared as image/jpeg, but it is image/png.');
    const audio = root.querySelector('audio')!;
    expect(audio.getAttribute('src')).toMatch(/^data:audio\/wav;base64,/);
    expect(audio.autoplay).toBe(false);
    expect(root.querySelectorAll('.content-warning')).toHaveLength(1);
  });

  it('that are none are shown as bytes, and what is no base64 as text', () => {
    draw({ content: [{ type: 'image', mimeType: 'image/png', data: btoa('<img onload=alert(1)') }, { type: 'image', mimeType: 'image/png', data: '"><script>' }] });
    expect(root.querySelector('img, script')).toBeNull();
    expect(root.querySelector('.content-bytes')?.textContent).toContain('3c 69 6d 67');
    expect(root.textContent).toContain('The data is not valid base64.');
  });

  it('are opened and saved by the place they stand at', async () => {
    draw({ content: [{ type: 'text', text: 'a' }, { type: 'image', mimeType: 'image/png', data: PNG }] });
    await click('[title="Open in editor"]');
    await click('[title="Save as…"]');
    expect(asked).toEqual(['open /result/content/1', 'save /result/content/1']);
  });

  it('of SVG are text until they are asked for, and then a picture', async () => {
    draw({ contents: [{ uri: 'a:b', mimeType: 'image/svg+xml', text: '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>' }] });
    expect(root.querySelector('img, svg, script')).toBeNull();
    await click('.content-note .link-button');
    expect(root.querySelector('img')?.getAttribute('src')).toMatch(/^data:image\/svg\+xml,%3Csvg/);
    expect(root.querySelector('svg, script')).toBeNull();
  });
});

describe('structured content', () => {
  const result = { content: [], structuredContent: { list: [{ a: 'x' }] } };
  it('says that it fits, and what was not checked', () => {
    draw(result, { kind: 'fits', notes: ['The format "x" is not known here and was not checked.'] });
    expect(root.querySelector('.fits')?.textContent).toBe('Fits the output schema');
    expect(root.textContent).toContain('The format "x"');
  });

  it('says where it does not fit, and goes there', async () => {
    draw(result, { kind: 'problems', problems: [{ path: '/list/0/a', message: 'must be a number, is text' }] });
    expect(root.textContent).toContain('1 place does not fit the output schema');
    await click('.problems button');
    expect(root.querySelector('.json-row.target')?.textContent).toContain('a:"x"');
  });

  it('says why it was not checked', () => {
    draw(result, { kind: 'unusable', message: 'checking took longer than 2 s.' });
    expect(root.textContent).toContain('Not checked against the output schema: checking took longer than 2 s.');
  });
});

describe('much and hostile content', () => {
  it('draws the first blocks, the rest on demand', async () => {
    place.draw(<ContentBlocks blocks={Array.from({ length: 1_000_000 }, (_, i) => ({ type: 'text', text: String(i) }))} actions={actions} />);
    expect(root.querySelectorAll('.content-block')).toHaveLength(20);
    await act(async () => [...root.querySelectorAll('button')].find((one) => one.textContent === 'Show 999,980 more')!.click());
    expect(root.querySelectorAll('.content-block')).toHaveLength(70);
  });

  it('shows the beginning of ten megabytes on one line', () => {
    text('x'.repeat(10_000_000));
    expect(root.querySelector('.text-block')!.textContent).toHaveLength(20_001);
    expect(root.textContent).toContain('Show all 10,000,000 characters');
  });

  it('takes ten thousand levels, as text and as a value', () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000);
    text(deep);
    draw({ content: JSON.parse(deep), structuredContent: JSON.parse(deep) });
    expect(root.querySelectorAll('.json-row').length).toBeLessThan(500);
  });

  it.each(['> '.repeat(10_000), '*_'.repeat(10_000), '['.repeat(50_000), '- '.repeat(20_000), `${'a|'.repeat(2_000)}\n${'-|'.repeat(2_000)}`])('shows Markdown that is made to be slow as text (%#)', (slow) => {
    draw({ contents: [{ uri: 'a:b', mimeType: 'text/markdown', text: slow }] });
    expect(root.querySelector('.markdown')).toBeNull();
    expect(root.querySelector('.text-block')?.textContent).toContain(slow.slice(0, 100));
  });
});
