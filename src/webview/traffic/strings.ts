/**
 * Owns every word the Traffic view shows, so that it can be localised in one place. Sentence case; says what happened,
 * where, and what to do next.
 */
import type { CallOrigin, CallRow } from '../../extension/contract/traffic';
import { isAppError } from '../../extension/util/errors';
import { errorText } from '../components/errorText';
import { formatBytes, formatCount, formatDuration, plural } from '../components/format';
import { statusWords } from '../components/statusWords';
import type { CopyForm, ExportFormat, TimeMode } from '../../extension/contract/trafficApi';
import type { ColumnId } from './model/columns';
import type { DetailTab } from './model/viewState';

const originWords: Readonly<Record<CallOrigin, string>> = {
  client: 'Client',
  server: 'Server',
  gateway: 'MCP Shark itself',
  http: 'Refused HTTP request',
};

const formatNames: Readonly<Record<ExportFormat, string>> = { jsonl: 'JSON Lines', json: 'JSON', csv: 'CSV', txt: 'text' };

export const strings = {
  listLabel: 'Calls, oldest first',
  sortedLabel: (order: string): string => `Calls. ${order}`,
  status: (row: Pick<CallRow, 'status' | 'errorCode'>): string =>
    row.errorCode !== undefined && row.status === 'error' ? `Error ${row.errorCode}` : statusWords[row.status],
  origin: (origin: CallOrigin): string => originWords[origin],
  columns: {
    status: 'Status',
    time: 'Time',
    server: 'Server',
    name: 'Name',
    method: 'Method',
    detail: 'Detail',
    duration: 'Duration',
    upstream: 'Server time',
    bar: 'Duration bar',
    size: 'Size',
    client: 'Client',
    session: 'Session',
    conversation: 'Conversation',
    turn: 'Turn',
    origin: 'Asked by',
  } satisfies Record<ColumnId, string>,
  timeColumn: { local: 'Time', utc: 'Time, UTC', start: 'Since start', previous: 'Since above' } satisfies Record<TimeMode, string>,
  timeModes: {
    local: 'Local time',
    utc: 'UTC',
    start: 'Since the first call shown',
    previous: 'Since the call above',
  } satisfies Record<TimeMode, string>,
  columnMenu: 'Columns',
  timeMenu: 'Times',
  resetColumns: 'Reset columns',
  columnTooltip: (label: string): string => `${label}: click to sort (Enter), drag to reorder (Alt+arrows), drag its edge to resize (Shift+arrows), right-click for more`,
  columnsButton: 'Columns and times',
  sizeTooltip: (row: CallRow): string =>
    `Request ${formatBytes(row.requestBytes)}` +
    (row.responseBytes === undefined ? ', no response yet' : `, response ${formatBytes(row.responseBytes)}`),
  durationTooltip: (row: CallRow): string => {
    if (row.durationUs === undefined) return row.status === 'running' ? 'Still running' : 'No answer to measure to';
    if (row.upstreamUs === undefined) return `${formatDuration(row.durationUs)}, answered by MCP Shark`;
    const gateway = Math.max(0, row.durationUs - row.upstreamUs);
    return `${formatDuration(row.durationUs)}: server ${formatDuration(row.upstreamUs)}, gateway ${formatDuration(gateway)}`;
  },
  newCalls: (count: number): string => `${formatCount(count)} new`,
  rowMenu: 'Actions for this call',
  groupMenu: 'Actions for this group',
  newCallsTooltip: 'Go to the newest call (End)',

  filter: {
    label: 'Filter calls',
    hint: 'Filter (/), such as server:github status:error dur:>500ms',
    clear: 'Clear the filter (Esc)',
    completions: 'What could stand here',
    chips: 'Terms of the filter',
    removeChip: (term: string): string => `Remove ${term}`,
    saved: 'Saved filters',
    noneSaved: 'No filter is saved in this workspace',
    saveAs: 'Save this filter…',
    forget: (name: string): string => `Remove "${name}"`,
    name: 'Save as',
    save: 'Save',
    replace: 'Replace',
    cancel: 'Cancel',
    nameTaken: 'There is a filter of this name.',
    by: (term: string): string => `Filter by ${term}`,
    exclude: (term: string): string => `Exclude ${term}`,
    byOther: 'Filter by another cell',
    valueOf: (column: string, value: string): string => `${column}: ${value}`,
  },
  actions: {
    openRequest: 'Open request in editor',
    openResponse: 'Open response in editor',
    compare: { request: 'Compare requests', response: 'Compare responses' },
    compareSides: 'Compare what client and server saw',
    compareNeedsTwo: 'Select two calls to compare: x marks the one you are at, Ctrl+click (Cmd+click) adds one.',
    copyValue: 'Copy value',
    copyAnyValue: 'Copy a value',
    copyMenu: 'Copy the call as…',
    copyAs: {
      jsonrpc: 'Copy as JSON-RPC',
      curl: 'Copy as cURL',
      typescript: 'Copy as TypeScript',
      markdown: 'Copy as bug report (Markdown)',
    } satisfies Record<CopyForm, string>,
    exportMenu: 'Export what is shown…',
    export: (count: number, format: ExportFormat): string => `Export ${plural(count, 'call', 'calls')} as ${formatNames[format]}…`,
    exportChosen: (count: number, format: ExportFormat): string => `Export ${formatCount(count)} selected as ${formatNames[format]}…`,
    showChosen: (count: number): string => `Show only the ${formatCount(count)} selected`,
  },
  toolbar: {
    routingOn: 'Routing is on. Turn it off',
    routingOff: 'Routing is off. Turn it on',
  },
  summary: {
    label: 'Summary',
    calls: (count: number): string => plural(count, 'call', 'calls'),
    callsOf: (count: number, total: number): string => `${formatCount(count)} of ${plural(total, 'call', 'calls')}`,
    errors: (count: number): string => plural(count, 'error', 'errors'),
    p95: (us: number): string => `p95 ${formatDuration(us)}`,
    p95Tooltip: '95 of 100 calls took at most this long',
    bytes: (bytes: number): string => formatBytes(bytes),
    running: (count: number): string => `${formatCount(count)} running`,
    selected: (count: number): string => `${formatCount(count)} selected`,
    p50: (us: number): string => `p50 ${formatDuration(us)}`,
  },

  stage: {
    loading: 'Loading calls…',
    noAnswerTitle: (error: unknown): string => (isAppError(error, 'rpc.closed') ? 'MCP Shark does not answer' : 'Calls cannot be read'),
    retry: 'Retry',
    showLog: 'Show log',
    nothingMatchesTitle: 'No call matches this filter',
    searching: 'Searching the recorded messages…',
    opening: 'Opening the audit log…',
    openingText: 'What the last session left is taken in. Calls that pass meanwhile are recorded.',
    nothingMatchesText: (filter: string, outOf: number | undefined): string =>
      outOf === undefined ? filter : outOf === 0 ? 'Nothing is recorded here yet, with or without the filter.' : `${filter} hides ${outOf === 1 ? 'the one call' : `all ${formatCount(outOf)} calls`} recorded.`,
    clearFilter: 'Clear filter',
    untrustedTitle: 'This workspace is not trusted',
    untrustedText:
      'MCP servers are programs, so MCP Shark starts none in Restricted Mode. Trust the workspace with Workspaces: Manage Workspace Trust to route and record calls.',
    nothingConfiguredTitle: 'No servers yet',
    nothingConfiguredText:
      'MCP Shark stands between your AI client and its MCP servers and records every message. Name the servers in .vscode/mcp-shark.json; it has the same form as mcp.json.',
    addServer: 'Add a server…',
    routingOffTitle: 'Routing is off',
    routingOffText: 'MCP Shark offers nothing to AI clients and its servers are stopped. Calls recorded before are kept.',
    turnOn: 'Turn routing on',
    idleTitle: 'Waiting for the first call',
    startingTitle: 'Starting…',
    idleText: 'Run MCP: List Servers and start MCP Shark, or ask for one of its tools in chat. Every message will appear here.',
    serversLabel: 'Servers',
    serverState: {
      idle: 'starts with the first client',
      starting: 'starting',
      running: (connections: number): string => `running, ${plural(connections, 'connection', 'connections')}`,
      failed: 'failed',
      waitingForApproval: 'waits for your approval',
      disabled: 'off',
      refused: 'not allowed',
    },
  },

  notice: {
    label: 'Notices',
    listFailed: (error: unknown): string => `Calls could not be read: ${errorText(error)}`,
    untrusted: 'This workspace is not trusted: no server is started. Trust it with Workspaces: Manage Workspace Trust.',
    storeDegraded: (message: string, missing: number): string =>
      missing > 0 ? `${plural(missing, 'message was', 'messages were')} not recorded: ${message}` : `Recording is at risk: ${message}`,
    storeFailed: (message: string): string => `Nothing is being recorded: ${message} Calls go on.`,
    gatewayFailed: (message: string): string => `The gateway did not start: ${message}`,
    configProblem: (file: string, line: number, message: string): string => `${file}:${line}: ${message}`,
    openLine: (line: number): string => `Open line ${line}`,
    serverFailed: (message: string): string => ` failed: ${message}`,
    routingOff: 'Routing is off: new calls do not pass MCP Shark.',
    showOutput: 'Show output',
    hideOutput: 'Hide output',
    openConfig: 'Open configuration',
    more: (count: number): string => `Show ${formatCount(count)} more`,
    fewer: 'Show fewer',
    actionFailed: (error: unknown): string => `That did not work: ${errorText(error)}`,
    dismiss: 'Dismiss',
  },

  detail: {
    label: 'Call',
    close: 'Close (Esc)',
    tabs: { overview: 'Overview', request: 'Request', response: 'Response', timing: 'Timing', related: 'Related' } satisfies Record<DetailTab, string>,
    tabsLabel: 'Parts of the call',
    relatedTab: (count: number): string => (count === 0 ? 'Related' : `Related (${formatCount(count)})`),
    back: (name: string): string => `Back to ${name}`,
    loading: 'Loading the call…',
    missing: 'This call is no longer recorded.',
    failed: (error: unknown): string => `The call could not be read: ${errorText(error)}`,
    separator: 'Resize the detail',
  },
} as const;
