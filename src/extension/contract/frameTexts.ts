/** Owns telling recorded messages apart by what a `CallDetail` holds of them. Pure. */
import type { FrameText } from './traffic';

/** Whether one message is known to differ from another, such as on the other side of the gateway. Of long ones only the beginning is here; behind it their lengths tell. */
export function isOtherText(one: FrameText, other: FrameText | undefined): boolean {
  return other === undefined || one.text !== other.text || one.truncated !== other.truncated || (one.truncated && one.bytes !== other.bytes);
}
