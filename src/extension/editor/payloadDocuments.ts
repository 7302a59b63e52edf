/**
 * Owns the read-only documents that show recorded payloads (`mcp-shark:` URIs). The text is read from the audit log
 * when VS Code asks for it, laid out for reading; the recorded bytes stay as they are.
 */
import * as vscode from 'vscode';
import type { PayloadPart } from '../contract/trafficApi';
import type { TrafficService } from '../services/trafficService';
import type { Disposable } from '../util/lifecycle';
import { PAYLOAD_SCHEME } from './ids';
import { jsonFileName, readable, registerReadOnlyDocuments } from './readOnlyDocuments';

/** The path is the title a person sees on the tab; the query says which payload it is. */
export function payloadUri(id: string, part: PayloadPart, title: string): vscode.Uri {
  return vscode.Uri.from({ scheme: PAYLOAD_SCHEME, path: `/${id}/${jsonFileName(title)}`, query: JSON.stringify({ id, part }) });
}

export function registerPayloadDocuments(service: TrafficService): Disposable {
  return registerReadOnlyDocuments(
    PAYLOAD_SCHEME,
    async (query) => {
      const { id, part } = JSON.parse(query) as { id: string; part: PayloadPart };
      return readable(await service.text({ id, part }));
    },
    (message) => vscode.l10n.t('This payload can not be shown: {0}', message),
  );
}
