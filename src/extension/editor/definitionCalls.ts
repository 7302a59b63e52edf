/** Owns the question which calls of a definition are meant: all of its name, or those that ran under one of its versions. */
import * as vscode from 'vscode';
import type { DefinitionRef } from '../contract/findings';
import type { DefinitionVersion } from '../contract/governance';
import { MAX_VERSIONS } from '../contract/setupApi';
import { shownName } from '../security/visible';
import { callsUnder, callsUsing, hasCalls } from '../services/flaggedCalls';
import { SHOWN_DIGITS } from './definitionDocuments';

/** Gives the filter that shows them. Asks only where there is more than one version. `undefined`: none tells them, or the user chose none. */
export async function pickCalls(definition: DefinitionRef, versions: readonly DefinitionVersion[]): Promise<string | undefined> {
  const all = callsUsing(definition);
  if (all === undefined || versions.length < 2 || !hasCalls(definition.kind)) return all;
  const name = shownName(definition.name || definition.kind);
  const items = [
    { label: vscode.l10n.t('All calls of {0}', name), filter: all },
    ...versions.slice(0, MAX_VERSIONS).map((version) => ({
      label: version.hash.slice(0, SHOWN_DIGITS),
      description: placeOf(version),
      detail: vscode.l10n.t('First seen {0}', new Date(version.firstSeenMs).toLocaleString()),
      filter: callsUnder(version.hash),
    })),
  ];
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Show which calls of {0}?', name), matchOnDescription: true });
  return picked?.filter;
}

function placeOf({ place, approvedMs }: DefinitionVersion): string {
  const isApproved = approvedMs !== undefined;
  switch (place) {
    case 'listed':
      return isApproved ? vscode.l10n.t('listed now, approved') : vscode.l10n.t('listed now, not approved');
    case 'last':
      return isApproved ? vscode.l10n.t('no longer listed, approved') : vscode.l10n.t('no longer listed, not approved');
    default:
      return isApproved ? vscode.l10n.t('an earlier version, approved') : vscode.l10n.t('an earlier version, not approved');
  }
}
