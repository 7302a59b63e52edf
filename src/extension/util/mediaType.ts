/**
 * Owns what kind of file bytes are, read from their first bytes and never from a label somebody put on them, and the ending such
 * a file has. Pure; for host and webviews.
 */

export type MediaFamily = 'image' | 'audio' | 'video' | 'document';

/** The type the bytes say they are (256 of them are enough for all but SVG, which takes 4,096); `undefined`: none that is known here. */
export function mediaTypeOf(head: Uint8Array): string | undefined {
  return signatures.find(([, test]) => test(head))?.[0];
}

export function mediaFamily(type: string): MediaFamily {
  return type.startsWith('image/') ? 'image' : type.startsWith('audio/') ? 'audio' : type.startsWith('video/') ? 'video' : 'document';
}

/** Whether a declared type names the same thing: `audio/x-wav` is `audio/wav`. */
export function isSameMediaType(declared: string, actual: string): boolean {
  return plainType(declared) === plainType(actual);
}

/** Ending of a file of this type, without the dot; `undefined` for a type that has none here. */
export function fileEnding(type: string): string | undefined {
  const plain = plainType(type);
  return Object.hasOwn(ENDINGS, plain) ? ENDINGS[plain] : undefined;
}

function plainType(type: string): string {
  const bare = (type.split(';')[0] ?? '').trim().toLowerCase().replace('/x-', '/').replace('/vnd.wave', '/wav');
  return Object.hasOwn(ALIASES, bare) ? (ALIASES[bare] ?? bare) : bare;
}

const ALIASES: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/vnd.microsoft.icon': 'image/icon',
  'image/ms-bmp': 'image/bmp',
  'audio/mp3': 'audio/mpeg',
  'audio/wave': 'audio/wav',
  'audio/m4a': 'audio/mp4',
  'video/ogg': 'audio/ogg',
  'application/ogg': 'audio/ogg',
  'audio/opus': 'audio/ogg',
  'audio/webm': 'video/webm',
  'audio/aacp': 'audio/aac',
};

const ENDINGS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/bmp': 'bmp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'image/tiff': 'tiff',
  'image/icon': 'ico',
  'image/svg+xml': 'svg',
  'audio/wav': 'wav',
  'audio/ogg': 'ogg',
  'audio/flac': 'flac',
  'audio/mp4': 'm4a',
  'audio/midi': 'mid',
  'audio/mpeg': 'mp3',
  'audio/aac': 'aac',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/gzip': 'gz',
  'application/wasm': 'wasm',
  'application/json': 'json',
  'text/plain': 'txt',
  'text/markdown': 'md',
  'text/html': 'html',
  'text/css': 'css',
  'text/csv': 'csv',
  'text/xml': 'xml',
  'application/xml': 'xml',
};

const ascii = (bytes: Uint8Array, at: number, text: string): boolean => {
  for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
};
const brand = (bytes: Uint8Array, ...names: string[]): boolean => ascii(bytes, 4, 'ftyp') && names.some((name) => ascii(bytes, 8, name));
const isSvg = (bytes: Uint8Array): boolean =>
  /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^]*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(String.fromCharCode(...bytes.subarray(0, 4_096)));

const signatures: readonly (readonly [type: string, test: (bytes: Uint8Array) => boolean])[] = [
  ['image/png', (b) => ascii(b, 0, '\x89PNG\r\n\x1a\n')],
  ['image/jpeg', (b) => b[0] === 0xff && b[1] === 0xd8 && b[2] === 0xff],
  ['image/gif', (b) => ascii(b, 0, 'GIF87a') || ascii(b, 0, 'GIF89a')],
  ['image/webp', (b) => ascii(b, 0, 'RIFF') && ascii(b, 8, 'WEBP')],
  ['image/bmp', (b) => ascii(b, 0, 'BM') && b.length > 26 && b[14] !== 0 && b[15] === 0],
  ['image/avif', (b) => brand(b, 'avif', 'avis')],
  ['image/heic', (b) => brand(b, 'heic', 'heix', 'mif1')],
  ['image/tiff', (b) => ascii(b, 0, 'II*\0') || ascii(b, 0, 'MM\0*')],
  ['image/x-icon', (b) => b[0] === 0 && b[1] === 0 && b[2] === 1 && b[3] === 0 && (b[4] ?? 0) > 0 && b[5] === 0],
  ['audio/wav', (b) => ascii(b, 0, 'RIFF') && ascii(b, 8, 'WAVE')],
  ['audio/ogg', (b) => ascii(b, 0, 'OggS')],
  ['audio/flac', (b) => ascii(b, 0, 'fLaC')],
  ['audio/mp4', (b) => brand(b, 'M4A ', 'M4B ')],
  ['audio/midi', (b) => ascii(b, 0, 'MThd')],
  ['video/mp4', (b) => brand(b, 'isom', 'iso2', 'mp41', 'mp42', 'avc1', 'dash', 'M4V ', 'qt  ')],
  ['video/webm', (b) => b[0] === 0x1a && b[1] === 0x45 && b[2] === 0xdf && b[3] === 0xa3],
  ['audio/mpeg', (b) => ascii(b, 0, 'ID3') || (b[0] === 0xff && ((b[1] ?? 0) & 0xe6) === 0xe2)],
  ['audio/aac', (b) => b[0] === 0xff && ((b[1] ?? 0) & 0xf6) === 0xf0],
  ['application/pdf', (b) => ascii(b, 0, '%PDF-')],
  ['application/zip', (b) => ascii(b, 0, 'PK\x03\x04')],
  ['application/gzip', (b) => b[0] === 0x1f && b[1] === 0x8b && b[2] === 8],
  ['application/wasm', (b) => ascii(b, 0, '\0asm')],
  ['image/svg+xml', isSvg],
];
