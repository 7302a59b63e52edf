/** Owns what stands in place of the list where there is none: host gone, not trusted, nothing set up yet, no match. */
import type { VNode } from 'preact';
import { errorText } from '../../components/errorText';
import { Stage } from '../../components/Stage';
import type { SetupModel } from '../model/setupModel';
import { routeStrings } from '../routeStrings';
import { strings } from '../strings';
import { FindButton } from './FoundSection';

const words = strings.stage;

export function GoneStage({ model }: { readonly model: SetupModel }): VNode {
  return (
    <Stage icon="debug-disconnect" title={words.goneTitle} text={errorText(model.gone.value)}>
      <button type="button" class="text-button primary" onClick={() => model.start()}>
        {strings.retry}
      </button>
    </Stage>
  );
}

export function UntrustedStage({ model }: { readonly model: SetupModel }): VNode {
  return (
    <Stage icon="shield" title={words.untrustedTitle} text={words.untrustedText}>
      <button type="button" class="text-button primary" onClick={() => void model.act('trust', () => model.host.api.manageTrust())}>
        {words.manageTrust}
      </button>
    </Stage>
  );
}

/** First thing a newcomer sees: what will happen, and the button it begins with. */
export function Welcome({ model }: { readonly model: SetupModel }): VNode {
  const { title, text, steps } = routeStrings.welcome;
  return (
    <div class="stage">
      <div class="stage-body welcome">
        <h2>
          <span>{title}</span>
        </h2>
        <p>{text}</p>
        <ol class="welcome-steps">
          {steps.map((step) => (
            <li key={step.title}>
              <strong>{step.title}.</strong> {step.text}
            </li>
          ))}
        </ol>
        <div class="stage-actions">
          <FindButton model={model} primary />
        </div>
        {model.state.value?.hasFolder === false && <p>{routeStrings.noFolder}</p>}
      </div>
    </div>
  );
}
