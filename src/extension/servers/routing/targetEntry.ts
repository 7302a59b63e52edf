/**
 * Owns how a found server is written into an `mcp-shark.json`: in our schema, with what we do not act on kept, and with
 * paths that mean the same from there.
 */
import * as path from 'node:path';
import { GOVERNANCE_KEYS, KNOWN_KEYS, problemOfName } from '../configFile';
import type { FoundServer } from '../import/types';

export interface TargetEntry {
  readonly value: Record<string, unknown>;
  /** The entry may be copied as it is written: nothing was changed. */
  readonly isVerbatim: boolean;
  readonly notes: readonly string[];
}

/** `written`: the entry as its file has it. `targetBase`: what relative paths of the target are relative to, if that is known. */
export function targetEntry(server: FoundServer, written: unknown, targetBase: string | undefined, platform: NodeJS.Platform): TargetEntry {
  const isOurSchema = /^(vscode\.|devcontainer$)/.test(server.strategy);
  const notes: string[] = [];
  const value = isOurSchema ? { ...(written as Record<string, unknown>) } : fromConfig(server);
  if (server.container.base !== undefined) {
    notes.push(`Its file keeps it for ${server.container.base} alone. Here it stands in your own file, and is there in every workspace.`);
  }
  const moved = movePaths(value, server, targetBase, platform === 'win32' ? path.win32 : path.posix, notes);
  return { value: moved, isVerbatim: isOurSchema && notes.length === 0, notes };
}

/** An entry without what is written about it and what switches it, in MCP Shark's own form and elsewhere. */
export function withoutOwnKeys(value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => !GOVERNANCE_KEYS.has(key) && key !== 'disabled'));
}

/** What of that an entry has, by name. */
export function ownKeysOf(value: unknown): readonly string[] {
  return Object.keys(value ?? {}).filter((key) => GOVERNANCE_KEYS.has(key));
}

/** An entry without what means the same where it is left out: equal where nothing tells two servers apart. */
export function plainEntry(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const implied = value['command'] === undefined ? 'http' : 'stdio';
  return Object.fromEntries(
    Object.entries(value).filter(([key, item]) => {
      if (key === 'type') return item !== implied;
      if (key === 'disabled') return item !== false;
      return !(['args', 'env', 'headers'].includes(key) && typeof item === 'object' && Object.keys(item ?? {}).length === 0);
    }),
  );
}

function fromConfig({ config, disabled, deniedTools }: FoundServer): Record<string, unknown> {
  // What is only kept must not stand under a name that means something here.
  const extra = Object.entries(config.extra ?? {}).map(([key, value]) => [KNOWN_KEYS.has(key) ? `x-${key}` : key, value]);
  const own =
    config.type === 'stdio'
      ? {
          command: config.command,
          ...(config.args.length > 0 ? { args: config.args } : {}),
          ...(Object.keys(config.env).length > 0 ? { env: config.env } : {}),
          ...(config.envFile === undefined ? {} : { envFile: config.envFile }),
          ...(config.cwd === undefined ? {} : { cwd: config.cwd }),
        }
      : {
          ...(config.type === 'sse' ? { type: 'sse' } : {}),
          url: config.url,
          ...(Object.keys(config.headers).length > 0 ? { headers: config.headers } : {}),
          ...(config.oauth ? { oauth: config.oauth } : {}),
        };
  const tools = deniedTools.length > 0 ? { tools: { deny: deniedTools } } : {};
  return { ...own, ...(disabled ? { disabled: true } : {}), ...tools, ...Object.fromEntries(extra) };
}

function movePaths(
  value: Record<string, unknown>,
  { base, container, config }: FoundServer,
  targetBase: string | undefined,
  paths: path.PlatformPath,
  notes: string[],
): Record<string, unknown> {
  if (config.type !== 'stdio' || base === undefined || base === targetBase) return value;
  const moved = { ...value };
  for (const key of ['cwd', 'envFile'] as const) {
    const written = value[key];
    if (typeof written !== 'string' || !isRelative(written, paths)) continue;
    moved[key] = paths.join(base, written);
    notes.push(`"${key}" was relative to ${base} and is written out, since the file it moves to stands elsewhere.`);
  }
  const startsInBase = container.base !== undefined || [config.command, ...config.args].some((text) => /^\.\.?[\\/]/.test(text));
  if (config.cwd === undefined && startsInBase) {
    moved['cwd'] = base;
    notes.push(`"cwd" is set to ${base}, where the server has been started so far.`);
  }
  return moved;
}

function isRelative(text: string, paths: path.PlatformPath): boolean {
  return text !== '' && !paths.isAbsolute(text) && !/^(~|\$\{)/.test(text);
}

/** A name that MCP Shark can use, and that is not `taken`: the same one wherever possible, else with a number. */
export function freeName(name: string, taken: (name: string) => boolean): string {
  const usable = problemOfName(name) === undefined ? name : mended(name);
  if (!taken(usable)) return usable;
  for (let number = 2; ; number++) {
    const suffix = `-${number}`;
    const candidate = usable.slice(0, 64 - suffix.length) + suffix;
    if (!taken(candidate)) return candidate;
  }
}

function mended(name: string): string {
  const plain = name
    .replaceAll(/[^\p{L}\p{N}\p{M} ._/@:+()-]/gu, '-')
    .replaceAll(/\.{2,}/g, '.')
    .replaceAll(/\/{2,}/g, '/')
    .replace(/^[\s/.]+|[\s/.]+$/g, '')
    .slice(0, 64)
    .replace(/[\s/.]+$/, '');
  return problemOfName(plain) === undefined ? plain : 'server';
}

/** Every `${input:from}` in a value becomes `${input:to}`. */
export function renameInput(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') return value.replaceAll(`\${input:${from}}`, () => `\${input:${to}}`);
  if (Array.isArray(value)) return value.map((item) => renameInput(item, from, to));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renameInput(item, from, to)]));
}
