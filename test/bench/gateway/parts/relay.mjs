// Floor A: the least an HTTP proxy can do. Bytes are piped both ways over kept-alive connections; nothing is read.
// Usage: relay.mjs UPSTREAM_URL
import { Agent, request as send } from 'node:http';
import { sendStatus, serve } from './http.mjs';

const { hostname, port, pathname } = new URL(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

serve((request, response) => {
  const { host: _, connection: __, ...headers } = request.headers;
  const upstream = send({ agent, hostname, port, path: pathname, method: request.method, headers }, (answer) => {
    const { connection: ___, 'keep-alive': ____, ...answered } = answer.headers;
    response.writeHead(answer.statusCode, answered);
    answer.pipe(response);
  });
  upstream.on('error', () => (response.headersSent ? response.destroy() : sendStatus(response, 502)));
  response.on('close', () => response.writableFinished || upstream.destroy());
  request.pipe(upstream);
});
