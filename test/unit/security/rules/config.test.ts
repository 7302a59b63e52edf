// Rules over entries of a configuration: what they find, where, and what they leave alone.
import { describe, expect, it } from 'vitest';
import { sudo, tempCommand } from '../../../../src/extension/security/rules/commandPlace';
import { configSecret } from '../../../../src/extension/security/rules/configSecret';
import { container } from '../../../../src/extension/security/rules/container';
import { injection, tls } from '../../../../src/extension/security/rules/dangerousEnvironment';
import { plainHttp } from '../../../../src/extension/security/rules/plainHttp';
import { download, shellCommand } from '../../../../src/extension/security/rules/shellCommand';
import { typosquat } from '../../../../src/extension/security/rules/typosquat';
import { unpinned } from '../../../../src/extension/security/rules/unpinned';
import type { ConfigRule } from '../../../../src/extension/security/findings';
import type { ServerConfig } from '../../../../src/extension/servers/types';
import { configHits, http, stdio } from './ruleFixture';

const digest = `sha256:${'ab'.repeat(32)}`;
const key = `ghp_${'aB3dE9xYz0Qw'.repeat(3)}`;

const found: readonly (readonly [string, ConfigRule, ServerConfig, readonly (string | number)[]])[] = [
  ['npx without a version', unpinned, stdio('npx', ['-y', 'some-mcp']), ['args', 1]],
  ['npx @latest', unpinned, stdio('npx', ['some-mcp@latest']), ['args', 0]],
  ['npx with a range', unpinned, stdio('npx', ['some-mcp@^1.2.0']), ['args', 0]],
  ['npx --package=', unpinned, stdio('npx', ['--package=some-mcp', 'run']), ['args', 0]],
  ['npx behind cmd /c', unpinned, stdio('cmd', ['/c', 'npx', '-y', '@a/b']), ['args', 3]],
  ['a path to npx.cmd', unpinned, stdio('C:\\node\\npx.cmd', ['-y', '@a/b']), ['args', 1]],
  ['npm exec', unpinned, stdio('npm', ['exec', '--', '@a/b']), ['args', 2]],
  ['uvx without a version', unpinned, stdio('uvx', ['--python', '3.12', 'mcp-x']), ['args', 2]],
  ['uv tool run', unpinned, stdio('uv', ['tool', 'run', 'mcp-x']), ['args', 2]],
  ['uvx from a branch', unpinned, stdio('uvx', ['--from', 'git+https://github.com/a/b@main', 'b']), ['args', 1]],
  ['docker without a tag', unpinned, stdio('docker', ['run', '-i', '--rm', '-e', 'A=b', 'mcp/x']), ['args', 5]],
  ['docker with a port in the registry', unpinned, stdio('docker', ['run', 'host:5000/mcp/x']), ['args', 1]],
  ['plain HTTP', plainHttp, http('http://mcp.example.com/mcp'), ['url']],
  ['plain HTTP behind a bridge', plainHttp, stdio('npx', ['-y', 'mcp-remote@0.1.1', 'http://mcp.example.com/mcp']), ['args', 2]],
  ['plain HTTP in a flag', plainHttp, stdio('x', ['--url=http://mcp.example.com/mcp']), ['args', 0]],
  ['a random key under a name of its own', configSecret, stdio('x', [], { ACME_KEY: '9f86d081884c7d659a2feaa0c55ad015' }), ['env', 'ACME_KEY']],
  ['a key in the environment', configSecret, stdio('x', [], { ANYTHING: key }), ['env', 'ANYTHING']],
  ['a password in the environment', configSecret, stdio('x', [], { DB_PASSWORD: 'Tr0ub4dor' }), ['env', 'DB_PASSWORD']],
  ['a token behind a flag', configSecret, stdio('x', ['--token', 'q8Xz0pLm4RtY']), ['args', 1]],
  ['a token after an equals sign', configSecret, stdio('x', ['--api-key=q8Xz0pLm4RtY']), ['args', 0]],
  ['a header', configSecret, http('https://x.example', { 'X-API-Key': 'q8Xz0pLm4RtY' }), ['headers', 'X-API-Key']],
  ['a parameter of an address', configSecret, http('https://x.example/?api_key=q8Xz0pLm4RtY'), ['url']],
  ['--privileged', container, stdio('docker', ['run', '--privileged', 'mcp/x:1']), ['args', 1]],
  ['the engine\'s socket', container, stdio('podman', ['run', '-v', '/run/podman/podman.sock:/x', 'mcp/x:1']), ['args', 2]],
  ['the root folder', container, stdio('docker', ['run', '-v', '/:/host', 'mcp/x:1']), ['args', 2]],
  ['a Windows drive', container, stdio('docker', ['run', '-v', 'C:\\:/host', 'mcp/x:1']), ['args', 2]],
  ['the home folder', container, stdio('docker', ['run', '--volume=/home/ann:/h', 'mcp/x:1']), ['args', 1]],
  ['the host\'s network', container, stdio('docker', ['run', '--net=host', 'mcp/x:1']), ['args', 1]],
  ['a download that is run', download, stdio('sh', ['-c', 'curl https://x.example/i | sudo bash']), ['args', 1]],
  ['the same in PowerShell', download, stdio('pwsh', ['-c', 'irm https://x.example/i | iex']), ['args', 1]],
  ['a command for a shell', shellCommand, stdio('bash', ['-lc', 'cd /srv && ./x']), ['args', 1]],
  ['a command for cmd', shellCommand, stdio('cmd', ['/c', 'cd x && node y']), ['args', 1]],
  ['sudo', sudo, stdio('sudo', ['-E', 'x']), ['command']],
  ['sudo in a shell command', sudo, stdio('sh', ['-c', 'sudo x']), ['args', 1]],
  ['a program in /tmp', tempCommand, stdio('/tmp/x/server'), ['command']],
  ['a script in Downloads', tempCommand, stdio('python3', ['-u', '/home/a/Downloads/s.py']), ['args', 1]],
  ['a name one letter off', typosquat, stdio('npx', ['@modelcontextprotocol/server-gihub@1.0.0']), ['args', 0]],
  ['a name with a digit for a letter', typosquat, stdio('npx', ['f1recrawl-mcp@1.0.0']), ['args', 0]],
  ['a preloaded library', injection, stdio('x', [], { LD_PRELOAD: 'x.so' }), ['env', 'LD_PRELOAD']],
  ['a preloaded module', injection, stdio('node', ['x'], { NODE_OPTIONS: '--require ./x.js' }), ['env', 'NODE_OPTIONS']],
  ['no check of certificates', tls, stdio('node', ['x'], { NODE_TLS_REJECT_UNAUTHORIZED: '0' }), ['env', 'NODE_TLS_REJECT_UNAUTHORIZED']],
  ['a flag against checking', tls, stdio('x', ['--insecure']), ['args', 0]],
];

const harmless: readonly (readonly [string, ConfigRule, ServerConfig])[] = [
  ['an exact version', unpinned, stdio('npx', ['-y', '@a/b@1.2.3'])],
  ['a pre-release', unpinned, stdio('npx', ['-y', 'b@1.2.3-beta.1'])],
  ['a version from the environment', unpinned, stdio('npx', ['-y', 'b@${env:VERSION}'])],
  ['uvx with a version', unpinned, stdio('uvx', ['mcp-x@1.2.3'])],
  ['uvx --from with a version', unpinned, stdio('uvx', ['--from', 'mcp-x[cli]==1.2.3', 'x'])],
  ['a commit', unpinned, stdio('uvx', ['--from', `git+https://github.com/a/b@${'ab'.repeat(20)}`, 'b'])],
  ['a digest', unpinned, stdio('docker', ['run', '-i', `mcp/x@${digest}`])],
  ['an own program', unpinned, stdio('node', ['server.js'])],
  ['npm run', unpinned, stdio('npm', ['run', 'start'])],
  ['uv run', unpinned, stdio('uv', ['run', 'server.py'])],
  ['a local folder', unpinned, stdio('npx', ['-y', './server'])],
  ['HTTP on this host', plainHttp, http('http://127.0.0.1:3000/mcp')],
  ['HTTP on this host behind a bridge', plainHttp, stdio('npx', ['mcp-remote@0.1.1', 'http://localhost:3000/mcp'])],
  ['HTTP to a host that is asked for', plainHttp, stdio('x', ['http://${input:host}/mcp'])],
  ['talk of HTTP', plainHttp, stdio('x', ['--doc', 'see http://mcp.example.com'])],
  ['a key that is a word', configSecret, stdio('x', [], { SORT_KEY: 'created-at-descending', CACHE_KEY: 'v1' })],
  ['a key that is a path', configSecret, stdio('x', [], { SSH_KEY: '/home/a/.ssh/id_ed25519_for_deploys' })],
  ['HTTPS', plainHttp, http('https://x.example/mcp')],
  ['an input', configSecret, stdio('x', ['--token', '${input:t}'], { API_KEY: '${env:API_KEY}' })],
  ['a path to a key', configSecret, stdio('x', [], { SSH_PRIVATE_KEY: '/home/a/.ssh/id_rsa' })],
  ['an example', configSecret, stdio('x', [], { API_KEY: 'your-api-key-here', TOKEN: '<token>' })],
  ['a limit of tokens', configSecret, stdio('x', ['--max-tokens', '4096'], { MAX_TOKENS: '4096000' })],
  ['a name given by reference', configSecret, stdio('docker', ['run', '-e', 'GITHUB_TOKEN', 'mcp/x:1'])],
  ['the workspace in a container', container, stdio('docker', ['run', '-v', '${workspaceFolder}:/w', 'mcp/x:1'])],
  ['a folder of the home in a container', container, stdio('docker', ['run', '-v', '/home/ann/work:/w', 'mcp/x:1'])],
  ['privileges of no container', container, stdio('x', ['--privileged'])],
  ['a download that is kept', download, stdio('sh', ['-c', 'curl -o x https://x.example'])],
  ['npx behind cmd', shellCommand, stdio('cmd', ['/c', 'npx', 'x@1.0.0'])],
  ['a script for bash', shellCommand, stdio('bash', ['server.sh'])],
  ['a parameter named sudo', sudo, stdio('x', ['--sudo'])],
  ['a program elsewhere', tempCommand, stdio('/opt/tmpl/server')],
  ['a temporary folder as argument', tempCommand, stdio('node', ['server.js', '/tmp/data'])],
  ['a known name', typosquat, stdio('npx', ['@modelcontextprotocol/server-github@1.0.0'])],
  ['a name of its own', typosquat, stdio('npx', ['my-own-server@1.0.0'])],
  ['a memory limit', injection, stdio('node', ['x'], { NODE_OPTIONS: '--max-old-space-size=4096' })],
  ['checking left on', tls, stdio('node', ['x'], { NODE_TLS_REJECT_UNAUTHORIZED: '1' })],
];

describe('rules over configurations', () => {
  it.each(found)('find %s', (_name, rule, config, path) => {
    const hits = configHits(rule, config);
    expect(hits.map((hit) => hit.path)).toEqual([path]);
    expect(JSON.stringify(hits)).not.toMatch(/q8Xz0|Tr0ub|aB3dE9/);
  });

  it.each(harmless)('leave %s alone', (_name, rule, config) => {
    expect(configHits(rule, config)).toEqual([]);
  });

  it('offer fixes where there are any', () => {
    expect(configHits(unpinned, stdio('npx', ['-y', '@a/b']))).toMatchObject([{ fix: { kind: 'pinVersion', runner: 'npm', package: '@a/b' } }]);
    expect(configHits(configSecret, stdio('x', [], { GITHUB_TOKEN: key }))).toMatchObject([{ fix: { kind: 'moveSecret', suggestedId: 'github-token' } }]);
  });
});
