/**
 * Owns a text from anyone in the form that suits it: as a tree where it is JSON, as Markdown where it has any, else as it is; the
 * reader can choose. A long one is cut until it is asked for.
 */
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { parseExact } from '../exactNumbers';
import { JsonTree } from '../JsonTree';
import { Segmented } from '../Segmented';
import { TextBlock } from '../TextBlock';
import type { JsonValue } from '../../../extension/util/json';
import { BlockFrame, type BlockFacts } from './BlockFrame';
import type { ContentActions } from './contentActions';
import { contentWords as words } from './contentStrings';
import { Markdown } from './Markdown';
import { isCheapMarkdown, looksLikeMarkdown } from './markdownBudget';
import { isTameSvg } from './media';

export type TextForm = 'markdown' | 'json' | 'text';

/** Characters shown before the reader asks for all. */
const FIRST = 20_000;
/** Texts longer than this are not parsed: the raw body is the place for them. */
const MAX_PARSED = 2_000_000;

export interface TextContentProps {
  readonly text: string;
  readonly facts: BlockFacts;
  readonly actions: ContentActions;
}

export function TextContent({ text, facts, actions }: TextContentProps): VNode {
  const value = useMemo(() => jsonOf(text), [text]);
  const forms = useMemo(() => formsOf(text, value !== undefined, facts.mimeType), [text, value, facts.mimeType]);
  const [chosen, setChosen] = useState<TextForm>();
  // What was chosen for one text says nothing about the next.
  useEffect(() => setChosen(undefined), [text]);
  const form = chosen !== undefined && forms.includes(chosen) ? chosen : forms[0];
  const isTooLong = useMemo(() => /^text\/(?:x-)?markdown\b/i.test(facts.mimeType ?? '') && !isCheapMarkdown(text), [text, facts.mimeType]);
  const isSvg = facts.mimeType?.startsWith('image/svg') === true;
  return (
    <BlockFrame
      facts={facts}
      actions={actions}
      onCopy={() => actions.copyText(text)}
      controls={
        forms.length > 1 && (
          <Segmented<TextForm>
            label={words.formLabel}
            options={forms.map((id) => ({ id, label: words.forms[id] }))}
            selected={form ?? 'text'}
            onSelect={setChosen}
          />
        )
      }
    >
      {isSvg && <SvgText text={text} />}
      {isTooLong && <p class="content-note">{words.markdownTooLong}</p>}
      {form === 'json' && value !== undefined ? (
        <JsonTree value={value} label={facts.label} words={words.tree} isInline openLevels={2} />
      ) : form === 'markdown' ? (
        <Markdown text={text} actions={actions} />
      ) : (
        <PlainText text={text} />
      )}
    </BlockFrame>
  );
}

/** The forms a text can be shown in, the one that suits it best first. */
export function formsOf(text: string, isJson: boolean, mimeType: string | undefined): TextForm[] {
  if (isJson) return ['json', 'text'];
  const isDeclared = mimeType !== undefined && /^text\/(?:x-)?markdown\b/i.test(mimeType);
  // Of other declared types (code, HTML, CSV) the text itself is what there is to see.
  const isOther = mimeType !== undefined && !isDeclared && !/^text\/plain\b/i.test(mimeType);
  const isMarkdown = isDeclared || (!isOther && looksLikeMarkdown(text));
  return isMarkdown && isCheapMarkdown(text) ? ['markdown', 'text'] : ['text'];
}

function jsonOf(text: string): JsonValue | undefined {
  if (text.length > MAX_PARSED || !/^\s*[[{]/.test(text)) return undefined;
  return parseExact(text);
}

export function PlainText({ text }: { readonly text: string }): VNode {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > FIRST && !isWhole;
  return (
    <>
      <TextBlock class="content-text" text={isCut ? `${text.slice(0, FIRST)}…` : text} />
      {isCut && (
        <button type="button" class="link-button" onClick={() => setWhole(true)}>
          {words.showAll(text.length)}
        </button>
      )}
    </>
  );
}

/** An SVG is a document that could act; as a picture it cannot. Even so it is drawn only when asked for, and only if it is tame. */
function SvgText({ text }: { readonly text: string }): VNode {
  const [isDrawn, setDrawn] = useState(false);
  const isTame = useMemo(() => isTameSvg(text), [text]);
  return (
    <div class="content-note">
      <span>{isTame ? words.svgNote : words.svgTooMuch}</span>{' '}
      {isTame && (
        <button type="button" class="link-button" aria-pressed={isDrawn} onClick={() => setDrawn(!isDrawn)}>
          {words.drawSvg}
        </button>
      )}
      {isDrawn && isTame && (
        <div class="image-area">
          <img class="image-fit" src={`data:image/svg+xml,${encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'))}`} alt={words.image} />
        </div>
      )}
    </div>
  );
}
