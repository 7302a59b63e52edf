/** Owns taking terminal escape sequences (ECMA-48) out of text that is only read: colours, cursor moves, titles, links. Pure. */

// CSI sequences, OSC and other strings up to their end, two-character escapes. Bounded, so that no text makes it slow.
const SEQUENCES =
  // eslint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]{0,64}[ -/]{0,8}[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]{0,4096}(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]{0,8}[0-~]/g;

export function withoutAnsi(text: string): string {
  return text.replace(SEQUENCES, '');
}
