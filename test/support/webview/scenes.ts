/** Owns the states the Traffic view is looked at in, by name; `?scene=` of the development page. */
import { samples } from './sampleCalls';
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
  notes: {
    total: 1_204,
    running: 3,
    endMs: END,
    notes: {
      'w1/1204': { isPinned: true },
      'w1/1202': { color: 'red' },
      'w1/1200': { color: 'orange', isPinned: true },
      'w1/1199': { color: 'yellow', comment: 'Twice the usual time.\nAsk the owner of the server.' },
      'w1/1197': { color: 'green' },
      'w1/1196': { color: 'blue', comment: 'Repeats the call above.' },
      'w1/1194': { color: 'purple' },
      'w1/1192': { comment: 'Denied, as it should be.' },
    },
  },
  bySession: { total: 1_204, running: 3, endMs: END, settings: { layout: 'session' } },
  byServer: { total: 1_204, running: 3, endMs: END, settings: { layout: 'server' } },
  byPrompt: { total: 720, running: 3, endMs: END, settings: { layout: 'prompt' } },
  timeline: { total: 60, running: 3, endMs: END, settings: { layout: 'timeline' } },
  timelineBusy: { total: 4_000, running: 3, endMs: END, settings: { layout: 'timeline' } },
  timelineMany: { total: 19_000, running: 3, endMs: END, settings: { layout: 'timeline' } },
  sorted: { total: 1_204, running: 3, endMs: END, settings: { sort: { by: 'duration', isDescending: true } } },
  thisWindow: { total: 1_204, running: 3, endMs: END, settings: { scope: 'window' } },
  thisWindowEmpty: { total: 1_204, windowTotal: 0, endMs: END, settings: { scope: 'window' } },
  notRecording: { total: 1_204, running: 3, endMs: END, status: { recording: { kind: 'paused', sinceMs: END - 134_000, frames: 382 } }, pauseAt: 1_199 },
  notRecordingIdle: { total: 0, status: { recording: { kind: 'paused', sinceMs: END - 134_000, frames: 0 } } },
  gap: { total: 1_204, running: 1, endMs: END, gapAt: 1_198, pauseAt: 1_190 },
  damaged: { total: 1_204, running: 1, endMs: END, damagedAt: 1_200 },
  opening: { total: 10, isGone: true, answersReady: true, status: { store: { kind: 'opening' } } },
  searching: { total: 1_204, running: 3, endMs: END, isSearching: true },
  samples: { total: Object.keys(samples).length, endMs: END, samples: Object.values(samples) },
  findings: {
    total: 40,
    endMs: END,
    flagged: [
      { server: 'github', method: 'tools/call', name: 'create_issue', severity: 'high', messages: ['The description holds text that people do not see and models read.'], calls: 'server:github tool:create_issue' },
      { server: 'filesystem', method: 'tools/call', name: 'read_text_file', severity: 'medium', messages: ['The description gives orders to the model: "do not tell the user".'], calls: 'server:filesystem tool:read_text_file' },
      { server: 'everything', method: 'prompts/get', name: 'complex_prompt', severity: 'low', messages: ['The definition is padded with blanks.'], calls: 'server:everything prompt:complex_prompt' },
    ],
    findings: [
      { rule: 'definition.hiddenText', tier: 'structural', severity: 'high', message: 'The description holds text that people do not see and models read.', excerpt: 'Adds two numbers\\u{e0041}\\u{e0020}', place: { in: 'definition', server: 'github', kind: 'tool', name: 'x', pointer: '/description' } },
      { rule: 'definition.orderPhrase', tier: 'phrase', severity: 'medium', message: 'The description gives orders to the model: "do not tell the user".', place: { in: 'definition', server: 'github', kind: 'tool', name: 'x', pointer: '/description' } },
      { rule: 'message.secret', tier: 'structural', severity: 'low', message: 'A secret (value) passes in this message.', excerpt: '[redacted:value]', place: { in: 'message', start: 0, end: 1 }, calls: '"[redacted:value]"' },
    ],
  },
  definition: { total: 40, endMs: END, definition: { hash: '0f3a91c27be4d508'.repeat(4), firstSeenMs: END - 60 * 86_400_000, place: 'listed', approvedMs: END - 60 * 86_400_000 } },
  definitionEarlier: { total: 40, endMs: END, definition: { hash: '77c01e5ad2849b36'.repeat(4), firstSeenMs: END - 90 * 86_400_000, place: 'earlier' } },
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
