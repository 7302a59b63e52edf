/** Owns the coloured dot that stands before a server's name everywhere. Decoration only: the name says it in words. */
import type { VNode } from 'preact';
import { serverHue } from './serverHue';

export function ServerDot({ name }: { readonly name: string }): VNode {
  return <span class={`server-dot hue-${serverHue(name)}`} aria-hidden="true" />;
}
