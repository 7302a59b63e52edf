/** Owns the middle pane: the arguments of what is chosen, or a server, or the roots. */
import type { VNode } from 'preact';
import type { MenuController } from '../../components/Menu';
import { Stage } from '../../components/Stage';
import { visibleLine } from '../../components/visibleText';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';
import { EditorView } from './EditorView';
import { RootsView } from './RootsView';
import { ServerView } from './ServerView';
import { Steps } from './Steps';

const words = strings.editor;

export interface PaneProps {
  readonly model: PlaygroundModel;
  readonly menus: MenuController;
}

export function MiddlePane({ model, menus }: PaneProps): VNode {
  return (
    <section class="middle" aria-label={words.label}>
      <Middle model={model} menus={menus} />
    </section>
  );
}

function Middle({ model, menus }: PaneProps): VNode {
  const selection = model.selection.value;
  const server = model.server.value;
  if (selection?.kind === 'roots') return <RootsView model={model} />;
  if (selection?.kind === 'server' && server) return <ServerView key={server.name} server={server} model={model} />;
  const state = model.editor.value;
  switch (state.kind) {
    case 'ready':
      return <EditorView key={`${state.editor.target.server} ${state.editor.target.kind} ${state.editor.target.name}`} editor={state.editor} model={model} menus={menus} />;
    case 'loading':
      return <p class="panel-note delayed">{words.loading}</p>;
    case 'failed':
      return <p class="panel-note">{words.failed(state.error)}</p>;
    case 'missing': {
      const steps = server && 'steps' in server.connection ? server.connection.steps : [];
      const why = server && server.connection.kind !== 'ready' ? strings.catalog.connection(server.connection) : words.missingText(visibleLine(state.target.server));
      return (
        <Stage title={words.missingTitle(visibleLine(state.target.name))} text={visibleLine(why)}>
          <Steps model={model} steps={steps} server={state.target.server} />
        </Stage>
      );
    }
    default:
      return <Stage title={words.noneTitle} text={words.noneText} />;
  }
}
