/** Owns the definition as the server wrote it: input and output schema within it, as a tree. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { CatalogDefinition } from '../../../extension/contract/playgroundCatalog';
import { parseExact } from '../../components/exactNumbers';
import { IconButton } from '../../components/Icon';
import { contentWords } from '../../components/content/contentStrings';
import { JsonTree } from '../../components/JsonTree';
import { TextBlock } from '../../components/TextBlock';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';

export function DefinitionView({ definition, model }: { readonly definition: CatalogDefinition; readonly model: PlaygroundModel }): VNode {
  const value = useMemo(() => parseExact(definition.text), [definition.text]);
  return (
    <div class="definition">
      <div class="pane-tools">
        <h3>{strings.editor.definition}</h3>
        <span class="spacer" />
        <IconButton icon="copy" label={strings.editor.copyDefinition} onPress={() => void model.act(() => model.host.api.copyText(definition.text))} />
      </div>
      {value === undefined ? <TextBlock text={definition.text} /> : <JsonTree value={value} label={strings.editor.definition} words={contentWords.tree} openLevels={5} />}
    </div>
  );
}
