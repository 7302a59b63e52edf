// VS Code's proxy settings hold for the servers MCP Shark connects to: one that can only be reached through `http.proxy` is.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { operations } from '../driver/operations';
import { test } from '../harness';
import { readHarness, waitForTools, withConfiguration } from '../product';

/** A name that no resolver knows; only the proxy below does. */
const hiddenHost = 'mcp-server.invalid';

test('a server that only the proxy of "http.proxy" can reach is reached through it', async () => {
  const file = join(readHarness().workspace, '.vscode', 'mcp-shark.json');
  const { servers } = JSON.parse(await readFile(file, 'utf8')) as { servers: { remote: { url: string } } };
  const target = new URL(servers.remote.url);
  const asked: string[] = [];
  const proxy = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://nobody.invalid');
    asked.push(`${request.method ?? ''} ${url.host}`);
    const forward = http.request(
      { host: target.hostname, port: target.port, path: url.pathname, method: request.method, headers: { ...request.headers, host: target.host } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    forward.on('error', () => response.destroy());
    request.pipe(forward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  await operations.updateUserSetting('http.proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  try {
    const hidden = { type: 'http', url: `http://${hiddenHost}/mcp` };
    const add = (text: string): string => {
      const configuration = JSON.parse(text) as { servers: Record<string, object> };
      return JSON.stringify({ ...configuration, servers: { ...configuration.servers, hidden } }, null, 2);
    };
    await withConfiguration(add, async () => {
      const [name] = await waitForTools(['hidden__echo']);
      assert.ok(name);
      assert.match((await operations.invokeTool(name, { message: 'by proxy' })).text, /Echo: by proxy/);
    });
    assert.ok(asked.includes(`POST ${hiddenHost}`), `the proxy was asked for: ${asked.join(', ')}`);
  } finally {
    await operations.updateUserSetting('http.proxy', undefined);
    proxy.closeAllConnections();
    proxy.close();
  }
});
