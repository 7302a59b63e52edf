// Finding the place of a finding in a file, and the edits of its quick fix.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/extension/capture/redactor';
import { moveSecretToInput, pinVersion, type TextEdit } from '../../../src/extension/security/fixes';
import { installedVersion } from '../../../src/extension/security/installedVersion';
import { locate } from '../../../src/extension/security/locate';
import { secretsInMessage } from '../../../src/extension/security/messageSecrets';
import { createScanner } from '../../../src/extension/security/scanner';
import { parseServersFile } from '../../../src/extension/servers/configFile';

const key = `ghp_${'aB3dE9xYz0Qw'.repeat(3)}`;
const text = `{
  // Servers of the team
  "servers": {
    "gh": {
      "command": "npx",
      "args": ["-y", "@scope/server"], // not pinned
      "env": { "GITHUB_TOKEN": "${key}", "LOG": "1", },
    },
    "web": { "url": "https://x.example/mcp?api_key=q8Xz0pLm4RtY7uVw", "headers": { "Authorization": "Bearer q8Xz0pLm4RtY7uVw" } },
  },
}
`;

function applied(before: string, edits: readonly TextEdit[]): string {
  return edits.toReversed().reduce((after, { offset, length, text: put }) => after.slice(0, offset) + put + after.slice(offset + length), before);
}

interface File {
  servers: Record<string, { args: string[]; env: Record<string, string>; url: string; headers: Record<string, string> }>;
  inputs: { id: string; type: string; password: boolean }[];
}
const read = (jsonc: string): File => parse(jsonc.replace('\uFEFF', ''), [], { allowTrailingComma: true }) as File;

describe('the place of a finding', () => {
  it.each([
    [['env', 'GITHUB_TOKEN'], `"${key}"`],
    [['args', 1], '"@scope/server"'],
    [['command'], '"npx"'],
    [[], '"gh"'],
    [['args', 7], '["-y", "@scope/server"]'],
    [['cwd'], '"gh"'],
  ] as const)('at %j is the very text', (where, expected) => {
    const place = locate(text, { server: 'gh', path: where });
    const line = text.split('\n')[(place?.line ?? 0) - 1] ?? '';
    expect(line.slice((place?.column ?? 0) - 1, (place?.column ?? 0) - 1 + (place?.length ?? 0))).toBe(expected);
    expect(text.slice(place?.offset, (place?.offset ?? 0) + (place?.length ?? 0))).toBe(expected);
  });

  it('is right with a byte order mark, and with each kind of line end', () => {
    for (const end of ['\r\n', '\r', '\n']) {
      const place = locate(`\uFEFF${text.replaceAll('\n', end)}`, { server: 'gh', path: ['args', 1] });
      expect(place).toMatchObject({ line: 6, column: 22, length: '"@scope/server"'.length });
    }
    expect(locate('\uFEFF{"servers":{"a":{}}}', { server: 'a', path: [] })).toMatchObject({ line: 1, column: 13, offset: 13 });
  });

  it('is none where there is no such server, section or JSON', () => {
    expect(locate(text, { server: 'other', path: [] })).toBeUndefined();
    expect(locate(text, { server: 'gh', path: [], section: ['mcpServers'] })).toBeUndefined();
    expect(locate('nonsense', { server: 'gh', path: [] })).toBeUndefined();
    expect(locate('{"mcp":{"servers":{"a":{"url":"x"}}}}', { server: 'a', path: ['url'], section: ['mcp', 'servers'] })).toMatchObject({ column: 31 });
  });

  it('can be had for everything that the scanner finds in a file', () => {
    const scanner = createScanner();
    const findings = parseServersFile(text, '/w/f.json').servers.flatMap((server) => scanner.config(server));
    expect(findings.map(({ rule }) => rule).toSorted()).toEqual(['config.secret', 'config.secret', 'config.secret', 'config.unpinned']);
    for (const { place } of findings) if (place.in === 'config') expect(locate(text, place)?.line).toBeGreaterThanOrEqual(place.line);
  });
});

describe('moving a secret to an input', () => {
  it.each([
    ['gh', ['env', 'GITHUB_TOKEN'], key, (file: File) => file.servers['gh']?.env['GITHUB_TOKEN'], '${input:tok}'],
    ['web', ['headers', 'Authorization'], 'q8Xz0pLm4RtY7uVw', (file: File) => file.servers['web']?.headers['Authorization'], 'Bearer ${input:tok}'],
    ['web', ['url'], 'q8Xz0pLm4RtY7uVw', (file: File) => file.servers['web']?.url, 'https://x.example/mcp?api_key=${input:tok}'],
  ] as const)('of %s at %j leaves everything else as it is', (server, where, secret, valueOf, expected) => {
    const move = moveSecretToInput(text, { server, path: where, suggestedId: 'tok' });
    expect(move).toMatchObject({ inputId: 'tok', secret });
    const after = applied(text, move?.edits ?? []);
    expect(valueOf(read(after))).toBe(expected);
    expect(read(after).inputs).toEqual([{ id: 'tok', type: 'promptString', description: `Secret of server ${server}`, password: true }]);
    expect(after).toContain('// Servers of the team');
    expect(after).toContain('// not pinned');
    expect({ ...read(after), inputs: undefined, servers: undefined }).toEqual({ ...read(text), inputs: undefined, servers: undefined });
    expect(parseServersFile(after, '/w/f.json').problems).toEqual([]);
  });

  it('adds to inputs that there are, under an id that is free', () => {
    const before = '{"servers":{"a":{"command":"x","args":["--token=abcdefgh12"]}},"inputs":[{"id":"tok","type":"promptString"},]}';
    const move = moveSecretToInput(before, { server: 'a', path: ['args', 0], suggestedId: 'tok' });
    const after = read(applied(before, move?.edits ?? []));
    expect(after.inputs.map(({ id }) => id)).toEqual(['tok', 'tok-2']);
    expect(after.servers['a']?.args).toEqual(['--token=${input:tok-2}']);
  });

  it('does nothing where there is nothing to move', () => {
    expect(moveSecretToInput(text, { server: 'gh', path: ['env', 'NONE'], suggestedId: 'x' })).toBeUndefined();
    expect(moveSecretToInput(text, { server: 'gh', path: ['args'], suggestedId: 'x' })).toBeUndefined();
    expect(moveSecretToInput('{"servers":{"a":{"url":"https://x.example"}}}', { server: 'a', path: ['url'], suggestedId: 'x' })).toBeUndefined();
    expect(moveSecretToInput('{"servers":{"a":{"env":{"T":"${input:t}"}}}}', { server: 'a', path: ['env', 'T'], suggestedId: 'x' })).toBeUndefined();
  });

  it('keeps the value once the input is put in, whatever it is and however the file is written', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.constantFrom('\n', '\r\n'), fc.constantFrom('  ', '\t', '    '), fc.boolean(), (value, end, indent, mark) => {
        fc.pre(!value.includes('${input:'));
        const json = JSON.stringify({ servers: { s: { command: 'x', args: [], env: { A_SECRET: value, OTHER: 'é' } } } }, undefined, indent).replaceAll('\n', end);
        const before = `${mark ? '\uFEFF' : ''}${json}`;
        const move = moveSecretToInput(before, { server: 's', path: ['env', 'A_SECRET'], suggestedId: 'id' });
        const after = applied(before, move?.edits ?? []);
        const file = read(after);
        expect(file.servers['s']?.env['A_SECRET']?.replace('${input:id}', () => move?.secret ?? '')).toBe(value);
        expect(file.servers['s']?.env['OTHER']).toBe('é');
        expect(file.inputs).toHaveLength(1);
        expect(after.startsWith('\uFEFF')).toBe(mark);
        if (end === '\r\n') expect(after.replaceAll('\r\n', '')).not.toContain('\n');
      }),
    );
  });
});

describe('pinning a version', () => {
  it.each([
    ['npx', ['-y', '@a/b'], 1, 'npm', '@a/b', '1.2.3', '@a/b@1.2.3'],
    ['npx', ['-y', 'b@latest'], 1, 'npm', 'b', '1.2.3', 'b@1.2.3'],
    ['npx', ['--package=b@^1'], 0, 'npm', 'b', '1.2.3', '--package=b@1.2.3'],
    ['uvx', ['b'], 0, 'python', 'b', '1.2', 'b@1.2'],
    ['uvx', ['--from', 'b[cli]>=1', 'x'], 1, 'python', 'b', '1.2', 'b[cli]==1.2'],
    ['pipx', ['run', 'b'], 1, 'python', 'b', '1.2', 'b==1.2'],
    ['docker', ['run', 'mcp/x:latest'], 1, 'container', 'mcp/x', '1.2', 'mcp/x:1.2'],
    ['docker', ['run', 'mcp/x'], 1, 'container', 'mcp/x', `sha256:${'ab'.repeat(32)}`, `mcp/x@sha256:${'ab'.repeat(32)}`],
  ] as const)('%s %j', (command, args, index, runner, name, version, expected) => {
    const before = JSON.stringify({ servers: { s: { command, args } } }, undefined, 2);
    const edit = pinVersion(before, { server: 's', path: ['args', index], runner, package: name, version });
    const after = applied(before, edit ? [edit] : []);
    expect(read(after).servers['s']?.args[index]).toBe(expected);
    const [server] = parseServersFile(after, '/w/f.json').servers;
    expect(server && createScanner().config(server).map(({ rule }) => rule)).toEqual([]);
  });

  it('refuses a version that is none', () => {
    for (const version of ['', 'a b', '1"', '../x', '-1']) {
      expect(pinVersion(text, { server: 'gh', path: ['args', 1], runner: 'npm', package: '@scope/server', version })).toBeUndefined();
    }
  });
});

describe('the version that is already here', () => {
  it('is that of the workspace, else the one that npx used last', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'installed-'));
    try {
      const put = (where: string, version: string, atS: number): void => {
        const dir = path.join(folder, where, 'node_modules/@a/b');
        mkdirSync(dir, { recursive: true });
        writeFileSync(path.join(dir, 'package.json'), JSON.stringify({ version }));
        utimesSync(path.join(dir, 'package.json'), atS, atS);
      };
      put('npm/_npx/one', '1.0.0', 1000);
      put('npm/_npx/two', '2.0.0', 2000);
      put('npm/_npx/three', '1.5.0', 1500);
      const options = { folders: [path.join(folder, 'work')], npmCache: path.join(folder, 'npm') };
      expect(await installedVersion('@a/b', options)).toBe('2.0.0');
      put('work', '0.9.0', 500);
      expect(await installedVersion('@a/b', options)).toBe('0.9.0');
      expect(await installedVersion('other', options)).toBeUndefined();
      expect(await installedVersion('../../x', options)).toBeUndefined();
      expect(await installedVersion('@a/b', { folders: [], npmCache: path.join(folder, 'none') })).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('secrets in messages', () => {
  it('are found in what passed and in what was recorded, without being shown', () => {
    const message = JSON.stringify({ params: { arguments: { note: `use ${key}`, password: 'hunter22', old: '[redacted:jwt]', token: '[redacted:value]' } } });
    const findings = secretsInMessage(message, createRedactor());
    expect(findings.map(({ message: said }) => said)).toEqual(['github-token', 'value', 'jwt', 'value'].map((kind) => `A secret (${kind}) passes in this message.`));
    expect(JSON.stringify(findings)).not.toMatch(/ghp_|hunter22/);
    const [first] = findings;
    expect(first?.place.in === 'message' && Buffer.from(message).toString('utf8', first.place.start, first.place.end)).toBe(key);
  });

  it('are told up to a limit', () => {
    expect(secretsInMessage(JSON.stringify(Array.from({ length: 100 }, () => ({ token: 'abcdefg' }))), createRedactor())).toHaveLength(20);
    expect(secretsInMessage('{"a":1}', createRedactor())).toEqual([]);
  });
});
