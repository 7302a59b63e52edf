/** Owns opening the whole Traffic view in happy-dom against a stub host, with time that a test moves. */
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { Emitter } from '../../../src/extension/util/event';
import { App } from '../../../src/webview/traffic/App';
import type { TrafficHost } from '../../../src/webview/traffic/model/trafficHost';
import { TrafficModel } from '../../../src/webview/traffic/model/trafficModel';
import { parseViewState, type ViewState } from '../../../src/webview/traffic/model/viewState';
import { giveSize } from './layout';
import { flush, ManualClock } from './manualClock';
import { HOST_METHODS, StubHost, type Scene } from './stubHost';

export interface OpenView {
  readonly root: HTMLElement;
  readonly model: TrafficModel;
  readonly stub: StubHost;
  readonly clock: ManualClock;
  readonly advanced: Emitter<{ readonly through: number }>;
  settle(): Promise<void>;
  text(): string;
  grid(): HTMLElement;
  press(key: string, target?: Element, more?: KeyboardEventInit): Promise<void>;
  /** Presses the button of this text or tooltip. */
  click(label: string): Promise<void>;
  /** Chooses the item of the open menu whose text begins so. */
  choose(label: string): Promise<void>;
  close(): void;
}

export async function openView(scene: Scene, state: Partial<ViewState> = {}, width = 1_000): Promise<OpenView> {
  const restore = giveSize(width, 462);
  const root = document.createElement('div');
  document.body.append(root);
  const clock = new ManualClock();
  const stub = new StubHost(scene);
  const advanced = new Emitter<{ readonly through: number }>();
  const methods = Object.fromEntries(HOST_METHODS.map((name) => [name, (stub[name] as (...args: unknown[]) => unknown).bind(stub)]));
  const host = { ...methods, onAdvanced: advanced.event, onStatus: new Emitter<never>().event, onRevealed: new Emitter<null>().event } as unknown as TrafficHost;
  const model = new TrafficModel(host, clock, { read: () => ({ ...parseViewState({}), ...state }), write: () => undefined });
  const settle = (): Promise<void> => act(async () => { await flush(); await flush(); });
  const grid = (): HTMLElement => root.querySelector<HTMLElement>('[role=grid]')!;
  const text = (): string => root.textContent ?? '';
  const press = async (element: HTMLElement | undefined, what: string): Promise<void> => {
    if (!element) throw new Error(`No ${what} in: ${text()}`);
    await act(async () => { element.click(); await flush(); });
    await settle();
  };
  act(() => render(<App model={model} />, root));
  model.start();
  await settle();
  return {
    root, model, stub, clock, advanced, settle, text, grid,
    async press(key, target = grid(), more = {}) {
      await act(async () => {
        target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true, ...more }));
        await flush();
      });
      await settle();
    },
    click: (label) => press([...root.querySelectorAll<HTMLElement>('button, vscode-button')].find((button) => button.textContent === label || button.title === label), `button "${label}"`),
    choose: (label) => press([...root.querySelectorAll<HTMLElement>('.menu-item')].find((item) => item.textContent?.startsWith(label)), `menu item "${label}"`),
    close() {
      act(() => render(null, root));
      model.dispose();
      root.remove();
      restore();
    },
  };
}
