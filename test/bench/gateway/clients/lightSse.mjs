// Legacy HTTP+SSE for the light client: answers come on one stream, each POST is only acknowledged.
import { Agent, get, request as send } from 'node:http';
import { dataOf, typeOf } from './sse.mjs';
import { waitingRoom } from './waiting.mjs';
import { INITIALIZED } from './wire.mjs';

export async function lightSse({ url, headers = {} }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const room = waitingRoom();
  const { stream, path } = await openStream(url, headers, (data) => room.answer(data));
  stream.on('close', () => room.close(new Error('the stream ended')));
  const { hostname, port } = new URL(url);

  const post = (body) =>
    new Promise((resolve, reject) => {
      const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers };
      const request = send({ agent, hostname, port, path, method: 'POST', headers: all }, (response) => {
        response.resume();
        if (response.statusCode < 300) resolve();
        else reject(new Error(`HTTP ${response.statusCode}`));
      });
      request.on('error', reject);
      request.end(body);
    });

  return {
    async ask(id, body) {
      const answer = room.wait(id);
      answer.catch(() => undefined);
      await post(body);
      return answer;
    },
    initialized: () => post(INITIALIZED),
    async close() {
      stream.destroy();
      agent.destroy();
    },
  };
}

/** Opens the stream and waits for its `endpoint` event. */
function openStream(url, headers, onMessage) {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, headers: { accept: 'text/event-stream', ...headers } }, (stream) => {
      if (stream.statusCode !== 200) return reject(new Error(`HTTP ${stream.statusCode}`));
      stream.setEncoding('utf8');
      let parts = [];
      stream.on('data', (chunk) => {
        parts.push(chunk);
        // Only text with the end of an event is worth joining: a large event comes in many chunks.
        if (!chunk.includes('\n\n') && !chunk.startsWith('\n')) return;
        const events = parts.join('').split('\n\n');
        parts = [events.pop()];
        for (const event of events) {
          if (typeOf(event) === 'endpoint') resolve({ stream, path: dataOf(event) });
          else onMessage(dataOf(event));
        }
      });
    });
    request.on('error', reject);
  });
}
