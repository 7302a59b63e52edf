/** Owns the lines a server wrote to its standard error (or stray ones to standard output) while a call ran. */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { ServerOutput } from '../../../extension/contract/traffic';
import { withoutAnsi } from '../../components/ansi';
import { formatDateTime, formatDuration } from '../../components/format';
import { IconButton } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import { detailStrings } from './detailStrings';

const words = detailStrings.related;
/** The contract gives no more. */
const LIMIT = 500;
const MAX_LINE = 4_000;

export function ServerOutputView({ lines, onCopy }: { readonly lines: readonly ServerOutput[]; readonly onCopy: (text: string) => void }): VNode {
  const [isRaw, setRaw] = useState(false);
  const hasEscapes = useMemo(() => lines.some(({ text }) => withoutAnsi(text) !== text), [lines]);
  const shown = (text: string): string => (isRaw ? text : withoutAnsi(text));
  return (
    <section class="server-output">
      <div class="section-head">
        <h3>{words.output}</h3>
        <span class="spacer" />
        {hasEscapes && <IconButton icon="terminal" label={words.escapesTooltip} pressed={isRaw} onPress={() => setRaw(!isRaw)} />}
        <IconButton icon="copy" label={words.copyOutput} onPress={() => onCopy(lines.map(({ text }) => withoutAnsi(text)).join('\n'))} />
      </div>
      <p class="dim">{words.outputNote}</p>
      <ol class="output-lines">
        {lines.map((line, index) => (
          <li key={index}>
            <span class="event-time" title={formatDateTime(line.timeMs)}>
              {line.sinceRequestUs < 0 ? '' : detailStrings.timing.at(formatDuration(line.sinceRequestUs))}
            </span>
            <span class={`output-stream from-${line.stream}`} title={words.streamTooltip[line.stream]}>
              {words.stream[line.stream]}
            </span>
            <code class="selectable">{visibleLine(shown(line.text).slice(0, MAX_LINE))}</code>
          </li>
        ))}
      </ol>
      {lines.length >= LIMIT && <p class="dim">{words.outputLimit(LIMIT)}</p>}
    </section>
  );
}
