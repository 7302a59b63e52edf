/**
 * Owns the environment a server process gets: that of the extension host, less what only concerns VS Code and Node,
 * plus `envFile` and `env`. VS Code starts servers with its whole environment; servers rely on that (PATH, proxies,
 * HOME, tokens), so it is kept, but what would make a child behave like VS Code is not.
 */

/** Debug and IPC hooks of the host: with them a server that is an Electron or Node program would not start as itself. */
const NOT_INHERITED = /^(ELECTRON_|VSCODE_)|^(NODE_OPTIONS|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE|NODE_UNIQUE_ID)$/i;

export type Environment = Readonly<Record<string, string>>;

/** What of the host's own environment a server inherits. */
export function inheritedEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && !NOT_INHERITED.test(entry[0])),
  );
}

/**
 * Lays `changes` over `base`; `null` takes a variable away. On Windows `Path` and `PATH` are the same variable, so the
 * old spelling goes.
 */
export function withChanges(
  base: Environment,
  changes: Readonly<Record<string, string | null>>,
  isWindows: boolean,
): Record<string, string> {
  const result = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(changes)) {
    if (isWindows) {
      for (const other of result.keys()) if (other.toUpperCase() === name.toUpperCase()) result.delete(other);
    }
    if (value === null) result.delete(name);
    else result.set(name, value);
  }
  return Object.fromEntries(result);
}
