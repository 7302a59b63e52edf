/** Owns text with the places marked where something was found in it. */
import type { VNode } from 'preact';
import { findText, type TextMatch } from './find';

/** `current`: the place stepped to, if it is here. */
export function Marked({ text, matches, current }: { readonly text: string; readonly matches: readonly TextMatch[]; readonly current?: TextMatch | undefined }): VNode {
  const parts: (VNode | string)[] = [];
  let at = 0;
  for (const match of matches) {
    parts.push(text.slice(at, match.start));
    parts.push(
      <mark key={match.start} class={match === current ? 'found current' : 'found'}>
        {text.slice(match.start, match.end)}
      </mark>,
    );
    at = match.end;
  }
  parts.push(text.slice(at));
  return <>{parts}</>;
}

/** A line of text with every match in it marked. */
export function MarkedLine({ text, query }: { readonly text: string; readonly query: string | undefined }): VNode {
  return query ? <Marked text={text} matches={findText(text, query, 100)} /> : <>{text}</>;
}
