/** Owns the buttons of what a person can do about a state; the first is the main one. */
import type { VNode } from 'preact';
import type { NextStep } from '../../../extension/contract/playground';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';

export function Steps({ model, steps, server }: { readonly model: PlaygroundModel; readonly steps: readonly NextStep[]; readonly server?: string }): VNode {
  return (
    <>
      {steps.map((step, index) => (
        <button key={step} type="button" class={index === 0 ? 'text-button primary' : 'text-button'} onClick={() => void model.act(() => model.host.api.takeStep(step, server))}>
          {strings.steps[step]}
        </button>
      ))}
    </>
  );
}
