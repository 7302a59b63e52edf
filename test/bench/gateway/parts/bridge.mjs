// Floor B: the least an HTTP-to-stdio bridge can do. One server for all sessions, ids replaced so that they can not
// collide, JSON answers, nothing recorded, nothing checked.
// Usage: bridge.mjs COMMAND ARG...
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readBody, sendJson, sendStatus, serve } from './http.mjs';
import { readLines } from './lines.mjs';

const server = spawn(process.argv[2], process.argv.slice(3), { stdio: ['pipe', 'pipe', 'inherit'] });
server.on('exit', () => process.exit(1));
const waiting = new Map();
let lastId = 0;

readLines(server.stdout, (line) => {
  const message = JSON.parse(line.toString());
  const call = waiting.get(message.id);
  if (!call) return;
  waiting.delete(message.id);
  message.id = call.id;
  sendJson(call.response, JSON.stringify(message), call.headers);
});

serve((request, response) => {
  if (request.method !== 'POST') return sendStatus(response, request.method === 'DELETE' ? 200 : 405);
  readBody(request, (body) => {
    const message = JSON.parse(body.toString());
    if (message.id === undefined) sendStatus(response, 202);
    else {
      const headers = message.method === 'initialize' ? { 'mcp-session-id': randomUUID() } : undefined;
      waiting.set(++lastId, { id: message.id, response, headers });
      message.id = lastId;
    }
    server.stdin.write(`${JSON.stringify(message)}\n`);
  });
});
