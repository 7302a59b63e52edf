/** The whole view against a whole host: each designed state says its words, and everything works from the keyboard. */
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';
import type { Scene } from '../../support/webview/stubHost';

let view: OpenView;
afterEach(() => view.close());

async function show(scene: Scene): Promise<void> {
  view = await openView(scene);
}
const selected = (): string | null | undefined => view.root.querySelector('.call-row.selected')?.getAttribute('aria-rowindex');

describe('each state says what is so and what to do', () => {
  it.each<[string, string, string, string]>([
    ['nothingConfigured', 'No servers yet', 'Add a server…', 'config'],
    ['routingOff', 'Routing is off', 'Turn routing on', 'routing true'],
    ['routingOffWithCalls', 'new calls do not pass MCP Shark', 'Turn routing on', 'routing true'],
    ['troubled', '1,382 messages were not recorded', 'Show log', 'log'],
    ['troubled', 'mcp-shark.json:14: Expected a comma', 'Open line 14', 'config 14'],
  ])('%s: "%s", "%s"', async (scene, words, button, action) => {
    await show(scenes[scene]!);
    expect(view.text()).toContain(words);
    await view.click(button);
    expect(view.stub.actions.map((done) => done.trim())).toContain(action);
  });

  it('idle: says how to start and how the servers are', async () => {
    await show(scenes['idle']!);
    expect(view.text()).toContain('MCP: List Servers');
    expect(view.text()).toContain('githubrunning, 1 connection');
  });

  it('untrusted: says that nothing is started and why', async () => {
    await show(scenes['untrusted']!);
    expect(view.text()).toContain('This workspace is not trusted');
  });

  it('a failed server: says why and shows its last lines on demand', async () => {
    await show(scenes['troubled']!);
    expect(view.text()).not.toContain('npm error code ENOENT');
    await view.click('Show output');
    expect(view.text()).toContain('slack failed: npx was not found on PATH');
    expect(view.text()).toContain('npm error code ENOENT');
  });

  it('many troubles: shows three, the rest on demand', async () => {
    await show(scenes['troubled']!);
    expect(view.text()).not.toContain('mcp.sentry.dev');
    await view.click('Show 2 more');
    // Each line names its server once: before the message, or in it.
    expect(view.text()).toContain('sentry failed: https://mcp.sentry.dev did not answer');
    expect(view.text()).toContain('Server "jira" answered 401');
    expect(view.text()).not.toContain('jira failed');
  });

  it('a store that cannot be read: the reason and Retry, never a blank', async () => {
    await show(scenes['storeFails']!);
    expect(view.text()).toContain('EACCES');
    expect(view.text()).toContain('Retry');
  });

  it('a host that is gone: says so after ten seconds', async () => {
    await show(scenes['gone']!);
    expect(view.text()).toContain('Loading calls');
    await act(() => view.clock.advance(10_000));
    expect(view.text()).toContain('did not answer within 10 s');
  });

  it('a filter that matches nothing: says what is hidden and how to get it back', async () => {
    await show(scenes['busy']!);
    view.model.filter.type('nowhere');
    view.model.filter.apply();
    await view.settle();
    expect(view.text()).toContain('nowhere hides all 1,204 calls recorded.');
    await view.click('Clear filter');
    await view.settle();
    expect(view.grid()).toBeTruthy();
  });

  it('a filter that does not parse: the message under the box, the last rows below', async () => {
    await show(scenes['busy']!);
    view.model.filter.type('(bad');
    view.model.filter.apply();
    await view.settle();
    expect(view.root.querySelector('.filter-message')?.textContent).toContain('This bracket is never closed');
    expect(view.root.querySelectorAll('.call-row').length).toBeGreaterThan(10);
  });
});

describe('the list', () => {
  it('shows the newest call at the bottom and the numbers above', async () => {
    await show(scenes['busy']!);
    expect(view.grid().getAttribute('aria-rowcount')).toBe('1205');
    expect([...view.root.querySelectorAll('.call-row')].at(-1)?.getAttribute('aria-rowindex')).toBe('1205');
    expect(view.root.querySelector('.summary')?.textContent).toBe('1,204 calls49 errorsp95 340 ms4.1 MB3 running');
  });

  it('lets the time of a running call grow, and claims none for a call whose connection died', async () => {
    await show(scenes['busy']!);
    const duration = (status: string): string | null | undefined => view.root.querySelector(`.status-${status}`)?.closest('.call-row')?.querySelector('.cell-duration')?.textContent;
    expect(duration('running')).toMatch(/ s$|min$|h$/);
    expect(duration('transportError')).toBe('');
  });

  it('shows hostile names as text', async () => {
    await show(scenes['hostile']!);
    expect(view.root.querySelector('script, img, svg')).toBeNull();
    expect([...view.text()].filter((character) => character === '\u202e' || character === '\u001b')).toEqual([]);
  });

  it('moves by keys, opens with Enter, closes with Escape', async () => {
    await show(scenes['busy']!);
    await view.press('ArrowUp');
    expect(selected()).toBe('1205');
    await view.press('k');
    expect(selected()).toBe('1204');
    await view.press('j');
    expect(selected()).toBe('1205');
    expect(view.root.querySelector('.detail')).toBeNull();
    await view.press('Enter');
    expect(view.root.querySelector('.detail')).toBeTruthy();
    await view.press('k');
    expect(selected()).toBe('1204');
    await view.press('Escape');
    expect(view.root.querySelector('.detail')).toBeNull();
  });

  it('goes to the first call with Home, which then is loaded, and back to the live tail with End', async () => {
    await show(scenes['large']!);
    await view.press('Home');
    await view.settle();
    expect(selected()).toBe('2');
    await view.press('End');
    await view.settle();
    expect(selected()).toBe('200001');
    expect(view.model.following.value).toBe(true);
  });

  it('says how many calls came in while the user was elsewhere, and goes there', async () => {
    await show(scenes['busy']!);
    await view.press('ArrowUp');
    await view.press('k');
    view.stub.add(12);
    view.advanced.fire({ through: view.stub.total });
    await act(() => view.clock.advance(1_000));
    await view.settle();
    expect(view.root.querySelector('.new-chip')?.textContent).toBe('12 new');
    await view.pressOn(view.root.querySelector<HTMLElement>('.new-chip') ?? undefined, 'chip');
    expect(view.root.querySelector('.new-chip')).toBeNull();
    expect([...view.root.querySelectorAll('.call-row')].at(-1)?.getAttribute('aria-rowindex')).toBe('1217');
  });
});

describe('the detail', () => {
  async function open(name: string): Promise<void> {
    await show(scenes['busy']!);
    await view.press('End');
    const isThere = (): boolean | undefined => view.root.querySelector('.call-row.selected')?.textContent?.includes(name);
    for (let i = 0; i < 40 && !isThere(); i += 1) await view.press('k');
    await view.press('Enter');
  }

  it('answers who called what, with what, and what came back', async () => {
    await open('create_issue');
    const detail = view.root.querySelector('.detail')?.textContent ?? '';
    for (const words of ['create_issue', 'github', 'Visual Studio Code 1.139.1', 'owner:"mcp-shark"', 'number:128']) expect(detail).toContain(words);
  });

  it('says first what went wrong, once', async () => {
    await open('merge_pull_request');
    const overview = view.root.querySelector('.overview')?.textContent ?? '';
    expect(overview.startsWith('What went wrongError -32603Pull Request is not mergeable')).toBe(true);
  });

  it('shows both sides of the gateway where they differ', async () => {
    await open('create_issue');
    await view.click('Request');
    await view.settle();
    expect(view.root.querySelector('.body-view')?.textContent).toContain('"github__create_issue"');
    await view.click('Server');
    expect(view.root.querySelector('.body-view')?.textContent).toContain('name:"create_issue"');
    await view.click('Open in editor');
    await view.click('Copy');
    expect(view.stub.actions.map((action) => action.split(' ').filter((part) => !part.startsWith('w1/')).join(' '))).toEqual(['open upstreamRequest', 'copy upstreamRequest']);
  });

  it('switches between tree and the exact text', async () => {
    await open('create_issue');
    await view.click('Response');
    await view.settle();
    await view.click('Raw');
    expect(view.root.querySelector('.body-text')?.textContent).toContain('{"jsonrpc":"2.0"');
  });

  it('moves between tabs with the arrow keys', async () => {
    await open('create_issue');
    await view.press('ArrowRight', view.root.querySelector('[role=tab][aria-selected=true]')!);
    expect(view.root.querySelector('[role=tab][aria-selected=true]')?.textContent).toBe('Request');
  });
});
