/** Owns what is known of a catalogue item at a glance: hints of a tool, and whether its definition has changed. */
import type { VNode } from 'preact';
import type { CatalogItem } from '../../../extension/contract/playgroundCatalog';
import { Icon } from '../../components/Icon';
import { strings } from '../strings';

const words = strings.catalog;

/** `isShort`: icons only, as in the tree. */
export function Badges({ item, isShort = false }: { readonly item: CatalogItem; readonly isShort?: boolean }): VNode {
  const { hints, change } = item;
  const badge = (icon: string, label: string, tooltip: string, extra = ''): VNode =>
    isShort ? (
      <Icon key={label} name={icon} class={`badge-icon ${extra}`} title={tooltip} />
    ) : (
      <span key={label} class={`badge ${extra}`} title={tooltip}>
        <Icon name={icon} /> {label}
      </span>
    );
  const badges: VNode[] = [];
  if (change === 'changed') badges.push(badge('diff-modified', words.changed, words.changedTooltip, 'warn'));
  if (change === 'new') badges.push(badge('diff-added', words.new, words.newTooltip, 'warn'));
  if (hints?.isReadOnly) badges.push(badge('eye', words.readOnly, words.readOnlySaid));
  else if (hints?.isDestructive) {
    const isSaid = hints.said.includes('destructive');
    // Whatever says nothing counts as destructive; a mark at each of them would mark nothing.
    if (isSaid || !isShort) badges.push(badge('flame', words.destructive, isSaid ? words.destructiveSaid : words.destructiveUnsaid, isSaid ? 'danger' : ''));
  }
  if (hints?.isOpenWorld && hints.said.includes('openWorld')) badges.push(badge('globe', words.openWorld, words.openWorldSaid));
  if (!isShort && hints?.isIdempotent && hints.said.includes('idempotent')) badges.push(badge('sync', words.idempotent, words.idempotentSaid));
  if (!isShort && item.task) badges.push(badge('clock', words.task[item.task], words.task[item.task]));
  return <span class={isShort ? 'badges short' : 'badges'}>{badges}</span>;
}
