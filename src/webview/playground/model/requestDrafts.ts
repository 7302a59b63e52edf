/**
 * Owns the answers to requests of servers while they are written, by request; forgotten when the request is answered. They
 * are remembered while the view is hidden.
 */
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

/** A half-written answer: by `answerKey`, the JSON of a form, or the draft of a sampling answer (with the whole result where it is JSON). */
export type HalfAnswer = readonly [key: string, form: string] | readonly [key: string, draft: SamplingDraft, resultText?: string];

/** Characters of an answer that is remembered. */
const MAX_ANSWER = 100_000;
const MAX_ANSWERS = 40;
const FRESH: SamplingDraft = { text: '', model: 'human', stopReason: 'endTurn' };

/** Requests are numbered anew in every window: when it came tells one from another. */
function answerKey({ id, receivedMs }: Pick<ServerRequest, 'id' | 'receivedMs'>): string {
  return `${id} ${receivedMs}`;
}

export class RequestDrafts implements Disposable {
  readonly #forms = new Map<string, FormDraft>();
  readonly #samplings = new Map<string, SamplingWork>();
  readonly #before: ReadonlyMap<string, HalfAnswer>;
  /** Grows when an answer is begun. */
  readonly #begun = signal(0);
  readonly #effect: Disposable;

  constructor(
    private readonly state: ReadonlySignal<PlaygroundState | undefined>,
    before: readonly HalfAnswer[],
  ) {
    this.#before = new Map(before.map((answer) => [answer[0], answer]));
    this.#effect = toDisposable(
      effect(() => {
        const open = new Set(state.value?.requests.map(answerKey));
        for (const work of [this.#forms, this.#samplings]) for (const key of work.keys()) if (!open.has(key)) work.delete(key);
      }),
    );
  }

  form(request: Extract<ServerRequest, { kind: 'form' }>): FormDraft {
    const key = answerKey(request);
    let draft = this.#forms.get(key);
    if (!draft) {
      const before = this.#before.get(key)?.[1];
      draft = new FormDraft(request.schema, typeof before === 'string' ? before : undefined, undefined, true);
      this.#forms.set(key, draft);
      this.#begun.value = this.#begun.peek() + 1;
    }
    return draft;
  }

  sampling(request: Extract<ServerRequest, { kind: 'sampling' }>): SamplingWork {
    const key = answerKey(request);
    let work = this.#samplings.get(key);
    if (!work) {
      const [, draft, resultText] = this.#before.get(key) ?? [];
      work = { draft: signal(typeof draft === 'object' ? draft : FRESH), resultText: signal(resultText), preview: signal(undefined), isAsking: signal(false) };
      this.#samplings.set(key, work);
      this.#begun.value = this.#begun.peek() + 1;
    }
    return work;
  }

  /** What is to be remembered; what was before and is not looked at yet stays. Read in an effect it follows what is written. */
  all(): readonly HalfAnswer[] {
    void this.#begun.value;
    const requests = this.state.value?.requests;
    if (!requests) return [...this.#before.values()];
    return requests.flatMap((request): HalfAnswer[] => {
      const key = answerKey(request);
      const form = this.#forms.get(key);
      if (form) return form.text.value === form.startText() ? [] : [[key, form.text.value]];
      const work = this.#samplings.get(key);
      const before = this.#before.get(key);
      if (!work) return before ? [before] : [];
      const { value: draft } = work.draft;
      const { value: resultText } = work.resultText;
      return draft === FRESH && resultText === undefined ? [] : [resultText === undefined ? [key, draft] : [key, draft, resultText]];
    }).filter((answer) => JSON.stringify(answer).length <= MAX_ANSWER);
  }

  dispose(): void {
    this.#effect.dispose();
  }
}

/** Reads any input. */
export function parseAnswers(raw: unknown): readonly HalfAnswer[] {
  if (!Array.isArray(raw)) return [];
  return raw.slice(-MAX_ANSWERS).flatMap((entry: unknown): HalfAnswer[] => {
    if (!Array.isArray(entry)) return [];
    const [key, answer, resultText] = entry as unknown[];
    if (typeof key !== 'string') return [];
    if (typeof answer === 'string') return [[key, answer]];
    if (typeof answer !== 'object' || answer === null) return [];
    const { text, model, stopReason } = answer as Partial<Record<keyof SamplingDraft, unknown>>;
    if (typeof text !== 'string' || typeof model !== 'string' || typeof stopReason !== 'string') return [];
    const draft = { text, model, stopReason };
    return [typeof resultText === 'string' ? [key, draft, resultText] : [key, draft]];
  });
}
