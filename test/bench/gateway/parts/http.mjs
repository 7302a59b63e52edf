// Owns the few lines of node:http that the servers of the benchmark share.
import { createServer } from 'node:http';

/** Collects a body; one chunk is not copied. */
export function readBody(stream, done) {
  const chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  stream.on('end', () => done(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
}

export function sendJson(response, body, headers) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

export function sendStatus(response, status) {
  response.writeHead(status, { 'content-length': 0 });
  response.end();
}

/** Listens on a free port of 127.0.0.1 and prints the endpoint as one JSON line. */
export function serve(onRequest) {
  const server = createServer({ requestTimeout: 0 }, onRequest);
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/mcp` })}\n`);
  });
}
