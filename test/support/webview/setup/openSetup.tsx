/** Owns opening the whole Setup view in happy-dom against a stub host, with time that a test moves. */
import { App } from '../../../../src/webview/setup/App';
import { SetupModel } from '../../../../src/webview/setup/model/setupModel';
import { parseViewState, type ViewState } from '../../../../src/webview/setup/model/viewState';
import { openApp, type OpenApp } from '../openApp';
import { StubSetup, type Scene } from './stubSetup';

export interface OpenSetup extends OpenApp<SetupModel> {
  readonly stub: StubSetup;
  /** What the view saved last. */
  readonly saved: () => ViewState;
}

export async function openSetup(scene: Scene, width = 1_200): Promise<OpenSetup> {
  const stub = new StubSetup(scene);
  let saved = parseViewState((scene.view ?? {}) as Record<string, unknown>);
  const view = await openApp({
    width,
    pressable: 'button, summary, input, [role=menuitem]',
    modelOf: (clock) => new SetupModel({ api: stub, onState: stub.onState }, clock, { read: () => saved, write: (state) => (saved = state) }),
    draw: (model) => <App model={model} />,
  });
  await view.wait(400);
  return { ...view, stub, saved: () => saved };
}
