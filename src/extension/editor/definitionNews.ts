/**
 * Owns telling of definitions that are new or have changed since they were approved, at the moment a server lists them:
 * one notification per server for all that comes together.
 */
import * as vscode from 'vscode';
import type { CapturedEvent } from '../capture/types';
import { shownName } from '../security/visible';
import type { Clock } from '../util/clock';
import type { Event } from '../util/event';
import { isJsonObject } from '../util/json';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import { plainMessage } from './plainMessage';

/** Tools, prompts and the rest of one server are listed one after the other. */
const SETTLE_MS = 1500;
const MAX_NAMES = 5;
/** Resources come and go with what they stand for. */
const QUIET_KINDS: ReadonlySet<unknown> = new Set(['resource']);

interface News {
  count: number;
  readonly names: string[];
  changed: boolean;
}

/** `onDidRecord`: what governance notes in the audit log; what policy lets pass unsaid is not among it. */
export function watchDefinitions(onDidRecord: Event<CapturedEvent>, clock: Clock, review: () => unknown): Disposable {
  const store = new DisposableStore();
  const news = new Map<string, News>();
  const tell = async (server: string): Promise<void> => {
    const of = news.get(server);
    news.delete(server);
    if (!of || store.isDisposed) return;
    const show = vscode.l10n.t('Review');
    if ((await vscode.window.showWarningMessage(plainMessage(wordsOf(server, of)), show)) === show) review();
  };
  store.add(
    onDidRecord(({ type, server, data }) => {
      if (type !== 'policy.definitions' || server === undefined || QUIET_KINDS.has(data['kind'])) return;
      const added = listOf(data['new']);
      const changed = listOf(data['changed']);
      if (added.count + changed.count === 0) return;
      let of = news.get(server);
      if (!of) {
        news.set(server, (of = { count: 0, names: [], changed: false }));
        const timer = clock.timer(SETTLE_MS, () => {
          store.release(timer);
          void tell(server);
        });
        store.add(timer);
      }
      of.count += added.count + changed.count;
      of.changed ||= changed.count > 0;
      const kind = String(data['kind']);
      of.names.push(...[...changed.names, ...added.names].slice(0, MAX_NAMES - of.names.length).map((name) => (name === '' ? kind : `${kind} "${shownName(name)}"`)));
    }),
  );
  return store;
}

function listOf(value: unknown): { readonly count: number; readonly names: readonly string[] } {
  if (!isJsonObject(value) || typeof value['count'] !== 'number') return { count: 0, names: [] };
  const names = Array.isArray(value['names']) ? value['names'].filter((name) => typeof name === 'string') : [];
  return { count: value['count'], names };
}

function wordsOf(server: string, { count, names, changed }: News): string {
  const which = count > names.length ? vscode.l10n.t('{0} and {1} more', names.join(', '), count - names.length) : names.join(', ');
  return changed
    ? vscode.l10n.t('The MCP server "{0}" has changed what you approved: {1}.', server, which)
    : vscode.l10n.t('The MCP server "{0}" defines something new: {1}.', server, which);
}
