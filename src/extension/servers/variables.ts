/**
 * Owns the placeholders of a configuration (`${workspaceFolder}`, `${env:NAME}`, `${input:id}`, …) and their replacement.
 * Invariant: a text is gone through once; a `${…}` that comes out of a value stays as it is, so no value can reach for
 * another one.
 */

/** What a placeholder stands for; `undefined`: there is no such thing. */
export type Lookup = (name: string, argument: string | undefined) => Promise<string | undefined>;

export interface WorkspaceFolderInfo {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

export interface FixedVariables {
  /** The folder that the server belongs to. */
  readonly folder: WorkspaceFolderInfo;
  readonly folders: readonly WorkspaceFolderInfo[];
  readonly home: string;
  /** `/` or `\`. */
  readonly pathSeparator: string;
  env(name: string): string | undefined;
}

/** Placeholders that are known, for messages. */
export const KNOWN_PLACEHOLDERS =
  '${workspaceFolder}, ${workspaceFolder:name}, ${workspaceFolderBasename}, ${userHome}, ${env:NAME}, ${input:id}, ${pathSeparator} and ${/}';

const PLACEHOLDER = /\$\{([^{}]+)\}/g;

/** Ids of the inputs that the texts within a value of JSON use. */
export function inputIdsIn(value: unknown): ReadonlySet<string> {
  return new Set([...(JSON.stringify(value) ?? '').matchAll(/\$\{input:([^{}]*)\}/g)].map(([, id = '']) => id));
}

/** Replaces every placeholder; `unknown` makes the error for one that stands for nothing. */
export async function replacePlaceholders(
  text: string,
  lookup: Lookup,
  unknown: (placeholder: string) => Error,
): Promise<string> {
  const values = new Map<string, string>();
  for (const [placeholder, content = ''] of text.matchAll(PLACEHOLDER)) {
    if (values.has(placeholder)) continue;
    const colon = content.indexOf(':');
    const name = colon < 0 ? content : content.slice(0, colon);
    const value = await lookup(name, colon < 0 ? undefined : content.slice(colon + 1));
    if (value === undefined) throw unknown(placeholder);
    values.set(placeholder, value);
  }
  // A function: in a replacement text "$&" would have a meaning.
  return text.replace(PLACEHOLDER, (placeholder) => values.get(placeholder) ?? placeholder);
}

/** The value of a placeholder that needs nobody to be asked; `undefined`: it is none of these. */
export function fixedValue(variables: FixedVariables, name: string, argument: string | undefined): string | undefined {
  const folder =
    argument === undefined ? variables.folder : variables.folders.find((candidate) => candidate.name === argument);
  switch (name) {
    case 'workspaceFolder':
    case 'workspaceRoot':
      return folder?.path;
    case 'workspaceFolderBasename':
    case 'workspaceRootFolderName':
      return folder?.path.split(/[\\/]/).findLast((part) => part !== '');
    case 'userHome':
      return argument === undefined ? variables.home : undefined;
    case 'pathSeparator':
    case '/':
      return argument === undefined ? variables.pathSeparator : undefined;
    case 'env':
      // Unset is empty, as in a shell and as in VS Code.
      return argument ? (variables.env(argument) ?? '') : undefined;
    default:
      return undefined;
  }
}
