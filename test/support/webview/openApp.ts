/** Owns opening a whole view in happy-dom, with time that a test moves, and the hands a person has in it: click, type, press. */
import type { ComponentChild } from 'preact';
import { act } from 'preact/test-utils';
import { flush, ManualClock } from './manualClock';
import { mount } from './mount';

/** So high that twenty rows and the header of a list fit. */
const HEIGHT = 462;

export interface OpenApp<Model> {
  readonly root: HTMLElement;
  readonly model: Model;
  readonly clock: ManualClock;
  text(): string;
  settle(): Promise<void>;
  /** Lets time pass, for what waits for a pause in typing. */
  wait(ms: number): Promise<void>;
  /** Presses what can be pressed and has this text; or else this tooltip, or this accessible name. */
  click(label: string): Promise<void>;
  /** Presses this element; `what` is its name where there is none. */
  pressOn(element: HTMLElement | undefined, what: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  press(key: string, target: Element, more?: KeyboardEventInit): Promise<void>;
  /** Acts the host. */
  host(change: () => void): Promise<void>;
  close(): void;
}

export interface AppOptions<Model> {
  readonly width: number;
  /** Selects what `click` may press. */
  readonly pressable: string;
  readonly modelOf: (clock: ManualClock) => Model;
  readonly draw: (model: Model) => ComponentChild;
}

export async function openApp<Model extends { start(): void; dispose(): void }>({ width, pressable, modelOf, draw }: AppOptions<Model>): Promise<OpenApp<Model>> {
  const place = mount({ width, height: HEIGHT });
  const { root } = place;
  const clock = new ManualClock();
  const model = modelOf(clock);
  const settle = (): Promise<void> => act(async () => { await flush(); await flush(); });
  const text = (): string => root.textContent ?? '';
  const host = async (change: () => void): Promise<void> => {
    await act(async () => { change(); await flush(); });
    await settle();
  };
  const pressOn = async (element: HTMLElement | undefined, what: string): Promise<void> => {
    if (!element) throw new Error(`No ${what} in: ${text()}`);
    await host(() => element.click());
  };
  const wait = (ms: number): Promise<void> => act(async () => { await clock.advance(ms); await flush(); });
  place.draw(draw(model));
  model.start();
  await settle();
  return {
    root, model, clock, text, settle, wait, host, pressOn,
    click(label) {
      const all = [...root.querySelectorAll<HTMLElement>(pressable)];
      const names: readonly ((element: HTMLElement) => string | null | undefined)[] = [(element) => element.textContent?.trim(), (element) => element.title, (element) => element.getAttribute('aria-label')];
      const found = names.map((nameOf) => all.find((element) => nameOf(element) === label)).find((element) => element !== undefined);
      return pressOn(found, `button "${label}"`);
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
    press: (key, target, more = {}) => host(() => void target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true, ...more }))),
    close() {
      place.close();
      model.dispose();
    },
  };
}
