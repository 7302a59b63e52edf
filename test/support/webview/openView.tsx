/** Owns opening the whole Traffic view in happy-dom against a stub host, with time that a test moves. */
import { act } from 'preact/test-utils';
import { Emitter } from '../../../src/extension/util/event';
import { App } from '../../../src/webview/traffic/App';
import type { TrafficHost } from '../../../src/webview/traffic/model/trafficHost';
import { TrafficModel } from '../../../src/webview/traffic/model/trafficModel';
import { parseViewState, type ViewState } from '../../../src/webview/traffic/model/viewState';
import { openApp, type OpenApp } from './openApp';
import { HOST_METHODS, StubHost, type Scene } from './stubHost';

export interface OpenView extends Omit<OpenApp<TrafficModel>, 'press'> {
  readonly stub: StubHost;
  readonly advanced: Emitter<{ readonly through: number }>;
  grid(): HTMLElement;
  /** `target`: the grid, where none is given. */
  press(key: string, target?: Element, more?: KeyboardEventInit): Promise<void>;
  /** Right-clicks; on the grid, where no target is given, as the menu key does. */
  contextMenu(target?: Element): Promise<void>;
  /** Chooses the item of the open menu whose text begins so. */
  choose(label: string): Promise<void>;
}

export async function openView(scene: Scene, state: Partial<ViewState> = {}, width = 1_000): Promise<OpenView> {
  const stub = new StubHost(scene);
  const advanced = new Emitter<{ readonly through: number }>();
  const methods = Object.fromEntries(HOST_METHODS.map((name) => [name, (stub[name] as (...args: unknown[]) => unknown).bind(stub)]));
  const host = { ...methods, onAdvanced: advanced.event, onStatus: new Emitter<never>().event, onRevealed: new Emitter<null>().event, onFlagged: new Emitter<null>().event } as unknown as TrafficHost;
  const view = await openApp({
    width,
    pressable: 'button, vscode-button',
    modelOf: (clock) => new TrafficModel(host, clock, { read: () => ({ ...parseViewState({}), ...state }), write: () => undefined }),
    draw: (model) => <App model={model} />,
  });
  const grid = (): HTMLElement => view.root.querySelector<HTMLElement>('[role=grid]')!;
  return {
    ...view, stub, advanced, grid,
    press: (key, target = grid(), more) => view.press(key, target, more),
    contextMenu: (target = grid()) => act(async () => void target.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }))),
    choose: (label) => view.pressOn([...view.root.querySelectorAll<HTMLElement>('.menu-item')].find((item) => item.textContent?.startsWith(label)), `menu item "${label}"`),
  };
}
