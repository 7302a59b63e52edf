/** Other real servers side by side: server-filesystem (asks for roots) and server-memory. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, it } from 'vitest';
import { ROOT, startGateway, stdioServer } from '../../support/gateway/gatewayFixture';
import { eventually } from '../../support/gateway/waiting';

const server = (name: string): string => `${ROOT}node_modules/@modelcontextprotocol/server-${name}/dist/index.js`;

it('server-filesystem and server-memory work side by side', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'mcp-shark-')));
  await writeFile(join(folder, 'note.txt'), 'a note');
  const fixture = await startGateway([
    stdioServer('files', server('filesystem'), [folder]),
    stdioServer('memory', server('memory'), [], { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') }),
  ]);
  try {
    const client = new Client({ name: 'c', version: '1' }, { capabilities: { roots: {} } });
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: `file://${folder}` }] }));
    await fixture.connect('/mcp', client);
    await eventually('roots', () => fixture.recorder.frames.some((frame) => frame.leg === 'upstream' && frame.direction === 'toServer' && frame.text.includes('"roots":[')));
    const read = await client.callTool({ name: 'files__read_text_file', arguments: { path: join(folder, 'note.txt') } });
    expect(JSON.stringify(read)).toContain('a note');
    const entities = [{ name: 'shark', entityType: 'fish', observations: ['swims'] }];
    await client.callTool({ name: 'memory__create_entities', arguments: { entities } });
    expect(JSON.stringify(await client.callTool({ name: 'memory__read_graph', arguments: {} }))).toContain('swims');
  } finally {
    await fixture.close();
    await rm(folder, { recursive: true });
  }
});
