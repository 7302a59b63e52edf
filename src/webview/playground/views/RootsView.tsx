/** Owns editing the roots: folders that servers are told about. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Root } from '../../../extension/contract/playground';
import { Icon, IconButton } from '../../components/Icon';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';

const words = strings.roots;

export function RootsView({ model }: { readonly model: PlaygroundModel }): VNode {
  const state = model.state.value?.roots;
  const [edited, setEdited] = useState<readonly Root[]>();
  const roots = edited ?? state?.roots ?? [];
  const isValid = roots.every(({ uri }) => isRoot(uri));
  const change = (index: number, part: Partial<Root>): void => setEdited(roots.map((root, at) => (at === index ? { ...root, ...part } : root)));
  const save = async (next: readonly Root[] | undefined): Promise<void> => {
    await model.act(() => model.host.api.setRoots(next?.map(({ uri, name }) => ({ uri, ...(name ? { name } : {}) }))));
    if (model.failure.peek() === undefined) setEdited(undefined);
  };
  return (
    <div class="page-scroll">
      <h2>{words.title}</h2>
      <p class="dim">
        {words.text} {state?.isDefault && !edited && words.default}
      </p>
      <ul class="roots">
        {roots.map((root, index) => (
          <li key={index} class="root">
            <input type="text" class="text-box mono" aria-label={words.uri} placeholder={words.uri} value={root.uri} aria-invalid={isRoot(root.uri) ? undefined : 'true'} onInput={(event) => change(index, { uri: event.currentTarget.value })} />
            <input type="text" class="text-box" aria-label={words.name} placeholder={words.name} value={root.name ?? ''} onInput={(event) => change(index, { name: event.currentTarget.value })} />
            <IconButton icon="trash" label={words.remove} onPress={() => setEdited(roots.filter((_, at) => at !== index))} />
          </li>
        ))}
      </ul>
      <button type="button" class="link-button" onClick={() => setEdited([...roots, { uri: 'file:///' }])}>
        <Icon name="add" /> {words.add}
      </button>
      {!isValid && (
        <p class="field-problem">
          <Icon name="warning" /> <span>{words.invalid}</span>
        </p>
      )}
      <div class="run-buttons">
        <button type="button" class="text-button primary" disabled={!edited || !isValid} onClick={() => void save(roots)}>
          {words.save}
        </button>
        <button type="button" class="text-button" disabled={state?.isDefault && !edited} onClick={() => void save(undefined)}>
          {words.reset}
        </button>
      </div>
    </div>
  );
}

function isRoot(uri: string): boolean {
  return uri.startsWith('file:///');
}
