/**
 * Owns what host and webview agree on about the Playground's saved calls: files that teams share, with variables in place
 * of what differs. Pure types. Arguments are JSON text, as they stand in the file.
 */
import type { RunTarget } from './playgroundRuns';

export interface SavedCall {
  /** Of this window's making; changes when the file changes. */
  readonly id: string;
  /** Of the file it stands in. */
  readonly file: string;
  readonly name: string;
  /** Path of folders inside the file, `/` between; empty: none. */
  readonly folder: string;
  readonly target: RunTarget;
  /** As written, with `{{variables}}`. */
  readonly argumentsText: string;
  /** The tool is run as a task, where it may. */
  readonly asTask?: true;
  /** Names of the variables the arguments and the target use, in the order of their appearance. */
  readonly variables: readonly string[];
  readonly line: number;
}

export interface SavedFileProblem {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface SavedFile {
  /** Absolute path. */
  readonly path: string;
  /** For people: relative to the workspace. */
  readonly label: string;
  /** The collection's name, or the file's without its ending. */
  readonly name: string;
  /** Values of variables by name. */
  readonly variables: Readonly<Record<string, string>>;
  readonly calls: readonly SavedCall[];
  readonly problems: readonly SavedFileProblem[];
}

export interface SavedCallDraft {
  /** Absolute path of a known file; absent: `newFile`, or `calls.json` of the first workspace folder. */
  readonly file?: string;
  /** A file to be made, if it is not there: in one of `saveFolders`, by its name without `.json`. */
  readonly newFile?: { readonly folder: string; readonly name: string };
  /** The call to replace; absent: a new one. */
  readonly id?: string;
  readonly name: string;
  readonly folder: string;
  readonly target: RunTarget;
  readonly argumentsText: string;
  readonly asTask?: boolean;
  /** Save although values look like secrets. */
  readonly keepSecrets: boolean;
}

/** A folder of the workspace: calls can be saved in its `.vscode/mcp-shark/`. */
export interface SaveFolder {
  /** Absolute path. */
  readonly path: string;
  readonly name: string;
}

/** `secrets`: nothing was saved; these values look like secrets, and a variable can stand in their place. */
export type SaveOutcome =
  | { readonly kind: 'saved'; readonly id: string }
  | { readonly kind: 'secrets'; readonly paths: readonly string[] }
  | { readonly kind: 'problem'; readonly message: string };
