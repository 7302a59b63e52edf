/** What stands in a message on `/mcp` comes out as it went in, whatever it is: only the name of the tool is mapped. */
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { scriptedServer } from '../../support/gateway/gatewayFixture';
import type { RawClient } from '../../support/gateway/rawClient';
import { rawGateways } from '../../support/gateway/rawGateways';

const gateways = rawGateways();
const members = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 4 });
/** Numbers and escapes that no parser gives back as they came. */
const ODD = '[12345678901234567890.10,"\\u00e9\\/",1e400]';
let client: RawClient;
let id = 0;

beforeEach(async () => {
  const servers = ['other', 's'].map((name) => scriptedServer(name, { tools: ['raw', 'answer', 'emit', 'notifications'] }));
  ({ client } = await gateways.open(servers, { grace: { afterFirstMs: 5000, totalMs: 10_000 } }));
  await client.post('{"jsonrpc":"2.0","id":"names","method":"tools/list"}');
});

it('requests', async () => {
  await fc.assert(
    fc.asyncProperty(members, members, members, fc.constantFrom(0, 0, 5000, 20_000, 70_000), async (before, args, after, padding) => {
      const rest = { ...before, jsonrpc: '2.0', id: ++id, method: 'tools/call' };
      const request = (name: string): string => {
        const params = JSON.stringify({ ...after, arguments: { ...args, padding: 'é\n'.repeat(padding / 2) }, name }).slice(0, -1);
        return `${JSON.stringify(rest).slice(0, -1)}, "params" : ${params}, "odd key":${ODD}}}`;
      };
      const { result } = JSON.parse((await client.post(request('s__raw'))).messages[0]!) as { result: { line: string } };
      expect(result.line).toBe(request('raw'));
    }),
    { numRuns: 100 },
  );
});

it('answers', async () => {
  await fc.assert(
    fc.asyncProperty(members, fc.constantFrom('result', 'error'), async (value, member) => {
      const inner = JSON.stringify(value);
      const text = `{"x":${ODD}, "id" : $ID,"${member}":${inner} , "jsonrpc":"2.0"}`;
      const answer = await client.call(++id, 's__answer', { text });
      expect(answer.messages[0]).toBe(text.replaceAll('$ID', String(id)));
    }),
    { numRuns: 100 },
  );
});

it('notifications, both ways', async () => {
  const lines: string[] = [];
  await fc.assert(
    fc.asyncProperty(members, members, async (before, params) => {
      const line = `${JSON.stringify({ ...before, jsonrpc: '2.0', method: 'notifications/vendor' }).slice(0, -1)},"odd":${ODD}, "params":${JSON.stringify(params)}}`;
      // With an id it would be a request.
      fc.pre(!Object.hasOwn(before, 'id') && !Object.hasOwn(params, '_meta'));
      lines.push(line);
      await client.post(line);
      expect((await client.call(++id, 's__emit', { lines: [line] })).messages[0]).toBe(line);
    }),
    { numRuns: 50 },
  );
  const { result } = JSON.parse((await client.call(++id, 'other__notifications')).messages[0]!) as { result: { received: string[] } };
  expect(result.received.slice(1)).toEqual(lines);
});
