/** Owns what is shown where the Playground as a whole can do nothing, and the line that says what did not work. */
import type { VNode } from 'preact';
import { Icon, IconButton } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { PlaygroundModel } from '../model/playgroundModel';
import { errorText, strings } from '../strings';
import { Steps } from './Steps';

const words = strings.stage;

export function StageView({ model }: { readonly model: PlaygroundModel }): VNode {
  const gone = model.gone.value;
  const obstacle = model.state.value?.obstacle;
  if (gone !== undefined && !model.state.value) {
    return (
      <Stage icon="debug-disconnect" title={words.goneTitle} text={errorText(gone)}>
        <button type="button" class="text-button primary" onClick={() => model.start()}>
          {strings.retry}
        </button>
      </Stage>
    );
  }
  if (!obstacle || obstacle.kind === 'starting') {
    return (
      <div class="stage">
        <p class="dim delayed">{obstacle ? words.titles.starting : words.loading}</p>
      </div>
    );
  }
  const icons = { untrusted: 'shield', routingOff: 'debug-disconnect', nothingConfigured: 'plug', gatewayFailed: 'error' } as const;
  return (
    <Stage icon={icons[obstacle.kind]} title={words.titles[obstacle.kind]} text={visibleLine(obstacle.message)}>
      <Steps model={model} steps={obstacle.steps} />
    </Stage>
  );
}

export function Stage({ icon, title, text, children }: { readonly icon?: string; readonly title: string; readonly text: string; readonly children?: VNode }): VNode {
  return (
    <div class="stage">
      <div class="stage-body">
        <h2>
          {icon && <Icon name={icon} />} {title}
        </h2>
        <p>{text}</p>
        {children && <div class="stage-actions">{children}</div>}
      </div>
    </div>
  );
}

export function FailureLine({ model }: { readonly model: PlaygroundModel }): VNode | null {
  const failure = model.failure.value;
  const isGone = model.gone.value !== undefined && model.state.value !== undefined;
  if (failure === undefined && !isGone) return null;
  return (
    <div class="pg-notice error" role="alert">
      <Icon name="error" />
      <span class="pg-notice-text">{isGone ? errorText(model.gone.value) : strings.failed(failure)}</span>
      {isGone ? (
        <button type="button" class="link-button" onClick={() => model.start()}>
          {strings.retry}
        </button>
      ) : (
        <IconButton icon="close" label={strings.dismiss} onPress={() => (model.failure.value = undefined)} />
      )}
    </div>
  );
}
