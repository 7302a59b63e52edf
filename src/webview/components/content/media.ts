/**
 * Owns what base64 media from anyone really is, read from its first bytes and never from its label: type, size in bytes
 * and in pixels, and whether drawing it could hurt (a few kilobytes can unpack to gigabytes). Pure; only the head of the data is decoded.
 */
import { mediaFamily, mediaTypeOf, type MediaFamily } from '../../../extension/util/mediaType';

export interface MediaFacts {
  /** Type the bytes say they are; absent: none that is known here. */
  readonly actual?: string;
  readonly family?: MediaFamily;
  /** Decoded size. */
  readonly bytes: number;
  readonly pixels?: { readonly width: number; readonly height: number };
}

/** Bytes of the head that are looked at: a camera's JPEG has its size behind a long preview. */
const HEAD = 262_144;
/** Above this an image is not drawn: four bytes a pixel have to be kept in memory. */
export const MAX_PIXELS = 50_000_000;
export const MAX_DRAWN_BYTES = 30_000_000;

/** Base64 in its plain alphabet without blanks, or `undefined` where the text is no base64. Takes the URL alphabet too. */
export function cleanBase64(data: string): string | undefined {
  const plain = (/[\s_-]/.test(data) ? data.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/') : data).replace(/={1,2}$/, '');
  if (plain.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(plain)) return undefined;
  return plain + '='.repeat((4 - (plain.length % 4)) % 4);
}

/** `base64`: as `cleanBase64` gives it. */
export function mediaFacts(base64: string): MediaFacts {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  const bytes = (base64.length / 4) * 3 - padding;
  const head = headOf(base64);
  const actual = mediaTypeOf(head);
  if (actual === undefined) return { bytes };
  const family = mediaFamily(actual);
  const pixels = family === 'image' ? pixelsOf(actual, head) : undefined;
  return { actual, family, bytes, ...(pixels ? { pixels } : {}) };
}

function headOf(base64: string): Uint8Array {
  const text = atob(base64.slice(0, Math.ceil(HEAD / 3) * 4));
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const ascii = (bytes: Uint8Array, at: number, text: string): boolean => {
  for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
};

function pixelsOf(type: string, bytes: Uint8Array): MediaFacts['pixels'] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    switch (type) {
      case 'image/png':
        return { width: view.getUint32(16), height: view.getUint32(20) };
      case 'image/gif':
        return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
      case 'image/bmp':
        return view.getUint32(14, true) === 12
          ? { width: view.getUint16(18, true), height: view.getUint16(20, true) }
          : { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
      case 'image/x-icon':
        return { width: bytes[6] || 256, height: bytes[7] || 256 };
      case 'image/webp':
        return webpPixels(bytes, view);
      case 'image/jpeg':
        return jpegPixels(bytes, view);
      case 'image/avif':
        return avifPixels(bytes, view);
      default:
        return undefined;
    }
  } catch {
    return undefined; // shorter than its own header says
  }
}

function webpPixels(bytes: Uint8Array, view: DataView): MediaFacts['pixels'] {
  if (ascii(bytes, 12, 'VP8X')) return { width: (view.getUint32(24, true) & 0xffffff) + 1, height: ((view.getUint32(26, true) >>> 8) & 0xffffff) + 1 };
  if (ascii(bytes, 12, 'VP8L')) {
    const packed = view.getUint32(21, true);
    return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 };
  }
  return ascii(bytes, 12, 'VP8 ') ? { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff } : undefined;
}

/** Goes from segment to segment to the frame header (ITU T.81, B.2.2). */
function jpegPixels(bytes: Uint8Array, view: DataView): MediaFacts['pixels'] {
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** The largest of the spatial extents (`ispe`): one image may be a grid of others. */
function avifPixels(bytes: Uint8Array, view: DataView): MediaFacts['pixels'] {
  let largest: { readonly width: number; readonly height: number } | undefined;
  for (let at = 0; at + 16 <= Math.min(bytes.length, 16_384); at += 1) {
    if (bytes[at] !== 0x69 || !ascii(bytes, at, 'ispe')) continue;
    const found = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (!largest || found.width * found.height > largest.width * largest.height) largest = found;
  }
  return largest;
}

const DRAWN: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/avif', 'image/x-icon']);

/** Whether the image may be drawn: of a kind the browser draws, and of a size it can hold. */
export function canDraw(facts: MediaFacts): 'yes' | 'kind' | 'pixels' | 'bytes' | 'unknownSize' {
  if (facts.actual === undefined || !DRAWN.has(facts.actual)) return 'kind';
  if (facts.bytes > MAX_DRAWN_BYTES) return 'bytes';
  if (!facts.pixels) return 'unknownSize';
  const { width, height } = facts.pixels;
  return width < 1 || height < 1 || width * height > MAX_PIXELS ? 'pixels' : 'yes';
}

/** An SVG small and plain enough that drawing it (as a picture: no script, no network) cannot take long. */
export function isTameSvg(text: string): boolean {
  if (text.length > 200_000 || /<!ENTITY|<!\[CDATA\[|<(?:\w+:)?foreignObject/i.test(text)) return false;
  const count = (pattern: RegExp): number => (text.match(pattern) ?? []).length;
  return count(/<(?:\w+:)?use\b/gi) <= 20 && count(/<(?:\w+:)?(?:filter|mask|pattern|fe[A-Z]\w*|animate\w*)\b/g) <= 20 && count(/</g) <= 5_000;
}
