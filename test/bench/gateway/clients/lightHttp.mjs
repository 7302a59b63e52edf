// Streamable HTTP for the light client: a POST a message, JSON or SSE answers, a DELETE at the end.
import { Agent, request as send } from 'node:http';
import { readBody } from '../parts/http.mjs';
import { lastEvent } from './sse.mjs';
import { ANSWER_TIMEOUT_MS, INITIALIZED } from './wire.mjs';

const asJson = (bytes) => bytes.toString();
const asEvents = (bytes) => lastEvent(bytes.toString());

export function lightHttp({ url, headers = {} }) {
  const { hostname, port, pathname } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const common = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };

  const exchange = (method, body) =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const options = { agent, hostname, port, path: pathname, method, headers: { ...common, ...length } };
      const request = send({ ...options, timeout: ANSWER_TIMEOUT_MS }, (response) => {
        response.on('error', reject);
        response.on('aborted', () => reject(new Error('the answer broke off')));
        readBody(response, (bytes) => resolve({ status: response.statusCode, headers: response.headers, bytes }));
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)));
      request.on('error', reject);
      request.end(body);
    });

  return {
    async ask(_id, body) {
      const answer = await exchange('POST', body);
      if (answer.status !== 200) throw new Error(`HTTP ${answer.status} ${answer.bytes.subarray(0, 200)}`);
      const session = answer.headers['mcp-session-id'];
      if (session) common['mcp-session-id'] = session;
      const events = answer.headers['content-type']?.startsWith('text/event-stream');
      return { bytes: answer.bytes, read: events ? asEvents : asJson };
    },
    async initialized(version) {
      common['mcp-protocol-version'] = version;
      const { status } = await exchange('POST', INITIALIZED);
      if (status !== 202 && status !== 200) throw new Error(`HTTP ${status} to notifications/initialized`);
    },
    async close() {
      await exchange('DELETE').catch(() => undefined);
      agent.destroy();
    },
  };
}
