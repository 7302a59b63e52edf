/**
 * Owns the read-only documents that show results of Playground runs (`mcp-shark-result:`): those held in memory, and those
 * of recorded calls, in the same form, so that the two can be compared.
 */
import * as vscode from 'vscode';
import type { ResultRef } from '../contract/playgroundRuns';
import { memberText } from '../playground/jsonText';
import type { TitledResult } from '../services/playgroundService';
import type { Disposable } from '../util/lifecycle';
import { RESULT_SCHEME } from './ids';
import { jsonFileName, readable, registerReadOnlyDocuments } from './readOnlyDocuments';

export function resultUri({ ref, title }: TitledResult): vscode.Uri {
  return vscode.Uri.from({ scheme: RESULT_SCHEME, path: `/${ref.id}/${jsonFileName(title)}`, query: JSON.stringify(ref) });
}

export interface ResultSources {
  /** Text of a result that is held. */
  readonly run: (id: string) => string | undefined;
  /** Whole text of the recorded answer. Rejects where there is none. */
  readonly call: (id: string) => Promise<string>;
}

export function registerResultDocuments(sources: ResultSources): Disposable {
  return registerReadOnlyDocuments(
    RESULT_SCHEME,
    async (query) => {
      const { kind, id } = JSON.parse(query) as ResultRef;
      if (kind === 'call') {
        const answer = await sources.call(id);
        return readable(memberText(answer, 'result') ?? memberText(answer, 'error') ?? answer);
      }
      const text = sources.run(id);
      return text === undefined ? vscode.l10n.t('This result is no longer held. Its recorded call is in the Traffic view.') : readable(text);
    },
    (message) => vscode.l10n.t('This result can not be shown: {0}', message),
  );
}
