/** The whole view against a whole host: each designed state says its words, and everything works from the keyboard. */
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { App } from '../../../src/webview/traffic/App';
import { TrafficModel } from '../../../src/webview/traffic/model/trafficModel';
import type { TrafficHost } from '../../../src/webview/traffic/model/trafficHost';
import { parseViewState } from '../../../src/webview/traffic/model/viewState';
import { Emitter } from '../../../src/extension/util/event';
import { giveSize } from '../../support/webview/layout';
import { flush, ManualClock } from '../../support/webview/manualClock';
import { scenes } from '../../support/webview/scenes';
import { HOST_METHODS, StubHost, type Scene } from '../../support/webview/stubHost';

let root: HTMLElement;
let restore: () => void;
let model: TrafficModel;
let stub: StubHost;
let clock: ManualClock;
let advanced: Emitter<{ readonly through: number }>;

beforeEach(() => {
  restore = giveSize(1_000, 462);
  root = document.createElement('div');
  document.body.append(root);
  clock = new ManualClock();
});
afterEach(() => {
  act(() => render(null, root));
  model.dispose();
  root.remove();
  restore();
});

async function show(scene: Scene): Promise<void> {
  stub = new StubHost(scene);
  advanced = new Emitter();
  const methods = Object.fromEntries(HOST_METHODS.map((name) => [name, (stub[name] as (...args: unknown[]) => unknown).bind(stub)]));
  const host = { ...methods, onAdvanced: advanced.event, onStatus: new Emitter<never>().event, onRevealed: new Emitter<null>().event } as unknown as TrafficHost;
  model = new TrafficModel(host, clock, { read: () => parseViewState({}), write: () => undefined });
  act(() => render(<App model={model} />, root));
  model.start();
  await settle();
}
const settle = (): Promise<void> => act(async () => { await flush(); await flush(); });
const text = (): string => root.textContent ?? '';
const grid = (): HTMLElement => root.querySelector<HTMLElement>('[role=grid]')!;
const selected = (): string | null | undefined => root.querySelector('.call-row.selected')?.getAttribute('aria-rowindex');
async function press(key: string, target: Element = grid()): Promise<void> {
  await act(async () => {
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true }));
    await flush();
  });
  await settle();
}
async function click(label: string): Promise<void> {
  const found = [...root.querySelectorAll<HTMLElement>('button, vscode-button')].find((button) => button.textContent === label || button.title === label);
  if (!found) throw new Error(`No button "${label}" in: ${text()}`);
  await act(async () => { found.click(); await flush(); });
}

describe('each state says what is so and what to do', () => {
  it.each<[string, string, string, string]>([
    ['nothingConfigured', 'No servers yet', 'Add a server…', 'config'],
    ['routingOff', 'Routing is off', 'Turn routing on', 'routing true'],
    ['routingOffWithCalls', 'new calls do not pass MCP Shark', 'Turn routing on', 'routing true'],
    ['troubled', '1,382 messages were not recorded', 'Show log', 'log'],
    ['troubled', 'mcp-shark.json:14: Expected a comma', 'Open line 14', 'config 14'],
  ])('%s: "%s", "%s"', async (scene, words, button, action) => {
    await show(scenes[scene]!);
    expect(text()).toContain(words);
    await click(button);
    expect(stub.actions.map((done) => done.trim())).toContain(action);
  });

  it('idle: says how to start and how the servers are', async () => {
    await show(scenes['idle']!);
    expect(text()).toContain('MCP: List Servers');
    expect(text()).toContain('githubrunning, 1 connection');
  });

  it('untrusted: says that nothing is started and why', async () => {
    await show(scenes['untrusted']!);
    expect(text()).toContain('This workspace is not trusted');
  });

  it('a failed server: says why and shows its last lines on demand', async () => {
    await show(scenes['troubled']!);
    expect(text()).not.toContain('npm error code ENOENT');
    await click('Show output');
    expect(text()).toContain('slack failed: npx was not found on PATH');
    expect(text()).toContain('npm error code ENOENT');
  });

  it('many troubles: shows three, the rest on demand', async () => {
    await show(scenes['troubled']!);
    expect(text()).not.toContain('mcp.sentry.dev');
    await click('Show 2 more');
    // Each line names its server once: before the message, or in it.
    expect(text()).toContain('sentry failed: https://mcp.sentry.dev did not answer');
    expect(text()).toContain('Server "jira" answered 401');
    expect(text()).not.toContain('jira failed');
  });

  it('a store that cannot be read: the reason and Retry, never a blank', async () => {
    await show(scenes['storeFails']!);
    expect(text()).toContain('EACCES');
    expect(text()).toContain('Retry');
  });

  it('a host that is gone: says so after ten seconds', async () => {
    await show(scenes['gone']!);
    expect(text()).toContain('Loading calls');
    await act(() => clock.advance(10_000));
    expect(text()).toContain('did not answer within 10 s');
  });

  it('a filter that matches nothing: says what is hidden and how to get it back', async () => {
    await show(scenes['busy']!);
    model.filter.type('nowhere');
    model.filter.apply();
    await settle();
    expect(text()).toContain('nowhere hides all 1,204 calls recorded.');
    await click('Clear filter');
    await settle();
    expect(grid()).toBeTruthy();
  });

  it('a filter that does not parse: the message under the box, the last rows below', async () => {
    await show(scenes['busy']!);
    model.filter.type('(bad');
    model.filter.apply();
    await settle();
    expect(root.querySelector('.filter-message')?.textContent).toContain('This bracket is never closed');
    expect(root.querySelectorAll('.call-row').length).toBeGreaterThan(10);
  });
});

describe('the list', () => {
  it('shows the newest call at the bottom and the numbers above', async () => {
    await show(scenes['busy']!);
    expect(grid().getAttribute('aria-rowcount')).toBe('1205');
    expect([...root.querySelectorAll('.call-row')].at(-1)?.getAttribute('aria-rowindex')).toBe('1205');
    expect(root.querySelector('.summary')?.textContent).toBe('1,204 calls49 errorsp95 340 ms4.1 MB3 running');
  });

  it('lets the time of a running call grow, and claims none for a call whose connection died', async () => {
    await show(scenes['busy']!);
    const duration = (status: string): string | null | undefined => root.querySelector(`.status-${status}`)?.closest('.call-row')?.querySelector('.cell-duration')?.textContent;
    expect(duration('running')).toMatch(/ s$|min$|h$/);
    expect(duration('transportError')).toBe('');
  });

  it('shows hostile names as text', async () => {
    await show(scenes['hostile']!);
    expect(root.querySelector('script, img, svg')).toBeNull();
    expect([...text()].filter((character) => character === '\u202e' || character === '\u001b')).toEqual([]);
  });

  it('moves by keys, opens with Enter, closes with Escape', async () => {
    await show(scenes['busy']!);
    await press('ArrowUp');
    expect(selected()).toBe('1205');
    await press('k');
    expect(selected()).toBe('1204');
    await press('j');
    expect(selected()).toBe('1205');
    expect(root.querySelector('.detail')).toBeNull();
    await press('Enter');
    expect(root.querySelector('.detail')).toBeTruthy();
    await press('k');
    expect(selected()).toBe('1204');
    await press('Escape');
    expect(root.querySelector('.detail')).toBeNull();
  });

  it('goes to the first call with Home, which then is loaded, and back to the live tail with End', async () => {
    await show(scenes['large']!);
    await press('Home');
    await settle();
    expect(selected()).toBe('2');
    await press('End');
    await settle();
    expect(selected()).toBe('200001');
    expect(model.following.value).toBe(true);
  });

  it('says how many calls came in while the user was elsewhere, and goes there', async () => {
    await show(scenes['busy']!);
    await press('ArrowUp');
    await press('k');
    stub.add(12);
    advanced.fire({ through: stub.total });
    await act(() => clock.advance(1_000));
    await settle();
    expect(root.querySelector('.new-chip')?.textContent).toBe('12 new');
    await act(async () => { root.querySelector<HTMLElement>('.new-chip')?.click(); await flush(); });
    await settle();
    expect(root.querySelector('.new-chip')).toBeNull();
    expect([...root.querySelectorAll('.call-row')].at(-1)?.getAttribute('aria-rowindex')).toBe('1217');
  });
});

describe('the detail', () => {
  async function open(name: string): Promise<void> {
    await show(scenes['busy']!);
    await press('End');
    const isThere = (): boolean | undefined => root.querySelector('.call-row.selected')?.textContent?.includes(name);
    for (let i = 0; i < 40 && !isThere(); i += 1) await press('k');
    await press('Enter');
  }

  it('answers who called what, with what, and what came back', async () => {
    await open('create_issue');
    const detail = root.querySelector('.detail')?.textContent ?? '';
    for (const words of ['create_issue', 'github', 'Visual Studio Code 1.139.1', 'owner:"mcp-shark"', 'number:128']) expect(detail).toContain(words);
  });

  it('says first what went wrong, once', async () => {
    await open('merge_pull_request');
    const overview = root.querySelector('.overview')?.textContent ?? '';
    expect(overview.startsWith('What went wrongError -32603Pull Request is not mergeable')).toBe(true);
  });

  it('shows both sides of the gateway where they differ', async () => {
    await open('create_issue');
    await click('Request');
    await settle();
    expect(root.querySelector('.body-view')?.textContent).toContain('"github__create_issue"');
    await click('Server');
    expect(root.querySelector('.body-view')?.textContent).toContain('name:"create_issue"');
    await click('Open in editor');
    await click('Copy');
    expect(stub.actions.map((action) => action.split(' ').filter((part) => !part.startsWith('w1/')).join(' '))).toEqual(['open upstreamRequest', 'copy upstreamRequest']);
  });

  it('switches between tree and the exact text', async () => {
    await open('create_issue');
    await click('Response');
    await settle();
    await click('Raw');
    expect(root.querySelector('.body-text')?.textContent).toContain('{"jsonrpc":"2.0"');
  });

  it('moves between tabs with the arrow keys', async () => {
    await open('create_issue');
    await press('ArrowRight', root.querySelector('[role=tab][aria-selected=true]')!);
    expect(root.querySelector('[role=tab][aria-selected=true]')?.textContent).toBe('Request');
  });
});
