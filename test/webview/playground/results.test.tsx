/** Results in the view: large ones, files in them, what was checked, where the time went, and comparing with earlier runs. */
import { afterEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../../src/extension/contract/playgroundRuns';
import { openPlayground, type OpenPlayground } from '../../support/webview/playground/openPlayground';
import { scenes } from '../../support/webview/playground/scenes';
import { runOf, type Scene } from '../../support/webview/playground/stubPlayground';
import { PNG } from '../../support/webview/sampleMedia';

let view: OpenPlayground;
afterEach(() => view.close());

const scene = (text: string, part: Partial<RunResult> = {}): Scene => ({
  ...scenes['ready']!,
  state: { runs: [runOf('r1', 'create_report', { resultBytes: 99_000_000 })] },
  results: { r1: { run: 'r1', kind: 'result', text, truncated: false, logs: [], ...part } },
  view: { run: 'r1', page: 'result' },
});
const picture = (bytes: number): string =>
  JSON.stringify({ content: [{ type: 'image', mimeType: 'image/png', data: Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(bytes)]).toString('base64') }] });

describe('a large result', () => {
  it('shows its picture; its raw form is cut, and says so', async () => {
    view = await openPlayground(scene(picture(1_500_000)));
    expect(view.root.querySelector('.result img')).toBeTruthy();
    await view.click('Raw');
    expect(view.text()).toContain('The first 1,000,000 characters of 99 MB');
    expect(view.root.querySelector('.result .text-block')?.textContent?.length).toBe(1_000_000);
  });

  it('that is not whole says what the check of the whole said', async () => {
    view = await openPlayground(scene('{"structuredContent":{"n":"', { truncated: true, output: { kind: 'problems', problems: [{ path: '/n', message: 'must be integer' }] } }));
    expect(view.text()).toContain('1 place does not fit the output schema');
    expect(view.text()).toContain('must be integer');
  });

  it('does not keep others of its size in memory that nobody looks at', async () => {
    const long = (id: string): RunResult => ({ run: id, kind: 'result', text: JSON.stringify({ content: [{ type: 'text', text: 'x'.repeat(30_000_000) }] }), truncated: false, logs: [] });
    const ids = ['r1', 'r2', 'r3', 'r4'];
    view = await openPlayground({ ...scene(''), state: { runs: ids.map((id) => runOf(id, id)) }, results: Object.fromEntries(ids.map((id) => [id, long(id)])) });
    for (const id of ids.slice(1)) await view.host(() => (view.model.runs.selected.value = id));
    const kept = [...view.model.runs.results.value].filter(([, one]) => one.kind === 'result').map(([id]) => id);
    expect(kept).toEqual(['r3', 'r4']);
    await view.host(() => (view.model.runs.selected.value = 'r1'));
    expect(view.model.runs.resultOf('r1')?.kind).toBe('result');
  });
});

it('a file in a result is opened, or saved', async () => {
  view = await openPlayground(scene(picture(0)));
  for (const label of ['Open in editor', 'Save as…']) await view.pressOn(view.root.querySelector<HTMLElement>(`.content-block [title="${label}"]`) ?? undefined, label);
  expect(view.stub.actions).toEqual(['open content r1 /content/0', 'save content r1 /content/0']);
});

it('what was not checked of a result that fits is said', async () => {
  view = await openPlayground(scene('{"structuredContent":{"when":"soon"}}', { output: { kind: 'fits', notes: ['The format x-own is not checked.'] } }));
  expect(view.text()).toContain('Fits the output schema');
  expect(view.text()).toContain('The format x-own is not checked.');
});

it('where the time went is text, for everyone', async () => {
  view = await openPlayground(scene('{}'));
  expect(view.root.querySelector('.run-timing')?.textContent).toBe('server 311 ms, gateway 1 ms');
});

describe('comparing with an earlier run', () => {
  const history = [
    { id: 'h1', target: { server: 'everything', kind: 'tool' as const, name: 'echo' }, argumentsText: '{}', isRedacted: false, status: 'ok' as const, startedMs: 1, elapsedMs: 2, call: 'w0/7' },
    { id: 'h2', target: { server: 'everything', kind: 'tool' as const, name: 'get-sum' }, argumentsText: '{}', isRedacted: false, status: 'ok' as const, startedMs: 1, elapsedMs: 2, call: 'w1/r1' },
  ];

  it('its recorded result stands against the one shown, which is not compared with itself', async () => {
    view = await openPlayground({ ...scene('{}'), history, view: { run: 'r1', side: 'history' } });
    expect(view.root.querySelectorAll('[title="Compare its recorded result with the one shown"]')).toHaveLength(1);
    await view.click('Compare its recorded result with the one shown');
    expect(view.stub.actions).toEqual(['compare w0/7 with r1']);
  });

  it('is not offered where no result is shown', async () => {
    view = await openPlayground({ ...scenes['ready']!, history, view: { side: 'history' } });
    expect(view.root.querySelector('[title="Compare its recorded result with the one shown"]')).toBeNull();
  });
});
