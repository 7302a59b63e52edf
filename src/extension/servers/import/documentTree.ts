/** Owns the tree that documents of every format are read into, and its limits. */

/** A value with its place: offsets into the text without its byte order mark. */
export interface DocNode {
  readonly kind: 'object' | 'array' | 'scalar';
  readonly offset: number;
  readonly end: number;
  /** Of an object, in their order, doubles included. */
  readonly entries: readonly DocEntry[];
  /** Of an array. */
  readonly items: readonly DocNode[];
  readonly scalar?: unknown;
}

export interface DocEntry {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: DocNode;
}

export interface DocProblem {
  readonly offset: number;
  /** A sentence without its full stop. */
  readonly message: string;
}

/** Deeper than any configuration; parsers are recursive and would run out of stack at some depth. */
export const MAX_DEPTH = 200;
/** Anchors of YAML make a small text stand for a huge tree. */
export const MAX_NODES = 50_000;

export class DocumentError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'DocumentError';
  }
}
