/**
 * Owns the read-only documents that show recorded payloads (`mcp-shark:` URIs). The text is read from the audit log
 * when VS Code asks for it, laid out for reading; the recorded bytes stay as they are.
 */
import * as vscode from 'vscode';
import type { PayloadPart } from '../contract/trafficApi';
import type { TrafficService } from '../services/trafficService';
import { messageOf } from '../util/errors';
import { exactJson } from '../util/json';
import type { Disposable } from '../util/lifecycle';
import { PAYLOAD_SCHEME } from './ids';

/** The path is the title a person sees on the tab; the query says which payload it is. */
export function payloadUri(id: string, part: PayloadPart, title: string): vscode.Uri {
  const name = title.replace(/[^\p{L}\p{N} ._()-]+/gu, '_').slice(0, 80);
  return vscode.Uri.from({
    scheme: PAYLOAD_SCHEME,
    path: `/${id}/${name}.json`,
    query: JSON.stringify({ id, part }),
  });
}

export function registerPayloadDocuments(service: TrafficService): Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(PAYLOAD_SCHEME, {
    async provideTextDocumentContent(uri) {
      try {
        const { id, part } = JSON.parse(uri.query) as { id: string; part: PayloadPart };
        return readable(await service.text({ id, part }));
      } catch (error) {
        return vscode.l10n.t('This payload can not be shown: {0}', messageOf(error));
      }
    },
  });
}

/** Indents JSON whose every number survives the trip; anything else is shown exactly as recorded. */
export function readable(text: string): string {
  const value = exactJson(text);
  return value === undefined ? text : JSON.stringify(value, undefined, 2);
}
