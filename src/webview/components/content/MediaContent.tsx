/**
 * Owns images, audio and other binary content: what the bytes really are, whether that is what was declared, and drawing or
 * playing them where it is safe. Data only; nothing is ever loaded, nothing starts by itself.
 */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isSameMediaType } from '../../../extension/util/mediaType';
import { formatBytes } from '../format';
import { bytesText } from '../hexText';
import { Icon } from '../Icon';
import { Segmented } from '../Segmented';
import { TextBlock } from '../TextBlock';
import { visibleLine } from '../visibleText';
import { BlockFrame, type BlockFacts } from './BlockFrame';
import type { ContentActions } from './contentActions';
import { contentWords as words } from './contentStrings';
import { canDraw, cleanBase64, mediaFacts, type MediaFacts } from './media';
import { TextContent } from './TextContent';

export interface MediaContentProps {
  readonly kind: 'image' | 'audio' | 'blob';
  /** Base64, as it came. */
  readonly data: string;
  readonly facts: BlockFacts;
  readonly actions: ContentActions;
}

/** Bytes shown of data that cannot be drawn. */
const SHOWN_BYTES = 256;
/** Pictures wider than this may be drawn smaller than they are. */
const WIDE = 280;
/** A blob that is text is shown as text up to this size. */
const MAX_TEXT_BYTES = 1_000_000;

export function MediaContent({ kind, data, facts, actions }: MediaContentProps): VNode {
  const base64 = useMemo(() => cleanBase64(data), [data]);
  const known = useMemo(() => (base64 === undefined ? undefined : mediaFacts(base64)), [base64]);
  const text = useMemo(() => (kind === 'blob' || known?.actual === 'image/svg+xml' ? textOf(base64, known) : undefined), [kind, base64, known]);
  if (base64 === undefined || !known) {
    return (
      <BlockFrame facts={facts} actions={actions}>
        <Warning text={words.notBase64} />
        <TextBlock class="content-text" text={data.slice(0, 1_000)} />
      </BlockFrame>
    );
  }
  if (text !== undefined) return <TextContent text={text} facts={{ ...facts, mimeType: known.actual ?? facts.mimeType }} actions={actions} />;
  const notes = [formatBytes(known.bytes), ...(known.pixels ? [words.pixels(known.pixels.width, known.pixels.height)] : [])];
  return (
    <BlockFrame facts={{ ...facts, notes }} actions={actions} hasData={known.bytes > 0}>
      <TypeCheck declared={facts.mimeType} known={known} isMedia={kind !== 'blob'} />
      {known.bytes === 0 ? (
        <p class="content-note">{words.noData}</p>
      ) : known.family === 'image' ? (
        <Picture base64={base64} known={known} place={facts.uri ?? facts.pointer} />
      ) : known.family === 'audio' && known.actual !== 'audio/midi' ? (
        <Player base64={base64} type={known.actual ?? ''} />
      ) : (
        <FirstBytes base64={base64} />
      )}
    </BlockFrame>
  );
}

function textOf(base64: string | undefined, known: MediaFacts | undefined): string | undefined {
  if (base64 === undefined || !known || known.bytes === 0 || known.bytes > MAX_TEXT_BYTES) return undefined;
  if (known.actual !== undefined && known.actual !== 'image/svg+xml') return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(base64));
    // eslint-disable-next-line no-control-regex
    return /[\u0000-\u0008\u000e-\u001a]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function TypeCheck({ declared, known, isMedia }: { readonly declared: string | undefined; readonly known: MediaFacts; readonly isMedia: boolean }): VNode | null {
  if (known.bytes === 0) return null;
  if (known.actual === undefined) return isMedia ? <Warning text={words.notMedia(visibleLine(declared ?? '?'))} /> : null;
  if (declared === undefined) return isMedia ? <Warning text={words.undeclared} /> : null;
  const isVague = /^application\/octet-stream\b/i.test(declared);
  return isSameMediaType(declared, known.actual) || (isVague && !isMedia) || (known.actual === 'application/zip' && !isMedia) ? null : (
    <Warning text={words.declared(visibleLine(declared), known.actual)} />
  );
}

function Warning({ text }: { readonly text: string }): VNode {
  return (
    <p class="content-warning">
      <Icon name="warning" />
      <span>{text}</span>
    </p>
  );
}

type Zoom = 'fit' | 'actual';

function Picture({ base64, known, place }: { readonly base64: string; readonly known: MediaFacts; readonly place: string }): VNode {
  const [zoom, setZoom] = useState<Zoom>('fit');
  const [isBroken, setBroken] = useState(false);
  useEffect(() => setBroken(false), [base64]);
  const verdict = canDraw(known);
  const { width = 0, height = 0 } = known.pixels ?? {};
  if (verdict === 'pixels') return <p class="content-note">{words.tooManyPixels(width, height)}</p>;
  if (verdict === 'bytes') return <p class="content-note">{words.tooManyBytes(known.bytes)}</p>;
  if (verdict === 'unknownSize') return <p class="content-note">{words.unknownSize}</p>;
  if (verdict === 'kind') return <FirstBytes base64={base64} />;
  if (isBroken) return <Warning text={words.brokenImage} />;
  return (
    <>
      {width > WIDE && (
        <Segmented<Zoom>
          label={words.zoomLabel}
          options={[
            { id: 'fit', label: words.fit },
            { id: 'actual', label: words.actual },
          ]}
          selected={zoom}
          onSelect={setZoom}
        />
      )}
      <div class="image-area" tabIndex={zoom === 'actual' ? 0 : undefined}>
        <img
          class={zoom === 'fit' ? 'image-fit' : 'image-actual'}
          src={`data:${known.actual};base64,${base64}`}
          width={width}
          height={height}
          alt={words.imageAlt(known.actual ?? words.image, visibleLine(place))}
          decoding="async"
          onError={() => setBroken(true)}
        />
      </div>
    </>
  );
}

function Player({ base64, type }: { readonly base64: string; readonly type: string }): VNode {
  const [isBroken, setBroken] = useState(false);
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    setBroken(false);
    const player = ref.current;
    return () => player?.pause();
  }, [base64]);
  return isBroken ? (
    <Warning text={words.brokenAudio} />
  ) : (
    <audio ref={ref} class="audio-player" controls preload="metadata" src={`data:${type};base64,${base64}`} onError={() => setBroken(true)} />
  );
}

function FirstBytes({ base64 }: { readonly base64: string }): VNode {
  const text = useMemo(() => bytesText(bytesOf(base64.slice(0, Math.ceil(SHOWN_BYTES / 3) * 4)).subarray(0, SHOWN_BYTES)), [base64]);
  return <TextBlock class="content-text content-bytes" text={text} />;
}
