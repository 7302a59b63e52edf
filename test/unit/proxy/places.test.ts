/** Where servers and commands are, in the words people get to read. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainCommandNotFound } from '../../../src/extension/proxy/transports/commandNotFound';
import { placeOf, sameServer } from '../../../src/extension/proxy/transports/httpRequest';
import { StreamableHttpTransport } from '../../../src/extension/proxy/transports/streamableHttp';
import { scanEnvelope } from '../../../src/extension/mcp/envelope';
import { systemClock } from '../../../src/extension/util/clock';
import { httpServer, startGateway } from '../../support/gateway/gatewayFixture';
import { RawClient } from '../../support/gateway/rawClient';

let dir: string;
const undo: (() => unknown)[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mcp-shark-places-'));
  undo.push(() => rmSync(dir, { recursive: true }));
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe('the place of a server', () => {
  it.each([
    ['https://me:secret@example.com:8443/mcp?key=secret#x', 'https://example.com:8443/mcp'],
    ['unix:///tmp/a%20b.sock#/mcp?key=secret', 'unix:///tmp/a%20b.sock#/mcp'],
    ['unix:///tmp/a.sock', 'unix:///tmp/a.sock'],
    ['pipe:///pipe/my-server#/mcp', 'pipe:///pipe/my-server#/mcp'],
  ])('%s is told without its secrets', (url, place) => {
    expect(placeOf(new URL(url))).toBe(place);
  });

  it.each(['http', 'sse'] as const)('on a socket is told where it cannot be reached (%s)', async (type) => {
    const socket = join(dir, 'none.sock');
    const fixture = await startGateway([httpServer('u', `unix://${socket}#/mcp`, {}, type)]);
    const client = new RawClient(`${fixture.url}/mcp/u`, fixture.headers);
    undo.push(() => fixture.close(), () => client.close());
    expect((await client.open()).body).toContain(`cannot be reached at unix://${socket}#/mcp:`);
  });
});

describe('the address that a server names for its messages', () => {
  it.each([
    ['/messages?s=1', 'http://localhost:1/sse', 'http://localhost:1/messages?s=1'],
    ['http://localhost:2/messages', 'http://localhost:1/sse', undefined],
    ['/messages?s=1', 'unix:///tmp/a.sock#/sse', 'unix:///tmp/a.sock#/messages?s=1'],
    ['messages', 'unix:///tmp/a.sock#/deep/sse', 'unix:///tmp/a.sock#/deep/messages'],
    ['unix:///tmp/other.sock#/messages', 'unix:///tmp/a.sock#/sse', undefined],
    ['//elsewhere/messages', 'unix:///tmp/a.sock#/sse', undefined],
  ])('%s on %s is on the same server, or none', (text, base, address) => {
    expect(sameServer(text, new URL(base))?.href).toBe(address);
  });
});

describe('a command that was not found', () => {
  const home = (...path: string[]): string => join(dir, ...path);

  it.each([
    ['linux', {}, ['.nvm', 'versions', 'node', 'v22.1.0', 'bin']],
    ['linux', { NVM_DIR: 'nvm-of-mine' }, ['nvm-of-mine', 'versions', 'node', 'v22.1.0', 'bin']],
    ['linux', {}, ['.local', 'share', 'fnm', 'node-versions', 'v22.1.0', 'installation', 'bin']],
    ['linux', { FNM_DIR: 'fnm-of-mine' }, ['fnm-of-mine', 'node-versions', 'v22.1.0', 'installation', 'bin']],
    ['linux', { VOLTA_HOME: 'volta-of-mine' }, ['volta-of-mine', 'bin']],
    ['linux', {}, ['.local', 'bin']],
    ['darwin', {}, ['Library', 'Application Support', 'fnm', 'node-versions', 'v22.1.0', 'installation', 'bin']],
    ['win32', { NVM_HOME: 'nvm4w' }, ['nvm4w', 'v22.1.0']],
    ['win32', { APPDATA: 'Roaming' }, ['Roaming', 'nvm', 'v22.1.0']],
    ['win32', { NVM_SYMLINK: 'nodejs' }, ['nodejs']],
    ['win32', { APPDATA: 'Roaming' }, ['Roaming', 'fnm', 'node-versions', 'v22.1.0', 'installation']],
    ['win32', { FNM_DIR: 'fnm-of-mine' }, ['fnm-of-mine', 'node-versions', 'v22.1.0', 'installation']],
    ['win32', { LOCALAPPDATA: 'Local' }, ['Local', 'Volta', 'bin']],
  ] as const)('is found where a version manager has it, on %s with %j', (platform, variables, folder) => {
    const file = home(...folder, platform === 'win32' ? 'tool-of-mine.cmd' : 'tool-of-mine');
    const env = { PATH: '/nowhere', HOME: dir, ...Object.fromEntries(Object.entries(variables).map(([name, path]) => [name, home(path)])) };
    expect(explainCommandNotFound('tool-of-mine', env, dir, platform)).not.toContain('It exists');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    expect(explainCommandNotFound('tool-of-mine', env, dir, platform)).toContain(`It exists at "${file}"`);
  });

  it('is explained with every folder that was tried', () => {
    const text = explainCommandNotFound('tool-of-mine', { PATH: '/a:/b', HOME: '/h', VOLTA_HOME: '/v', NVM_DIR: '/n' }, dir, 'linux');
    for (const folder of ['/a, /b', '/n/versions/node/*/bin', '/h/.nvm/versions/node/*/bin', '/h/.local/share/fnm/node-versions/*/installation/bin', '/v/bin', '/h/.volta/bin', '/h/.local/bin', '/h/.cargo/bin']) {
      expect(text).toContain(folder);
    }
  });
});

it('an answer as an event may be as large as one as JSON', async () => {
  const body = `{"jsonrpc":"2.0","id":1,"result":{"text":"${'x'.repeat(65 * 1024 * 1024)}"}}`;
  const server = http.createServer((request, response) => {
    request.resume();
    if (request.method === 'POST') response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${body}\n\n`);
    else response.writeHead(405).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bytes = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const heard = await new Promise((resolve) => {
    const transport = new StreamableHttpTransport({ name: 's', type: 'http', url, headers: {} }, {
      onMessage: (message) => resolve(message.length),
      onSendFailed: (_id, message) => resolve(message),
      onStderr: () => undefined,
      onSessionLost: () => undefined,
      onClose: () => undefined,
    }, systemClock);
    undo.push(() => server.close(), () => transport.close());
    transport.send(bytes, scanEnvelope(bytes));
  });
  expect(heard).toBe(body.length);
});
