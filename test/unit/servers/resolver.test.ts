/** Holds what a configured server turns into when it starts: variables, inputs, environment, folders, and clear failures. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createResolver, type ResolverOptions } from '../../../src/extension/servers/resolver';
import { parseServersFile } from '../../../src/extension/servers/configFile';
import type { ConfiguredServer, ResolvedServer } from '../../../src/extension/servers/types';
import { isAppError } from '../../../src/extension/util/errors';
import { nullLogger } from '../../../src/extension/util/logger';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'shark-resolver-'));
});
afterEach(() => rm(folder, { recursive: true }));

function server(entry: object): ConfiguredServer {
  const file = path.join(folder, '.vscode', 'mcp-shark.json');
  const inputs = ['token', 'other'].map((id) => ({ id, type: 'promptString' }));
  const { servers, problems } = parseServersFile(JSON.stringify({ servers: { demo: entry }, inputs }, undefined, 1), file);
  expect(problems).toEqual([]);
  return servers[0] as ConfiguredServer;
}

function resolve(entry: object, options: Partial<ResolverOptions> = {}): Promise<ResolvedServer> {
  return createResolver({
    folders: [
      { name: 'app', path: folder },
      { name: 'lib', path: '/projects/lib' },
    ],
    inputs: () => [{ id: 'token', type: 'promptString' }],
    input: { get: () => Promise.resolve('s3cret') },
    env: { PATH: '/bin', HOME: '/home/ada' },
    home: '/home/ada',
    platform: 'linux',
    ...options,
  }).resolve(server(entry));
}

async function failure(entry: object, options: Partial<ResolverOptions> = {}) {
  const error: unknown = await resolve(entry, options).catch((reason: unknown) => reason);
  if (!isAppError(error)) throw new Error('expected an AppError', { cause: error });
  return error;
}

describe('what was given for inputs', () => {
  it('goes with the server, so that no sentence about it holds it', async () => {
    const options = { input: { get: ({ id }: { id: string }) => Promise.resolve(`value of ${id}${id === 'other' ? ' is longer' : ''}`) }, inputs: () => ['token', 'other'].map((id) => ({ id, type: 'promptString' as const })) };
    const resolved = await resolve({ command: 'x', args: ['${input:token}', '${input:other}', '${input:token}'] }, options);
    expect(resolved.given).toEqual([
      { value: 'value of other is longer', placeholder: '${input:other}' },
      { value: 'value of token', placeholder: '${input:token}' },
    ]);
    expect((await resolve({ command: 'x', args: ['${userHome}'] })).given).toBeUndefined();
  });
});

describe('placeholders', () => {
  it.each([
    ['${workspaceFolder}/x', () => `${folder}/x`],
    ['${workspaceFolder:lib}', () => '/projects/lib'],
    ['${workspaceFolderBasename}', () => path.basename(folder)],
    ['${userHome}${/}a${pathSeparator}b', () => '/home/ada/a/b'],
    ['${env:PATH}:${env:PATH}', () => '/bin:/bin'],
    ['${env:UNSET}', () => ''],
    ['a ${input:token} b', () => 'a s3cret b'],
    ['$HOME {x} ${} $${env:HOME}', () => '$HOME {x} ${} $/home/ada'],
  ])('%s', async (text, expected) => {
    expect(await resolve({ command: 'x', args: [text] })).toMatchObject({ args: [expected()] });
  });

  it('in a value stay as they are: no value reaches for another', async () => {
    const options: Partial<ResolverOptions> = {
      input: { get: () => Promise.resolve('${env:SECRET} $& $1') },
      env: { SECRET: 'no', A: '${input:token}' },
    };
    expect(await resolve({ command: 'x', args: ['${input:token}', '${env:A}'] }, options)).toMatchObject({
      args: ['${env:SECRET} $& $1', '${input:token}'],
    });
  });

  it('are replaced in every field', async () => {
    const resolved = await resolve({
      command: '${userHome}/bin/x',
      env: { T: '${input:token}', N: 7 },
      cwd: '${workspaceFolder}/sub',
    });
    expect(resolved).toMatchObject({ command: '/home/ada/bin/x', cwd: path.join(folder, 'sub'), env: { T: 's3cret', N: '7' } });
    expect(await resolve({ url: 'http://h/${env:PATH}', headers: { A: 'Bearer ${input:token}' } })).toEqual({
      type: 'http',
      name: 'demo',
      url: 'http://h//bin',
      headers: { A: 'Bearer s3cret' },
      given: [{ value: 's3cret', placeholder: '${input:token}' }],
    });
  });

  it.each([
    ['${nope}', 'stands for nothing'],
    ['${workspaceFolder:nope}', 'stands for nothing'],
    ['${config:x}', 'stands for nothing'],
    ['${env:}', 'stands for nothing'],
    ['${input:other}', '"inputs" defines no "other"'],
  ])('that stand for nothing are named with server, field and place: %s', async (placeholder, why) => {
    const error = await failure({ command: 'x', env: { TOKEN: placeholder } });
    expect(error.code).toBe('config.unresolvedVariable');
    expect(error.details).toMatchObject({ server: 'demo', field: 'env.TOKEN', placeholder, line: 3 });
    expect(error.message).toContain(`servers.demo: "env.TOKEN" uses ${placeholder}, `);
    expect(error.message).toContain(why);
    expect(error.message).toContain('mcp-shark.json:3');
  });

  it('of an input nobody answered fail without starting anything', async () => {
    const error = await failure({ command: 'x', args: ['${input:token}'] }, { input: { get: () => Promise.resolve(undefined) } });
    expect(error.code).toBe('config.unresolvedVariable');
    expect(error.message).toContain('no value was given');
  });

  it('of one input ask once, whatever the number of fields', async () => {
    let asked = 0;
    const input = { get: () => Promise.resolve(`v${++asked}`) };
    expect(await resolve({ command: 'x', args: ['${input:token}', '${input:token}${input:token}'] }, { input })).toMatchObject({
      args: ['v1', 'v1v1'],
    });
    expect(asked).toBe(1);
  });

  it('of an unset variable are said in the log', async () => {
    const warnings: string[] = [];
    const logger = { ...nullLogger, warn: (message: string) => void warnings.push(message) };
    await resolve({ command: 'x', args: ['${env:GONE}'] }, { logger });
    expect(warnings).toEqual(['servers.demo: "args[0]" uses ${env:GONE}, which is not set: it is left empty, as VS Code does.']);
  });
});

describe('the environment', () => {
  it('is that of the host without what only concerns VS Code and Node', async () => {
    const env = {
      PATH: '/bin',
      HTTPS_PROXY: 'http://p',
      ELECTRON_RUN_AS_NODE: '1',
      VSCODE_IPC_HOOK: 'x',
      NODE_OPTIONS: '--require x',
      NODE_CHANNEL_FD: '3',
      NONE: undefined,
    };
    expect(await resolve({ command: 'x' }, { env })).toMatchObject({ env: { PATH: '/bin', HTTPS_PROXY: 'http://p' } });
    expect(Object.keys((await resolve({ command: 'x' }, { env }) as { env: object }).env)).toEqual(['PATH', 'HTTPS_PROXY']);
  });

  it('takes envFile, then env; null takes away', async () => {
    await writeFile(path.join(folder, '.env'), '\uFEFF# comment\nA=file\nexport B="two words"\nPATH=/file\nC=${env:HOME}\n');
    const resolved = await resolve({
      command: 'x',
      envFile: '${workspaceFolder}/.env',
      env: { A: 'own', PATH: null, NODE_OPTIONS: '--own' },
    });
    expect(resolved).toMatchObject({ env: { A: 'own', B: 'two words', C: '${env:HOME}', NODE_OPTIONS: '--own' } });
    expect((resolved as { env: object }).env).not.toHaveProperty('PATH');
  });

  it('says which envFile is missing', async () => {
    const error = await failure({ command: 'x', envFile: 'none.env' });
    expect(error.code).toBe('config.invalid');
    expect(error.message).toContain(`the "envFile" ${path.join(folder, 'none.env')} does not exist`);
  });

  it('knows no case on Windows', async () => {
    const options: Partial<ResolverOptions> = { platform: 'win32', env: { Path: 'C:\\bin', X: '1' } };
    expect(await resolve({ command: 'x', args: ['${env:PATH}${/}'], env: { PATH: 'D:\\', x: null } }, options)).toMatchObject({
      args: ['C:\\bin\\'],
      env: { PATH: 'D:\\' },
    });
  });
});

describe('folders', () => {
  it.each([
    [undefined, () => folder],
    ['.', () => folder],
    ['sub/dir', () => path.join(folder, 'sub/dir')],
    ['/abs', () => '/abs'],
    ['~/x', () => '/home/ada/x'],
  ])('cwd %s', async (cwd, expected) => {
    expect(await resolve({ command: 'x', ...(cwd === undefined ? {} : { cwd }) })).toMatchObject({ cwd: expected() });
  });

  it('are those of the folder the file stands in, in a workspace of several', async () => {
    const folders = [
      { name: 'lib', path: '/projects/lib' },
      { name: 'outer', path: path.dirname(folder) },
      { name: 'app', path: folder },
    ];
    expect(await resolve({ command: 'x', args: ['${workspaceFolder}'] }, { folders })).toMatchObject({ args: [folder], cwd: folder });
  });

  it('fall back to the folder above .vscode without a workspace', async () => {
    expect(await resolve({ command: '~/x', args: ['~', '~a', 'a~'] }, { folders: [] })).toMatchObject({
      cwd: folder,
      command: '/home/ada/x',
      args: ['/home/ada', '~a', 'a~'],
    });
  });
});

describe('what comes of a secret', () => {
  it.each([
    [{ url: '${input:token}' }, 'not a url s3cret', '"url" is no http'],
    [{ url: 'http://x', headers: { A: '${input:token}' } }, 's3cret\n', '"headers.A" holds a character'],
    [{ command: 'x', args: ['${input:token}'] }, 's3cret\0', '"args[0]" holds a null character'],
  ])('is never in a message: %j', async (entry, value, message) => {
    const error = await failure(entry, { input: { get: () => Promise.resolve(value) } });
    expect(error.message).toContain(message);
    expect(JSON.stringify([error.message, error.details, String(error.cause)])).not.toContain('s3cret');
  });
});
