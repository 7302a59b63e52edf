/** Owns opening the whole Playground in happy-dom against a stub host, with time that a test moves. */
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { App } from '../../../../src/webview/playground/App';
import { PlaygroundModel } from '../../../../src/webview/playground/model/playgroundModel';
import { parseViewState, type ViewState } from '../../../../src/webview/playground/model/viewState';
import { giveSize } from '../layout';
import { flush, ManualClock } from '../manualClock';
import { StubPlayground, type Scene } from './stubPlayground';

export interface OpenPlayground {
  readonly root: HTMLElement;
  readonly model: PlaygroundModel;
  readonly stub: StubPlayground;
  readonly clock: ManualClock;
  /** What the view saved last. */
  readonly saved: () => ViewState;
  text(): string;
  settle(): Promise<void>;
  /** Lets time pass, for what waits for a pause in typing. */
  wait(ms: number): Promise<void>;
  /** Presses the button, tab, radio or menu item of this text or tooltip. */
  click(label: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  press(key: string, target: Element, more?: KeyboardEventInit): Promise<void>;
  /** Acts the host. */
  host(change: () => void): Promise<void>;
  close(): void;
}

export async function openPlayground(scene: Scene, width = 1_200): Promise<OpenPlayground> {
  const restore = giveSize(width, 462);
  const root = document.createElement('div');
  document.body.append(root);
  const clock = new ManualClock();
  const stub = new StubPlayground(scene);
  let saved = parseViewState((scene.view ?? {}) as Record<string, unknown>);
  const model = new PlaygroundModel({ api: stub, onState: stub.onState }, clock, { read: () => saved, write: (state) => (saved = state) });
  const settle = (): Promise<void> => act(async () => { await flush(); await flush(); });
  const wait = (ms: number): Promise<void> => act(async () => { await clock.advance(ms); await flush(); });
  const text = (): string => root.textContent ?? '';
  act(() => render(<App model={model} />, root));
  model.start();
  await settle();
  await wait(400);
  return {
    root, model, stub, clock, text, settle, wait,
    saved: () => saved,
    async click(label) {
      const found = [...root.querySelectorAll<HTMLElement>('button, [role=menuitem], [role=radio], [role=treeitem]')].find((element) => element.textContent?.trim() === label || element.title === label || element.getAttribute('aria-label') === label);
      if (!found) throw new Error(`No button "${label}" in: ${text()}`);
      await act(async () => { found.click(); await flush(); });
      await settle();
    },
    async type(selector, value) {
      const element = root.querySelector<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(selector);
      if (!element) throw new Error(`No ${selector} in: ${text()}`);
      await act(async () => {
        element.value = value;
        element.dispatchEvent(new Event(element instanceof HTMLSelectElement ? 'change' : 'input', { bubbles: true }));
        await flush();
      });
      await wait(400);
    },
    async press(key, target, more = {}) {
      await act(async () => {
        target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true, ...more }));
        await flush();
      });
      await settle();
    },
    async host(change) {
      await act(async () => { change(); await flush(); });
      await settle();
    },
    close() {
      act(() => render(null, root));
      model.dispose();
      root.remove();
      restore();
    },
  };
}
