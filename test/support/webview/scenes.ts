/** Owns the states the Traffic view is looked at in, by name; `?scene=` of the development page. */
import { healthy, type Scene } from './stubHost';

/** Now, so that what still runs has been running for a believable time. */
const END = Date.now() - 400;

export const scenes: Readonly<Record<string, Scene>> = {
  busy: { total: 1_204, running: 3, endMs: END },
  saved: {
    total: 1_204,
    running: 3,
    endMs: END,
    settings: {
      savedFilters: [
        { name: 'Failures without pings', filter: 'status:error -method:ping' },
        { name: 'Slow GitHub calls', filter: 'server:github dur:>500ms' },
      ],
    },
  },
  columns: {
    total: 1_204,
    running: 3,
    endMs: END,
    settings: {
      timeMode: 'start',
      columns: [
        { id: 'status', isShown: true },
        { id: 'time', isShown: true },
        { id: 'name', isShown: true },
        { id: 'server', isShown: true, width: 110 },
        { id: 'client', isShown: true },
        { id: 'detail', isShown: true },
        { id: 'upstream', isShown: true },
        { id: 'duration', isShown: true },
        { id: 'bar', isShown: true },
        { id: 'method', isShown: false },
      ],
    },
  },
  firstCall: { total: 1, endMs: END },
  hostile: { total: 400, running: 2, hostile: true, endMs: END },
  large: { total: 200_000, running: 3, endMs: END },
  million: { total: 1_000_000, running: 3, endMs: END },
  idle: { total: 0 },
  nothingConfigured: { total: 0, status: { servers: [], gateway: { kind: 'on', url: 'http://127.0.0.1:41113/mcp' } } },
  routingOff: { total: 0, status: { routing: false, gateway: { kind: 'off' } } },
  routingOffWithCalls: { total: 1_204, endMs: END, status: { routing: false, gateway: { kind: 'off' } } },
  untrusted: { total: 0, status: { trusted: false, gateway: { kind: 'off' } } },
  gone: { total: 10, isGone: true },
  storeFails: { total: 10, pageError: 'The audit log at /home/ada/.vscode/globalStorage/mcpshark.mcp-shark cannot be read (EACCES).' },
  troubled: {
    total: 1_204,
    running: 1,
    endMs: END,
    status: {
      store: { kind: 'degraded', message: 'the disk is full (ENOSPC).', missingFrames: 1_382 },
      configProblems: [{ file: '/home/ada/project/.vscode/mcp-shark.json', line: 14, column: 7, message: 'Expected a comma after this server. The last good configuration keeps running.' }],
      servers: [
        ...healthy.servers,
        {
          name: 'slack',
          transport: 'stdio',
          state: {
            kind: 'failed',
            message: 'npx was not found on PATH. Looked in nvm, fnm, volta.',
            stderr: ['/bin/sh: 1: npx: not found', 'npm error code ENOENT', 'npm error syscall spawn npx'],
            atMs: END,
          },
        },
        { name: 'jira', transport: 'http', state: { kind: 'failed', message: 'Server "jira" answered 401 at https://jira.example.com/mcp.', stderr: [], atMs: END } },
        { name: 'sentry', transport: 'http', state: { kind: 'failed', message: 'https://mcp.sentry.dev did not answer (ECONNREFUSED).', stderr: [], atMs: END } },
      ],
    },
  },
};
