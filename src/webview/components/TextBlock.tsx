/**
 * Owns showing text from outside as it is, of any length: cut into pieces the browser lays out only when they come
 * into view, so that a megabyte on one line does not freeze the page. Text only, never markup.
 */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { visibleBlock } from './visibleText';

/** Characters per piece, where a line does not end sooner. */
export const PIECE_LENGTH = 4_000;

export function TextBlock({ text, class: extra }: { readonly text: string; readonly class?: string }): VNode {
  const pieces = useMemo(() => piecesOf(visibleBlock(text)), [text]);
  return (
    <pre class={extra ? `text-block ${extra}` : 'text-block'}>
      {pieces.map((piece, index) => (
        <div key={index}>{piece}</div>
      ))}
    </pre>
  );
}

/** Cuts at the last line break before the limit; where a line is longer, in its middle, never inside a surrogate pair. */
export function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (text.length - start > PIECE_LENGTH) {
    const lineEnd = text.lastIndexOf('\n', start + PIECE_LENGTH);
    if (lineEnd > start) {
      pieces.push(text.slice(start, lineEnd));
      start = lineEnd + 1;
      continue;
    }
    let end = start + PIECE_LENGTH;
    const unit = text.charCodeAt(end - 1);
    if (unit >= 0xd800 && unit <= 0xdbff) end -= 1;
    pieces.push(text.slice(start, end));
    start = end;
  }
  pieces.push(text.slice(start));
  return pieces;
}
