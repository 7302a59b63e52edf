/** Owns how a call looks whose definition the local checks say something of: a sign with their words. */
import type { VNode } from 'preact';
import type { FlaggedDefinition } from '../../../extension/contract/findings';
import { Icon } from '../../components/Icon';
import { visibleBlock } from '../../components/visibleText';
import { listStrings } from '../listStrings';

/** None that stands for an outcome: the call itself may well have gone right. */
const ICONS = { high: 'warning', medium: 'warning', low: 'info' } as const;

export function FlagMark({ flag }: { readonly flag: FlaggedDefinition | undefined }): VNode | null {
  if (!flag) return null;
  return <Icon name={ICONS[flag.severity]} class={`flag-mark ${flag.severity}`} title={visibleBlock(listStrings.flagged.tooltip(flag.messages))} />;
}
