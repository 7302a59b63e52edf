/** Owns what rendered content asks of the view it stands in. Nothing here opens anything by itself. */

export interface ContentActions {
  /** The user chose a link of foreign content; who opens it asks first. */
  readonly openLink: (url: string) => void;
  readonly copyText: (text: string) => void;
  /** Opens or saves the data at a JSON Pointer (to a content block). Absent: not offered. */
  readonly openContent?: (pointer: string, how: 'open' | 'save') => void;
  /** Reads a resource from the server that named it. Absent: not offered. */
  readonly openResource?: (uri: string) => void;
}
