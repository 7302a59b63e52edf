/** Owns which of the eight hues (made of the theme's chart colours in components.css) a name gets: always the same one. */
export const HUE_COUNT = 8;

export function serverHue(name: string): number {
  // FNV-1a with a final mix; the start value is the one that keeps the best-known servers' hues apart.
  let hash = 0x811ca308;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x45d9f3b);
  hash ^= hash >>> 15;
  return (hash >>> 0) % HUE_COUNT;
}
