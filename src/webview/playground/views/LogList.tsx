/** Owns log messages of a server as lines: time, level, logger, what it says. The newest last. */
import type { VNode } from 'preact';
import type { LogMessage } from '../../../extension/contract/playgroundRuns';
import { formatDateTime, formatTime } from '../../components/format';
import { visibleBlock, visibleLine } from '../../components/visibleText';
import { strings } from '../strings';

const SHOWN = 500;
const severe = new Set(['error', 'critical', 'alert', 'emergency']);

export function LogList({ messages, empty }: { readonly messages: readonly LogMessage[]; readonly empty: string }): VNode {
  if (messages.length === 0) return <p class="dim">{empty}</p>;
  return (
    <ul class="log-list" aria-label={strings.server.logs}>
      {messages.slice(-SHOWN).map(({ number, timeMs, level, logger, text }) => (
        <li key={number} class="log-line">
          <span class="log-time" title={formatDateTime(timeMs)}>
            {formatTime(timeMs)}
          </span>
          <span class={severe.has(level) ? 'log-level failed' : level === 'warning' ? 'log-level warn' : 'log-level'}>{level}</span>
          <span class="log-text">
            {logger !== undefined && <span class="dim">{visibleLine(logger)}: </span>}
            {visibleBlock(text)}
          </span>
        </li>
      ))}
    </ul>
  );
}
