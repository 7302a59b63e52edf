// The light client: node:http with kept-alive connections and nothing between. The clock of a call stops with the last
// byte of the answer; reading it comes after. Also speaks to stdio servers, and the legacy HTTP+SSE that mcp-hub offers.
import { lightHttp } from './lightHttp.mjs';
import { lightSse } from './lightSse.mjs';
import { lightStdio } from './lightStdio.mjs';

const PROTOCOL = '2025-11-25';
const OPEN = { http: lightHttp, sse: lightSse, stdio: lightStdio };

/** Opens a session: connected, initialized. See clients/session.mjs for what it can do. */
export async function openLight(endpoint) {
  const wire = await OPEN[endpoint.kind](endpoint);
  let lastId = 0;
  const ask = async (method, params) => {
    const id = ++lastId;
    const started = performance.now();
    const { bytes, read } = await wire.ask(id, JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const elapsedMs = performance.now() - started;
    const message = JSON.parse(read(bytes));
    if (message.id !== id) throw new Error(`the answer to ${id} came with id ${message.id}`);
    if (message.error) throw new Error(`${message.error.code} ${message.error.message}`);
    return { result: message.result, elapsedMs };
  };
  const { result } = await ask('initialize', {
    protocolVersion: PROTOCOL,
    capabilities: {},
    clientInfo: { name: 'bench-light', version: '1.0.0' },
  });
  await wire.initialized(result.protocolVersion);
  return {
    tools: async () => (await ask('tools/list')).result.tools.map(({ name }) => name),
    async call(name, text) {
      const { result: answer, elapsedMs } = await ask('tools/call', { name, arguments: { text } });
      return { text: answer.content[0].text, elapsedMs };
    },
    close: () => wire.close(),
  };
}
