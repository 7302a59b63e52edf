/** The largest message that is taken from a client is what the user has set. */
import { afterEach, describe, expect, it } from 'vitest';
import manifest from '../../../package.json';
import { DEFAULT_MAX_BODY_BYTES, MAX_BODY_MB, maxBodyBytesOf, MIN_BODY_MB } from '../../../src/extension/proxy/bodyLimit';
import { openApplication, type PlainApplication } from '../../support/gateway/applicationFixture';
import { cleanFolders } from '../../support/store/storeHarness';

const MB = 1024 * 1024;

let opened: PlainApplication | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
  cleanFolders();
});

/** Posts a message of so many bytes, in a session that does not exist; gives the HTTP status. */
async function post({ application }: PlainApplication, bytes: number): Promise<number> {
  const { url, token } = application.offer!;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'mcp-session-id': 'none' },
    body: `{"jsonrpc":"2.0","id":1,"method":"ping"${' '.repeat(bytes - 40)}}`,
  });
  await response.text();
  return response.status;
}

describe('a message that is larger than the setting allows', () => {
  it('is refused, from when routing is next turned on', async () => {
    let megabytes: unknown = 2;
    opened = await openApplication({ idle: { command: 'never-started' } }, { maxBodyBytes: () => maxBodyBytesOf(megabytes) });
    const { application } = opened;
    await application.setRouting(true);
    expect(await post(opened, 2 * MB)).toBe(404);
    expect(await post(opened, 2 * MB + 1)).toBe(413);
    megabytes = 3;
    expect(await post(opened, 3 * MB)).toBe(413);
    await application.setRouting(false);
    await application.setRouting(true);
    expect(await post(opened, 3 * MB)).toBe(404);
    expect(await post(opened, 3 * MB + 1)).toBe(413);
  });
});

it.each([
  [64, DEFAULT_MAX_BODY_BYTES],
  [1.5, 1.5 * MB],
  [0, MB],
  [-5, MB],
  [Infinity, 512 * MB],
  [Number.NaN, DEFAULT_MAX_BODY_BYTES],
  ['8', DEFAULT_MAX_BODY_BYTES],
  [undefined, DEFAULT_MAX_BODY_BYTES],
])('a limit of %j megabytes is %d bytes', (megabytes, bytes) => {
  expect(maxBodyBytesOf(megabytes)).toBe(bytes);
});

it('what may be set is what the settings say', () => {
  const setting = manifest.contributes.configuration.properties['mcpShark.endpoint.maxBodyMb'];
  expect(setting).toMatchObject({ default: DEFAULT_MAX_BODY_BYTES / MB, minimum: MIN_BODY_MB, maximum: MAX_BODY_MB });
});
