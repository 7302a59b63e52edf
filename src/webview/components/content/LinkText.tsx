/**
 * Owns links in foreign content: text that a click or Enter takes to whoever asks before opening. The real address is in the
 * tooltip, and beside the text where the text looks like another address. What is neither http nor https is only text.
 */
import type { ComponentChildren, VNode } from 'preact';
import { visibleLine } from '../visibleText';
import { contentWords as words } from './contentStrings';

export interface LinkTextProps {
  readonly url: string;
  /** What a person reads as the link. */
  readonly text: string;
  readonly onOpen: (url: string) => void;
  readonly children: ComponentChildren;
}

export function LinkText({ url, text, onOpen, children }: LinkTextProps): VNode {
  const shown = visibleLine(url.length > 500 ? `${url.slice(0, 500)}…` : url);
  if (!isWebLink(url)) {
    return (
      <span class="dead-link" title={words.deadLink(shown)}>
        {children}
        {shown !== '' && shown !== text && <span class="link-target"> ({shown})</span>}
      </span>
    );
  }
  const isOther = looksLikeAddress(text) && hostOf(text) !== hostOf(url);
  return (
    <>
      <span
        role="link"
        tabIndex={0}
        class="content-link"
        title={words.linkTo(shown)}
        onClick={(event) => {
          event.stopPropagation();
          onOpen(url);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          event.stopPropagation();
          onOpen(url);
        }}
      >
        {children}
      </span>
      {isOther && <span class="link-target"> ({shown})</span>}
    </>
  );
}

export function isWebLink(url: string): boolean {
  return /^https?:\/\/[^\s/]/i.test(url) && URL.canParse(url);
}

function looksLikeAddress(text: string): boolean {
  return /^\s*(?:https?:\/\/|www\.)/i.test(text) || /^\s*[\w-]+(?:\.[\w-]+)+(?:[/:?#]|\s*$)/.test(text);
}

function hostOf(text: string): string {
  const full = /^\s*https?:\/\//i.test(text) ? text.trim() : `https://${text.trim()}`;
  return URL.canParse(full) ? new URL(full).hostname.replace(/^www\./, '') : '';
}
