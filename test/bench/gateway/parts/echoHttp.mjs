// The cheap echo server over Streamable HTTP: JSON answers, a session id, no stream of its own.
import { randomUUID } from 'node:crypto';
import { answer } from './echo.mjs';
import { readBody, sendJson, sendStatus, serve } from './http.mjs';

serve((request, response) => {
  if (request.method !== 'POST') return sendStatus(response, request.method === 'DELETE' ? 200 : 405);
  readBody(request, (body) => {
    const message = JSON.parse(body.toString());
    const reply = answer(message);
    if (!reply) return sendStatus(response, 202);
    const session = message.method === 'initialize' ? { 'mcp-session-id': randomUUID() } : undefined;
    return sendJson(response, JSON.stringify(reply), session);
  });
});
