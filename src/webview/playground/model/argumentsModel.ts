/**
 * Owns which arguments are being written: those of the selected target, once its definition is known. What is written follows
 * the server's list; drafts of every other target are kept.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { PlaygroundServer } from '../../../extension/contract/playground';
import type { CatalogDefinition, CatalogTarget } from '../../../extension/contract/playgroundCatalog';
import { isRaw, type RunTarget, type SavedPlace } from '../../../extension/contract/playgroundRuns';
import type { Clock } from '../../../extension/util/clock';
import { MutableDisposable, type Disposable } from '../../../extension/util/lifecycle';
import { answered } from '../../platform/answered';
import { ArgumentEditor } from './argumentEditor';
import { Drafts } from './drafts';
import { extrasOf } from './extras';
import type { PlaygroundHost } from './playgroundHost';
import { draftKey, type SavedDraft, type Selection } from './viewState';

/** Why the arguments pane shows no arguments. */
export type EditorState = { readonly kind: 'none' } | { readonly kind: 'loading' } | { readonly kind: 'missing'; readonly target: RunTarget } | { readonly kind: 'failed'; readonly error: unknown } | { readonly kind: 'ready'; readonly editor: ArgumentEditor };

export class ArgumentsModel implements Disposable {
  readonly #editor = signal<EditorState>({ kind: 'none' });
  readonly editor: ReadonlySignal<EditorState> = this.#editor;
  readonly #life = new MutableDisposable<Disposable>();
  readonly #drafts: Drafts;
  /** The target and the revision of its server's list that were asked for last. */
  #loaded = '';

  constructor(
    private readonly host: PlaygroundHost,
    private readonly clock: Clock,
    /** The one of the selected target. */
    private readonly server: ReadonlySignal<PlaygroundServer | undefined>,
    before: readonly SavedDraft[],
  ) {
    this.#drafts = new Drafts(before);
  }

  /** Puts arguments over what was written for a target; without a text only what the target itself says. */
  write(target: RunTarget, text: string | undefined, saved: SavedPlace | undefined, asTask: boolean): void {
    if (text === undefined && !isRaw(target.kind)) return;
    const key = draftKey(target);
    const extras = extrasOf(target, asTask);
    const state = this.#editor.peek();
    if (state.kind !== 'ready' || draftKey(state.editor.target) !== key) {
      this.#drafts.keep(key, text === undefined ? { ...this.#drafts.get(key), extras } : { text, saved, extras });
      return;
    }
    const { editor } = state;
    if (text !== undefined) {
      editor.draft.setText(text);
      editor.saved.value = saved;
    }
    editor.restore(extras);
  }

  /** The definition follows the list of its server. */
  follow(selection: Selection | undefined): void {
    const server = this.server.peek();
    const key = selection?.kind === 'target' ? `${draftKey(selection.target)} ${server?.connection.kind === 'ready' ? server.revision : server?.connection.kind}` : '';
    if (key === this.#loaded) return;
    this.#loaded = key;
    if (selection?.kind !== 'target') {
      this.#show({ kind: 'none' });
      return;
    }
    const { target } = selection;
    const before = this.#editor.peek();
    // Another revision of the same: what is there stays until the new one has come.
    const isSame = before.kind === 'ready' && draftKey(before.editor.target) === draftKey(target);
    if (isRaw(target.kind)) {
      if (!isSame) this.#edit(target, undefined);
      return;
    }
    if (!isSame) this.#show({ kind: 'loading' });
    answered(this.host.api.definition(target as CatalogTarget), this.clock).then(
      (definition) => {
        if (this.#loaded !== key) return;
        const current = this.server.peek();
        // Its lists are on their way.
        if (!definition && current && isComing(current)) return;
        if (!definition) this.#show({ kind: 'missing', target });
        else if (!isSame || !before.editor.follow(definition)) this.#edit(target, definition);
      },
      (error: unknown) => {
        if (this.#loaded === key) this.#show({ kind: 'failed', error });
      },
    );
  }

  #edit(target: RunTarget, definition: CatalogDefinition | undefined): void {
    const { text, saved, extras } = this.#drafts.get(draftKey(target)) ?? {};
    const editor = new ArgumentEditor(this.host, this.clock, target, definition, text, saved);
    if (extras) editor.restore(extras);
    this.#show({ kind: 'ready', editor });
  }

  #show(state: EditorState): void {
    this.#life.value = state.kind === 'ready' ? state.editor : undefined;
    this.#editor.value = state;
  }

  /** What is to be remembered. Read in an effect it follows what is written. */
  drafts(): readonly SavedDraft[] {
    const state = this.#editor.value;
    if (state.kind === 'ready') {
      const { target, draft, saved, extras } = state.editor;
      this.#drafts.keep(draftKey(target), { text: draft.text.value, saved: saved.value, extras });
    }
    return this.#drafts.all();
  }

  dispose(): void {
    this.#life.dispose();
  }
}

function isComing({ connection, revision }: PlaygroundServer): boolean {
  return connection.kind === 'connecting' || (connection.kind === 'idle' && !connection.isEnded) || (connection.kind === 'ready' && revision === 0);
}
