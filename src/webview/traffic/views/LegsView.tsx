/**
 * Owns showing what client and server saw of one message side by side, where it differs: both laid out in lines, equal lines folded,
 * the differing part of a line marked. Where there is little room the two stand one above the other.
 */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { FrameText } from '../../../extension/contract/traffic';
import { jsonLines } from '../../components/jsonFormat';
import { diffLines, type ChangedLine, type DiffRow } from '../../components/lineDiff';
import { Marked } from '../../components/Marked';
import { visibleLine } from '../../components/visibleText';
import { detailStrings } from './detailStrings';

const words = detailStrings.body;
/** Equal lines shown around a change. */
const AROUND = 3;
const MAX_CHANGED = 500;
/** Characters of a line, around where it differs. */
const MAX_LINE = 2_000;
const BEFORE_CHANGE = 200;

export function LegsView({ client, server }: { readonly client: FrameText; readonly server: FrameText }): VNode {
  const rows = useMemo(() => diffLines(jsonLines(client.text), jsonLines(server.text)), [client.text, server.text]);
  const changed = rows.filter(({ kind }) => kind === 'changed').length;
  const isCut = client.truncated || server.truncated;
  return (
    <div class="legs" tabIndex={0} role="region" aria-label={words.legsLabel}>
      <div class="legs-row legs-head">
        <span>{words.clientSide}</span>
        <span>{words.serverSide}</span>
      </div>
      {isCut && <p class="body-hint">{changed === 0 ? words.sameBeginning : words.onlyBeginning}</p>}
      {!isCut && changed === 0 && <p class="body-hint">{words.sameForBoth}</p>}
      {changed > 0 && <Rows rows={rows} />}
      {changed > MAX_CHANGED && <p class="body-hint">{words.moreDiffering(changed - MAX_CHANGED)}</p>}
    </div>
  );
}

function Rows({ rows }: { readonly rows: readonly DiffRow[] }): VNode {
  let left = MAX_CHANGED;
  return (
    <>
      {rows.map((row, index) => {
        if (row.kind === 'same') return left > 0 ? <SameLines key={index} lines={row.lines} isFirst={index === 0} isLast={index === rows.length - 1} /> : null;
        left -= 1;
        return left < 0 ? null : <ChangedRow key={index} row={row} />;
      })}
    </>
  );
}

function SameLines({ lines, isFirst, isLast }: { readonly lines: readonly string[]; readonly isFirst: boolean; readonly isLast: boolean }): VNode {
  const head = isFirst ? [] : lines.slice(0, AROUND);
  const tail = isLast ? [] : lines.slice(Math.max(head.length, lines.length - AROUND));
  const folded = lines.length - head.length - tail.length;
  const line = (text: string, key: string): VNode => (
    <div class="legs-row same" key={key}>
      <code>{visibleLine(text.slice(0, MAX_LINE))}</code>
      <code aria-hidden="true">{visibleLine(text.slice(0, MAX_LINE))}</code>
    </div>
  );
  return (
    <>
      {head.map((text, index) => line(text, `head ${index}`))}
      {folded > 0 && <div class="legs-fold">{words.sameLines(folded)}</div>}
      {tail.map((text, index) => line(text, `tail ${index}`))}
    </>
  );
}

function ChangedRow({ row }: { readonly row: Extract<DiffRow, { kind: 'changed' }> }): VNode {
  return (
    <div class="legs-row changed">
      <Side line={row.left} side="client" />
      <Side line={row.right} side="server" />
    </div>
  );
}

function Side({ line, side }: { readonly line: ChangedLine | undefined; readonly side: 'client' | 'server' }): VNode {
  const label = side === 'client' ? words.client : words.server;
  if (!line) {
    return (
      <code class={`legs-${side} none`}>
        <span class="sr-only">
          {label}: {words.nothingHere}
        </span>
      </code>
    );
  }
  // What differs may stand a megabyte into the line.
  const cut = Math.max(0, line.from - BEFORE_CHANGE);
  const before = visibleLine(line.text.slice(cut, line.from));
  const differing = visibleLine(line.text.slice(line.from, Math.min(line.to, line.from + MAX_LINE)));
  const after = visibleLine(line.text.slice(line.to, line.to + BEFORE_CHANGE));
  const start = (cut > 0 ? '…' : '') + before;
  return (
    <code class={`legs-${side}`}>
      <span class="legs-side">{label}: </span>
      <Marked text={`${start}${differing}${after}${line.to + BEFORE_CHANGE < line.text.length ? '…' : ''}`} matches={differing === '' ? [] : [{ start: start.length, end: start.length + differing.length }]} />
    </code>
  );
}
