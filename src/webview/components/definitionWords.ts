/** Owns the words for a version of a definition, in whichever view it stands. */
import type { DefinitionVersion } from '../../extension/contract/governance';

const PLACES: Readonly<Record<DefinitionVersion['place'], string>> = { listed: 'listed now', last: 'no longer listed', earlier: 'an earlier version' };
/** As the tab of an opened definition has them. */
const SHOWN_DIGITS = 12;

export const definitionWords = {
  hash: (hash: string): string => hash.slice(0, SHOWN_DIGITS),
  state: ({ place, approvedMs }: DefinitionVersion): string => `${PLACES[place]}, ${approvedMs === undefined ? 'not approved' : 'approved'}`,
};
