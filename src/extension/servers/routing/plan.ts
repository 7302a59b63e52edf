/** Owns the shape of a plan: exactly what would be changed, to be shown before anything is. Pure types and small helpers. */
import type { DocumentFormat } from '../import/document';
import type { Snapshot } from './files';
import type { Change } from './ledger';

export interface PlannedFile {
  readonly file: string;
  /** Where it really is, when `file` is a link. */
  readonly linkTo?: string;
  /** Whose file it is, as users call it. */
  readonly client: string;
  readonly format: DocumentFormat;
  /** What stands there now, and what would; `undefined`: no file. With byte order mark; for a diff editor. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** What the plan was made from: applying it checks that the file is still this. */
  readonly snapshot: Snapshot;
  readonly bytes: Uint8Array | undefined;
  /** Permission bits of the result. */
  readonly mode: number;
  readonly changes: readonly Change[];
  /** Folders to take away with it, outermost first, where they are empty then. */
  readonly emptyFolders: readonly string[];
}

/** Something to know or to mend. Never holds a value of a configuration. */
export interface PlanNote {
  readonly file: string;
  /** Server it is about. */
  readonly server?: string;
  readonly message: string;
  /** Id of a backup that alone holds, afterwards, what the note is about. */
  readonly backup?: string;
}

export interface ChangePlan {
  readonly id: string;
  readonly kind: 'route' | 'point' | 'undo' | 'restore';
  /** In the order they are written. Empty: there is nothing to do. */
  readonly files: readonly PlannedFile[];
  readonly notes: readonly PlanNote[];
  /** What is left out, and why. The rest can be applied. */
  readonly problems: readonly PlanNote[];
  /** Names of the servers that would be routed, as they would be called. */
  readonly servers: readonly string[];
  /** What an undo takes off the ledger: these records, except their part about the files named. */
  readonly undone?: { readonly records: readonly string[]; readonly except: readonly string[] };
}

export function textOf(snapshot: Snapshot): string | undefined {
  return snapshot.kind === 'file' ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(snapshot.bytes) : undefined;
}
