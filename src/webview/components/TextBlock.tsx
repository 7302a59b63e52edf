/**
 * Owns showing text from outside as it is, of any length: cut into pieces the browser lays out only when they come
 * into view, so that a megabyte on one line does not freeze the page. Text only, never markup.
 */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { findText, MAX_MATCHES, type TextMatch } from './find';
import { Marked } from './Marked';
import { visibleBlock } from './visibleText';

/** Characters per piece, where a line does not end sooner. */
export const PIECE_LENGTH = 4_000;

export interface TextBlockProps {
  readonly text: string;
  readonly class?: string;
  /** Text to mark, and which of its places is the current one, from 0. */
  readonly query?: string | undefined;
  readonly current?: number;
}

export function TextBlock({ text, class: extra, query, current = 0 }: TextBlockProps): VNode {
  const ref = useRef<HTMLPreElement>(null);
  const pieces = useMemo(() => piecesOf(visibleBlock(text)), [text]);
  const matches = useMemo(() => findInPieces(pieces, query ?? ''), [pieces, query]);
  const place = matches.all[current];
  useEffect(() => {
    if (place) ref.current?.querySelector('.found.current')?.scrollIntoView?.({ block: 'center' });
  }, [place]);
  return (
    <pre class={extra ? `text-block ${extra}` : 'text-block'} ref={ref}>
      {pieces.map((piece, index) => {
        const found = matches.byPiece.get(index);
        return <div key={index}>{found ? <Marked text={piece} matches={found} current={place} /> : piece}</div>;
      })}
    </pre>
  );
}

/** Matches piece by piece; one that lies across the cut of a very long line is not found. */
export function findInPieces(pieces: readonly string[], query: string): { readonly all: readonly TextMatch[]; readonly byPiece: ReadonlyMap<number, readonly TextMatch[]> } {
  const all: TextMatch[] = [];
  const byPiece = new Map<number, readonly TextMatch[]>();
  if (query === '') return { all, byPiece };
  for (let index = 0; index < pieces.length && all.length < MAX_MATCHES; index += 1) {
    const found = findText(pieces[index] ?? '', query, MAX_MATCHES - all.length);
    if (found.length === 0) continue;
    all.push(...found);
    byPiece.set(index, found);
  }
  return { all, byPiece };
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
