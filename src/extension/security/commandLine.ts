/**
 * Owns understanding what a configured command runs: through `cmd /c` and `env`, which package a runner such as npx or
 * uvx fetches and where that is written, which image a container runs.
 */
import type { PackageRunner } from '../contract/findings';
import type { StdioServerConfig } from '../servers/types';

/** A word of the command line with its place in the entry. */
export interface CommandWord {
  readonly text: string;
  readonly path: readonly (string | number)[];
}

export function wordsOf({ command, args }: StdioServerConfig): CommandWord[] {
  return [{ text: command, path: ['command'] }, ...args.slice(0, 1000).map((text, index) => ({ text, path: ['args', index] }))];
}

/** The last part of a path, without the endings of Windows programs: `C:\x\npx.cmd` is `npx`. */
export function programOf(command: string): string {
  const name = command.split(/[\\/]/).at(-1) ?? '';
  return name.toLowerCase().replace(/\.(?:exe|cmd|bat|ps1)$/, '');
}

/** The command line without what only starts it: `cmd /c npx …` and `env A=b npx …` are `npx …`. */
export function effectiveWords(words: readonly CommandWord[]): readonly CommandWord[] {
  let rest = words;
  for (let i = 0; i < 4; i++) {
    const program = programOf(rest[0]?.text ?? '');
    if (program === 'cmd' && /^\/[ck]$/i.test(rest[1]?.text ?? '')) rest = rest.slice(2);
    else if (program === 'env') rest = rest.slice(1 + rest.slice(1).findIndex(({ text }) => !/^-|=/.test(text)));
    else if (program === 'sudo' || program === 'doas') rest = rest.slice(1);
    else break;
    if (rest.length === 0) break;
  }
  return rest;
}

export interface FetchedPackage {
  readonly runner: PackageRunner;
  readonly word: CommandWord;
  /** Place of the specification within the word: `--package=name@1` begins behind the equals sign. */
  readonly start: number;
  readonly name: string;
  /** As written, without its sign; `undefined`: none. */
  readonly version: string | undefined;
  /** From a repository or an address rather than a registry. */
  readonly isAddress: boolean;
}

const NPM: Readonly<Record<string, readonly string[]>> = { npx: [], bunx: [], pnpx: [], npm: ['exec', 'x'], pnpm: ['dlx', 'exec'], yarn: ['dlx'], bun: ['x'] };
const PYTHON: Readonly<Record<string, readonly string[]>> = { uvx: [], uv: ['tool', 'x'], pipx: ['run'] };

/** The package that is fetched from a registry and run, if any. */
export function fetchedPackage(config: StdioServerConfig): FetchedPackage | undefined {
  const words = effectiveWords(wordsOf(config));
  const program = programOf(words[0]?.text ?? '');
  const npm = NPM[program];
  if (npm) return npmPackage(behind(words, npm));
  const python = PYTHON[program];
  if (python) return pythonPackage(program === 'uv' ? behindUv(words) : behind(words, python));
  if (program === 'docker' || program === 'podman' || program === 'nerdctl') return imageOf(words);
  return undefined;
}

/** What follows the runner's own word; nothing where it is used for something else. */
function behind(words: readonly CommandWord[], verbs: readonly string[]): readonly CommandWord[] {
  if (verbs.length === 0) return words.slice(1);
  const at = words.findIndex(({ text }, index) => index > 0 && !text.startsWith('-'));
  return verbs.includes(words[at]?.text ?? '') ? words.slice(at + 1) : [];
}

/** `uv tool run name`. */
function behindUv(words: readonly CommandWord[]): readonly CommandWord[] {
  return words[1]?.text === 'tool' && words[2]?.text === 'run' ? words.slice(3) : words[1]?.text === 'x' ? words.slice(2) : [];
}

/** Flags of npx and its like that take a word of their own. */
const NPM_VALUES = new Set(['-c', '--call', '--registry', '--cache', '--userconfig', '--prefix', '-w', '--workspace', '--node-options']);

function npmPackage(words: readonly CommandWord[]): FetchedPackage | undefined {
  const [word, start] = specification(words, ['-p', '--package'], NPM_VALUES) ?? [];
  if (!word || start === undefined) return undefined;
  const text = word.text.slice(start);
  if (/^\.{0,2}[\\/]|^[A-Za-z]:\\|^\$\{/.test(text)) return undefined;
  const at = text.indexOf('@', 1);
  const name = at < 0 ? text : text.slice(0, at);
  const version = at < 0 ? undefined : text.slice(at + 1);
  const isAddress = /^(?:git|https?|github|gitlab|ssh)[:+]|\.git(?:#|$)|^[\w.-]+\/[\w.-]+$/.test(text) && !text.startsWith('@');
  return { runner: 'npm', word, start, name, version, isAddress };
}

const PYTHON_VALUES = new Set(['--python', '-p', '--with', '--index-url', '--extra-index-url', '--index', '--default-index', '--directory', '--refresh-package', '--with-requirements', '--pip-args']);

function pythonPackage(words: readonly CommandWord[]): FetchedPackage | undefined {
  const [word, start] = specification(words, ['--from', '--spec'], PYTHON_VALUES) ?? [];
  if (!word || start === undefined) return undefined;
  const text = word.text.slice(start);
  if (/^\.{0,2}[\\/]|^[A-Za-z]:\\|^\$\{/.test(text)) return undefined;
  const isAddress = /^(?:git\+|https?:|ssh:)/.test(text);
  const found = isAddress ? undefined : /^([\w.-]+)(?:\[[^\]]*\])?(?:(===?|@|[~<>!]=?)(.*))?$/.exec(text);
  const exact = found?.[2] === '==' || found?.[2] === '===' || found?.[2] === '@';
  const version = isAddress ? /@([^@#]+)(?:#|$)/.exec(text.replace(/^[a-z+]+:\/\/[^/]*/, ''))?.[1] : exact ? found?.[3] : found?.[2] && `${found[2]}${found[3] ?? ''}`;
  return { runner: 'python', word, start, name: isAddress ? text : (found?.[1] ?? text), version, isAddress };
}

/** The word that names what is run: what a flag says, else the first word that is none. */
function specification(words: readonly CommandWord[], flags: readonly string[], valued: ReadonlySet<string>): readonly [CommandWord, number] | undefined {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as CommandWord;
    const { text } = word;
    const next = words[i + 1];
    if (flags.includes(text)) return next && [next, 0];
    const flag = flags.find((name) => name.startsWith('--') && text.startsWith(`${name}=`));
    if (flag) return [word, flag.length + 1];
    if (valued.has(text)) i++;
    else if (!text.startsWith('-')) return [word, 0];
  }
  return undefined;
}

/** Flags of `docker run` that take no word of their own; all others take one unless it follows an equals sign. */
const IMAGE_SWITCHES = /^(?:-[itdPq]+|--(?:rm|init|interactive|tty|detach|privileged|read-only|publish-all|no-healthcheck|oom-kill-disable|sig-proxy|quiet|disable-content-trust)(?:=.*)?)$/;

function imageOf(words: readonly CommandWord[]): FetchedPackage | undefined {
  const run = words.findIndex(({ text }) => text === 'run');
  if (run < 0) return undefined;
  for (let i = run + 1; i < words.length; i++) {
    const word = words[i] as CommandWord;
    const { text } = word;
    if (!text.startsWith('-')) {
      const digest = text.indexOf('@');
      const colon = text.indexOf(':', text.lastIndexOf('/') + 1);
      const cut = digest >= 0 ? digest : colon;
      return { runner: 'container', word, start: 0, name: cut < 0 ? text : text.slice(0, cut), version: cut < 0 ? undefined : text.slice(cut + 1), isAddress: false };
    }
    if (!IMAGE_SWITCHES.test(text) && !text.includes('=')) i++;
  }
  return undefined;
}
