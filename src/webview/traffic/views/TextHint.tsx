/** Owns saying that not all of a message's text is there to be shown, and why: an empty text must not pass for what was recorded. */
import type { VNode } from 'preact';
import type { FrameText } from '../../../extension/contract/traffic';
import { detailStrings } from './detailStrings';

const words = detailStrings.body;

export function TextHint({ frame }: { readonly frame: FrameText | undefined }): VNode | null {
  const hint = frame?.damaged ? (frame.text === '' ? words.lost : words.damaged) : frame?.isOutOfReach ? words.outOfReach : undefined;
  return hint === undefined ? null : <p class="body-hint">{hint}</p>;
}

/** There is a message, and nothing of its text. */
export const isTextless = (frame: FrameText | undefined): boolean => frame?.text === '' && (frame.damaged === true || frame.isOutOfReach === true);
