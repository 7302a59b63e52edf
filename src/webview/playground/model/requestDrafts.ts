/** Owns the answers to requests of servers while they are written, by request; forgotten when the request is answered. */
import { effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { PlaygroundState } from '../../../extension/contract/playground';
import type { SamplingDraft, SamplingPreview, ServerRequest } from '../../../extension/contract/playgroundRequests';
import { toDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { FormDraft } from '../../components/form/formDraft';

export interface SamplingWork {
  readonly draft: Signal<SamplingDraft>;
  /** The whole result as JSON, where it is written so. */
  readonly resultText: Signal<string | undefined>;
  readonly preview: Signal<SamplingPreview | undefined>;
  readonly isAsking: Signal<boolean>;
}

export class RequestDrafts implements Disposable {
  readonly #forms = new Map<string, FormDraft>();
  readonly #samplings = new Map<string, SamplingWork>();
  readonly #effect: Disposable;

  constructor(state: ReadonlySignal<PlaygroundState | undefined>) {
    this.#effect = toDisposable(
      effect(() => {
        const open = new Set(state.value?.requests.map(({ id }) => id));
        for (const work of [this.#forms, this.#samplings]) for (const id of work.keys()) if (!open.has(id)) work.delete(id);
      }),
    );
  }

  form(request: Extract<ServerRequest, { kind: 'form' }>): FormDraft {
    let draft = this.#forms.get(request.id);
    if (!draft) this.#forms.set(request.id, (draft = new FormDraft(request.schema, undefined, undefined, true)));
    return draft;
  }

  sampling(request: Extract<ServerRequest, { kind: 'sampling' }>): SamplingWork {
    let work = this.#samplings.get(request.id);
    if (!work) {
      work = { draft: signal({ text: '', model: 'human', stopReason: 'endTurn' }), resultText: signal(undefined), preview: signal(undefined), isAsking: signal(false) };
      this.#samplings.set(request.id, work);
    }
    return work;
  }

  dispose(): void {
    this.#effect.dispose();
  }
}
