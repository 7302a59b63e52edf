/** Owns opening the whole Playground in happy-dom against a stub host, with time that a test moves. */
import { App } from '../../../../src/webview/playground/App';
import { PlaygroundModel } from '../../../../src/webview/playground/model/playgroundModel';
import { parseViewState, type ViewState } from '../../../../src/webview/playground/model/viewState';
import { openApp, type OpenApp } from '../openApp';
import { StubPlayground, type Scene } from './stubPlayground';

export interface OpenPlayground extends OpenApp<PlaygroundModel> {
  readonly stub: StubPlayground;
  /** What the view saved last. */
  readonly saved: () => ViewState;
}

export async function openPlayground(scene: Scene, width = 1_200): Promise<OpenPlayground> {
  const stub = new StubPlayground(scene);
  let saved = parseViewState((scene.view ?? {}) as Record<string, unknown>);
  const view = await openApp({
    width,
    pressable: 'button, [role=menuitem], [role=radio], [role=treeitem]',
    modelOf: (clock) => new PlaygroundModel({ api: stub, onState: stub.onState }, clock, { read: () => saved, write: (state) => (saved = state) }),
    draw: (model) => <App model={model} />,
  });
  await view.wait(400);
  return { ...view, stub, saved: () => saved };
}
