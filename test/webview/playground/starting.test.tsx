/** A run whose server does not answer yet: it is seen, can be cancelled, and keeps nobody from running something else. */
import { afterEach, describe, expect, it } from 'vitest';
import type { RunRequest, RunStart } from '../../../src/extension/contract/playgroundRuns';
import { openPlayground, type OpenPlayground } from '../../support/webview/playground/openPlayground';
import { scenes } from '../../support/webview/playground/scenes';
import { runOf } from '../../support/webview/playground/stubPlayground';

let view: OpenPlayground;
afterEach(() => view.close());

const asked: RunRequest[] = [];
let answer: (start: RunStart) => void;
/** Opens the view on a host that starts nothing before `answer`. */
async function open(width?: number): Promise<void> {
  view = await openPlayground({ ...scenes['result']!, view: { ...scenes['result']!.view, selection: { kind: 'target', target: { server: 'everything', kind: 'tool', name: 'get-env' } }, page: 'arguments' } }, width);
  asked.length = 0;
  view.stub.start = (request) => {
    asked.push(request);
    return new Promise((resolve) => (answer = resolve));
  };
}
const waits = (waitsFor: 'server' | 'lists'): Promise<void> =>
  view.host(() => {
    const run = runOf('w1', 'get-env', { status: 'running', waitsFor, ticket: asked[0]!.ticket!, hasResult: false, elapsedMs: undefined, call: undefined, timing: undefined, resultBytes: undefined } as Parameters<typeof runOf>[2]);
    view.stub.change({ runs: [run, ...view.stub.state.runs.filter(({ id }) => id !== 'w1')] });
  });
const press = (label: string, within: string): Promise<void> =>
  view.host(() => [...view.root.querySelectorAll<HTMLButtonElement>(`${within} button`)].find((button) => button.textContent?.trim() === label)!.click());
const selected = (): string | undefined => view.root.querySelector('.run-tabs [aria-selected=true], [role=tablist][aria-label=Runs] [aria-selected=true]')?.textContent ?? undefined;

it.each([
  ['server', 'Waiting for the server to start…'],
  ['lists', 'Waiting for the server’s lists…'],
] as const)('one that waits for its %s is shown, says so, and is cancelled from where it was started', async (waitsFor, words) => {
  await open();
  await press('Run', '.run-line');
  expect(view.text()).toContain('Sending…');
  expect([...view.root.querySelectorAll('.run-line button')].map((button) => button.textContent?.trim())).toEqual(['Sending…']);
  await waits(waitsFor);
  expect(selected()).toContain('get-env');
  expect(view.text()).toContain(words);
  await press('Cancel', '.run-line');
  expect(view.stub.actions).toContain('cancel w1');
  await view.host(() => answer({ kind: 'started', run: 'w1' }));
  expect([...view.root.querySelectorAll('.run-line button')].map((button) => button.textContent?.trim())).toEqual(['Run']);
});

it('others can be run meanwhile, the same one cannot', async () => {
  await open();
  await press('Run', '.run-line');
  await view.press('Enter', view.root, { ctrlKey: true });
  expect(asked).toHaveLength(1);
  await view.click('get-tiny-image');
  await press('Run', '.run-line');
  expect(asked.map(({ target }) => target.name)).toEqual(['get-env', 'get-tiny-image']);
  expect(new Set(asked.map(({ ticket }) => ticket)).size).toBe(2);
});

describe('one that comes to nothing', () => {
  it.each<[string, RunStart]>([
    ['it was declined', { kind: 'declined' }],
    ['its arguments do not fit', { kind: 'invalid', check: { kind: 'problems', problems: [{ path: '', message: 'No.' }] } }],
  ])('as %s: what was looked at before is there again', async (_why, outcome) => {
    await open(420);
    await press('Run', '.run-line');
    await waits('server');
    expect(view.model.page.value).toBe('result');
    await view.host(() => {
      view.stub.change({ runs: view.stub.state.runs.filter(({ id }) => id !== 'w1') });
      answer(outcome);
    });
    expect(view.model.page.value).toBe('arguments');
    expect(view.model.runs.selected.value).toBe('r1');
  });
});

it('one that is sent at last takes nobody away from what they look at by then', async () => {
  await open();
  await press('Run', '.run-line');
  await waits('server');
  await view.host(() => (view.model.runs.selected.value = 'r2'));
  await view.host(() => {
    view.stub.changeRun('w1', { waitsFor: undefined });
    answer({ kind: 'started', run: 'w1' });
  });
  expect(view.model.runs.selected.value).toBe('r2');
});

it('a server that is being connected can be disconnected', async () => {
  view = await openPlayground({ ...scenes['ready']!, view: { selection: { kind: 'server', server: 'sentry' }, page: 'arguments' } });
  expect(view.text()).toContain('Connecting…');
  await view.click('Disconnect');
  expect(view.stub.actions).toContain('disconnect sentry');
});
