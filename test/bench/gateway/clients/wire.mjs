// Constants that the light client's wires share.
export const INITIALIZED = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
export const ANSWER_TIMEOUT_MS = 60_000;
