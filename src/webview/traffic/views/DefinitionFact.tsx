/**
 * Owns what the Overview says of the definition a call ran under: which version, whether it is the one listed now and whether
 * it is approved; and the ways from there to its text, to what has changed since, and to the other calls under it.
 */
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { CallRow } from '../../../extension/contract/traffic';
import { literalTerm } from '../../../extension/query/print';
import { definitionWords } from '../../components/definitionWords';
import { formatDateTime } from '../../components/format';
import { visibleLine } from '../../components/visibleText';
import type { TrafficModel } from '../model/trafficModel';
import { detailStrings } from './detailStrings';

const words = detailStrings.overview;

/** `hash`: the beginning of it, as recorded. */
export function DefinitionFact({ row, hash, model }: { readonly row: CallRow; readonly hash: string; readonly model: TrafficModel }): VNode {
  const { detail, actions } = model;
  useEffect(() => detail.askDefinition(row), [detail, row.id, row.definition]);
  const asked = detail.definition.value;
  const known = asked?.id === row.id && asked.isKnown ? asked : undefined;
  const version = known?.version;
  const term = literalTerm('definition', hash);
  return (
    <span class="definition-fact">
      <code class="selectable">{visibleLine(definitionWords.hash(hash))}</code>
      {known && <span {...(version ? { title: words.definitionSeen(formatDateTime(version.firstSeenMs)) } : {})}>{words.definitionState(version)}</span>}
      <span class="definition-actions">
        {version && (
          <button type="button" class="link-button" title={words.openDefinitionTitle} onClick={() => actions.openDefinition(row.id)}>
            {words.openDefinition}
          </button>
        )}
        {version?.place === 'earlier' && (
          <button type="button" class="link-button" title={words.compareDefinitionTitle} onClick={() => actions.compareDefinition(row.id)}>
            {words.compareDefinition}
          </button>
        )}
        <button type="button" class="link-button" title={term} onClick={() => model.filter.add(term)}>
          {words.filterByDefinition}
        </button>
      </span>
    </span>
  );
}
