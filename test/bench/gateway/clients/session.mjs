// Owns one open session of either client with one subject: it knows the tool's name there, and no answer passes that is
// not exactly what was sent. `{ tool, call(text) → elapsedMs, close() }`
import { openLight } from './light.mjs';
import { openSdk } from './sdk.mjs';

export const CLIENTS = { sdk: openSdk, light: openLight };
const USABLE_TIMEOUT_MS = 10_000;

export async function openSession(client, endpoint) {
  const session = await CLIENTS[client](endpoint);
  try {
    const tool = await findTool(session);
    return {
      async call(text) {
        const answer = await session.call(tool, text);
        if (answer.text !== text) throw new Error(`wrong echo: sent ${text.length} characters, got ${answer.text?.length}`);
        return answer.elapsedMs;
      },
      close: () => session.close(),
    };
  } catch (error) {
    await session.close().catch(() => undefined);
    throw error;
  }
}

/** A gateway may list a server that starts late after a grace: what counts is when the tool is there. */
async function findTool(session) {
  for (const deadline = Date.now() + USABLE_TIMEOUT_MS; Date.now() < deadline; ) {
    const tool = (await session.tools()).find((name) => name.endsWith('echo'));
    if (tool) return tool;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`no echo tool within ${USABLE_TIMEOUT_MS} ms`);
}
