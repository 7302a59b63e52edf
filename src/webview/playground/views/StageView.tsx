/** Owns what is shown where the Playground as a whole can do nothing, and the line that says what did not work. */
import type { VNode } from 'preact';
import { errorText } from '../../components/errorText';
import { Icon, IconButton } from '../../components/Icon';
import { Stage } from '../../components/Stage';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';
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
      <div class={obstacle ? 'stage starting' : 'stage loading'}>
        <p class="dim delayed">{obstacle ? words.titles.starting : words.loading}</p>
      </div>
    );
  }
  const icons = { untrusted: 'shield', routingOff: 'debug-disconnect', nothingConfigured: 'plug', gatewayFailed: 'error' } as const;
  return (
    <Stage icon={icons[obstacle.kind]} title={words.titles[obstacle.kind]} text={obstacle.message}>
      <Steps model={model} steps={obstacle.steps} />
    </Stage>
  );
}

export function FailureLine({ model }: { readonly model: PlaygroundModel }): VNode | null {
  const failure = model.failure.value;
  const isGone = model.gone.value !== undefined && model.state.value !== undefined;
  if (failure === undefined && !isGone) return null;
  return (
    <div class="notice error" role="alert">
      <Icon name="error" />
      <span class="notice-text">{isGone ? errorText(model.gone.value) : strings.failed(failure)}</span>
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
