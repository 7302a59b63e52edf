/**
 * Holds the source to the rules of docs/architecture.md that can be read off import lines: ranks, who may import
 * `vscode`, what compiles for both worlds, and the habits of files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCE = path.resolve(__dirname, '../../src');

/** Folders and files of src/extension by rank: each may import its own rank and lower ones. */
const RANKS: Readonly<Record<string, number>> = {
  contract: 0,
  util: 0,
  rpc: 1,
  query: 1,
  mcp: 1,
  servers: 2,
  store: 2,
  validation: 2,
  auth: 3,
  capture: 3,
  security: 3,
  proxy: 4,
  playground: 5,
  services: 6,
  // They build everything below; the services work on what is built.
  'application.ts': 6,
  'auditLog.ts': 6,
  editor: 8,
  headless: 8,
  'extension.ts': 9,
};
/** Compile under both tsconfigs: the webviews use them too. */
const ISOMORPHIC = new Set(['contract', 'util', 'rpc', 'query']);

interface SourceFile {
  /** Relative to src, with forward slashes. */
  readonly file: string;
  readonly text: string;
  /** What it imports or re-exports from, as written. */
  readonly imports: readonly string[];
}

const files: readonly SourceFile[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.(ts|tsx)$/.test(file))
  .map((file) => {
    const text = readFileSync(path.join(SOURCE, file), 'utf8');
    const code = text.replace(/\/\*[^]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
    const found = [
      ...code.matchAll(/^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm),
      ...code.matchAll(/^\s*import\s*['"]([^'"]+)['"]/gm),
      ...code.matchAll(/\b(?:import|require)\(\s*['"]([^'"]+)['"]/g),
    ];
    return { file, text, imports: found.flatMap(([, from]) => from ?? []) };
  });

const hostFiles = files.filter(({ file }) => file.startsWith('extension/'));
const webviewFiles = files.filter(({ file }) => file.startsWith('webview/'));

/** The imported file relative to src, without its ending; `undefined`: a package. */
function target({ file }: SourceFile, from: string): string | undefined {
  return from.startsWith('.') ? path.posix.join(path.posix.dirname(file), from) : undefined;
}

/** Folder under src/extension, or the file that stands right in it. */
function room(file: string): string {
  const [, first = '', ...rest] = file.split('/');
  return rest.length > 0 || first.endsWith('.ts') ? first : `${first}.ts`;
}

/** Lists `file: import` for every import the rule forbids. */
function offenders(among: readonly SourceFile[], isForbidden: (source: SourceFile, from: string) => boolean): string[] {
  return among.flatMap((source) =>
    source.imports.filter((from) => isForbidden(source, from)).map((from) => `${source.file}: ${from}`),
  );
}

it('there are source files to look at', () => {
  expect(hostFiles.length).toBeGreaterThan(20);
  expect(files.flatMap(({ imports }) => imports).length).toBeGreaterThan(50);
});

describe('imports', () => {
  it('every folder has a rank', () => {
    expect([...new Set(hostFiles.map(({ file }) => room(file)))].filter((name) => RANKS[name] === undefined)).toEqual([]);
  });

  it('go to the same rank or a lower one', () => {
    const rankOf = (file: string): number => RANKS[room(file)] ?? -1;
    expect(
      offenders(hostFiles, (source, from) => {
        const imported = target(source, from);
        return imported !== undefined && rankOf(imported) > rankOf(source.file);
      }),
    ).toEqual([]);
  });

  it('of the contract go nowhere else', () => {
    const contract = hostFiles.filter(({ file }) => room(file) === 'contract');
    expect(offenders(contract, (source, from) => room(target(source, from) ?? '') !== 'contract')).toEqual([]);
  });

  it('of vscode stand in editor/ and extension.ts only', () => {
    const others = files.filter(({ file }) => !file.startsWith('extension/editor/') && file !== 'extension/extension.ts');
    expect(offenders(others, (_source, from) => from === 'vscode')).toEqual([]);
  });

  it('of isomorphic code are neither packages nor Node', () => {
    const isomorphic = hostFiles.filter(({ file }) => ISOMORPHIC.has(room(file)));
    expect(offenders(isomorphic, (source, from) => target(source, from) === undefined)).toEqual([]);
  });

  it('of the webviews reach the host only through what is isomorphic', () => {
    expect(
      offenders(webviewFiles, (source, from) => {
        const imported = target(source, from);
        return from.startsWith('node:') || (imported?.startsWith('extension/') === true && !ISOMORPHIC.has(room(imported)));
      }),
    ).toEqual([]);
  });

  it('of the host never reach a webview', () => {
    expect(offenders(hostFiles, (source, from) => target(source, from)?.startsWith('webview/') === true)).toEqual([]);
  });

  it('of the UI toolkit stand in webview/elements/ only', () => {
    const others = files.filter(({ file }) => !file.startsWith('webview/elements/'));
    expect(offenders(others, (_source, from) => from.startsWith('@vscode/webview-ui-toolkit'))).toEqual([]);
  });

  it('of shared webview parts know no app', () => {
    const shared = webviewFiles.filter(({ file }) => /^webview\/(platform|elements|components)\//.test(file));
    expect(
      offenders(shared, (source, from) => /^webview\/(?!platform|elements|components)/.test(target(source, from) ?? '')),
    ).toEqual([]);
  });
});

describe('files', () => {
  const named = (isOffender: (source: SourceFile) => boolean): string[] =>
    files.filter(isOffender).map(({ file }) => file);

  it('begin with a comment that says what they own', () => {
    expect(named(({ text }) => !/^(\/\*\*|\/\/)\s*\S?/.test(text))).toEqual([]);
  });

  it('have no default export', () => {
    expect(named(({ text }) => /^export default\b|\bas default\b/m.test(text))).toEqual([]);
  });

  it('are no barrels', () => {
    expect(named(({ file, text }) => /(^|\/)index\.tsx?$/.test(file) || /^export \* from\b/m.test(text))).toEqual([]);
  });

  it('declare no enums', () => {
    expect(named(({ text }) => /^\s*(export )?(declare )?(const )?enum\s/m.test(text))).toEqual([]);
  });

  it('import without endings', () => {
    expect(offenders(files, (source, from) => target(source, from) !== undefined && /\.(js|ts|tsx)$/.test(from))).toEqual([]);
  });

  it('are camelCase, components PascalCase', () => {
    expect(named(({ file }) => !/\/([a-z][A-Za-z0-9]*\.(d\.)?tsx?|[A-Z][A-Za-z0-9]*\.tsx)$/.test(file))).toEqual([]);
  });

  it('take the editor window from one place', () => {
    expect(named(({ file, text }) => /\bacquireVsCodeApi\s*\(\)/.test(text) && !file.startsWith('webview/platform/'))).toEqual([]);
  });
});
