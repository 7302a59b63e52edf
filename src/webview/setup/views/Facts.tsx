/** Owns a list of facts: a word for what it is, and what it is. What is not known is not shown. */
import type { ComponentChildren, VNode } from 'preact';

export interface Fact {
  readonly name: string;
  readonly value: ComponentChildren;
}

export function Facts({ facts }: { readonly facts: readonly (Fact | undefined)[] }): VNode {
  return (
    <dl class="facts">
      {facts.flatMap((fact) =>
        fact === undefined || fact.value === undefined || fact.value === ''
          ? []
          : [
              <div key={fact.name} class="fact">
                <dt>{fact.name}</dt>
                <dd>{fact.value}</dd>
              </div>,
            ],
      )}
    </dl>
  );
}
