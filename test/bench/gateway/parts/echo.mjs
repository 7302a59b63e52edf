// Owns what all echo servers of the benchmark say: one tool, `echo`, that gives back its `text`.
export const TOOL = {
  name: 'echo',
  description: 'Gives back its text.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
};

export const INFO = { name: 'bench-echo', version: '1.0.0' };

/** The answer to one JSON-RPC message, or `undefined` for a notification or an answer. */
export function answer(message) {
  if (message.id === undefined || message.method === undefined) return undefined;
  const { id, method, params } = message;
  switch (method) {
    case 'initialize':
      return {
        jsonrpc: '2.0',
        id,
        result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: INFO },
      };
    case 'ping':
      return { jsonrpc: '2.0', id, result: {} };
    case 'tools/list':
      return { jsonrpc: '2.0', id, result: { tools: [TOOL] } };
    case 'tools/call':
      return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: params.arguments.text }] } };
    default:
      return { jsonrpc: '2.0', id, error: { code: -32601, message: `Method not found: ${method}` } };
  }
}
