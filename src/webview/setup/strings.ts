/**
 * Owns every word of the Setup view about servers and what is done with them, so that it can be localised in one place;
 * routeStrings.ts has those about changing files. Sentence case; says what happened, where, and what to do next.
 */
import type { CheckOutcome, DoctorFix } from '../../extension/contract/doctor';
import type { Finding } from '../../extension/contract/findings';
import type { DefinitionKind, DefinitionRow, FieldChange } from '../../extension/contract/governance';
import type { ServerHealth } from '../../extension/contract/health';
import type { SetupServer } from '../../extension/contract/setup';
import type { ServerState } from '../../extension/contract/status';
import { errorText } from '../components/errorText';
import { formatAgo, formatCount, formatDuration, plural } from '../components/format';
import type { SectionId } from './model/sections';

const kindWords: Readonly<Record<DefinitionKind, string>> = {
  tool: 'tool',
  prompt: 'prompt',
  resource: 'resource',
  template: 'template',
  instructions: 'instructions',
  serverInfo: 'server info',
};

export const strings = {
  title: 'MCP servers',
  search: 'Search servers (/)',
  clearSearch: 'Clear the search (Esc)',
  toc: 'Sections',
  sections: {
    waiting: 'Waiting for you',
    approved: 'Approved',
    found: 'Found on this machine',
    off: 'Off',
    clients: 'Other clients',
    changes: 'Changes and backups',
  } satisfies Record<SectionId, string>,
  noMatchTitle: 'Nothing matches',
  noMatchText: (search: string): string => `No server, file or tool has “${search}” in it.`,
  loading: 'Loading…',
  retry: 'Try again',
  dismiss: 'Dismiss',
  cancel: 'Cancel',
  more: 'More actions',
  showMore: (count: number, left: number): string => `Show ${formatCount(count)} more of ${formatCount(left)}`,
  failed: (error: unknown): string => `That did not work: ${errorText(error)}`,
  fileLine: (label: string, line: number): string => `${label}:${line}`,
  open: (place: string): string => `Open ${place}`,
  transport: { stdio: 'stdio', http: 'HTTP', sse: 'SSE' },
  ago: (atMs: number, nowMs: number): string => formatAgo(nowMs - atMs),
  checkAll: 'Check all connections',
  exportAs: { markdown: 'Export the inventory as Markdown', csv: 'Export the inventory as CSV', json: 'Export the inventory as JSON' },
  openPolicy: 'Open the policy settings',
  inventory: 'Inventory',

  stage: {
    goneTitle: 'MCP Shark does not answer',
    untrustedTitle: 'This workspace is in Restricted Mode',
    untrustedText:
      'MCP servers are programs that run with your rights. As long as you have not said that you trust the authors of this workspace, MCP Shark starts none of its servers, looks for none, and changes no file.',
    manageTrust: 'Manage Workspace Trust',
  },

  notice: {
    routingOff: 'Routing is off: the servers below do not run through MCP Shark.',
    turnRoutingOn: 'Turn routing on',
    gatewayFailed: (message: string): string => `The gateway did not start: ${message}`,
    openPort: 'Open the port setting',
    gatewayStarting: 'The gateway is starting…',
    problems: (count: number): string => `${plural(count, 'problem')} in the configuration. What is wrong is left out; the rest goes on.`,
    notes: (count: number): string => `${plural(count, 'note')} on the configuration`,
  },

  state: ({ state, gate }: Pick<SetupServer, 'state' | 'gate'>): string => {
    switch (state.kind) {
      case 'idle':
        return 'Idle';
      case 'starting':
        return 'Starting';
      case 'running':
        return 'Running';
      case 'failed':
        return 'Failed';
      case 'waitingForApproval':
        return 'Waiting';
      case 'disabled':
        // Nothing forbids it: the user has stopped it.
        return gate.kind === 'open' ? 'Stopped' : 'Off';
      case 'refused':
        return 'Refused';
    }
  },
  stateLong: (state: ServerState): string => ('message' in state ? state.message : state.kind === 'idle' ? 'Starts with the first client that uses it' : state.kind === 'starting' ? 'Starting' : `Running, ${plural(state.connections, 'connection')}`),

  server: {
    tools: (count: number): string => plural(count, 'tool'),
    findings: (count: number): string => plural(count, 'finding'),
    changes: (count: number): string => plural(count, 'change'),
    restart: 'Restart',
    start: 'Start',
    stop: 'Stop',
    output: 'Show output',
    playground: 'Try in Playground',
    check: 'Check connection',
    checking: 'Checking…',
    turnOn: 'Turn on…',
    turnOff: 'Turn off…',
    openSetting: 'Open setting',
    approve: 'Approve',
    none: 'No server goes through MCP Shark yet. Find the ones your clients use, below.',
    noneApproved: 'No server is approved yet.',
    facts: {
      runs: { stdio: 'Runs', http: 'Address', sse: 'Address' },
      configuration: 'Configuration',
      purpose: 'Purpose',
      owner: 'Owner',
      permissions: 'Expected permissions',
      note: 'Note',
      approved: 'Approved',
      hide: 'Hidden tools',
      deny: 'Denied tools',
    },
    approved: (atMs: number, nowMs: number, by: string | undefined): string => `${formatAgo(nowMs - atMs)}${by ? ` by ${by}` : ''}`,
    about: 'About',
    edit: 'Edit…',
    lastWords: 'Last lines of its output',
  },

  edit: {
    title: (name: string): string => `Edit what ${name} is for`,
    purpose: 'What it is for',
    owner: 'Who answers for it',
    permissions: 'What it is expected to be able to do, one a line',
    note: 'Note',
    hide: 'Tools left out of lists, a name or glob a line',
    deny: 'Tools refused when called, a name or glob a line',
    submit: 'Write into the file…',
    hint: (file: string): string => `Opens ${file} with the change in it. It counts once you save it there.`,
  },

  definitions: {
    title: 'Definitions',
    none: 'Nothing is known yet. What the server defines is kept from its first list on.',
    filter: 'Filter definitions',
    noMatch: 'No definition matches.',
    columns: { state: 'State', kind: 'Kind', name: 'Name', changed: 'Changed' },
    kind: (kind: DefinitionKind): string => kindWords[kind],
    name: ({ kind, name }: Pick<DefinitionRow, 'kind' | 'name'>): string => (name === '' ? kindWords[kind] : name),
    state: { approved: 'Approved', new: 'New', changed: 'Changed', gone: 'Gone' } satisfies Record<DefinitionRow['state'], string>,
    isBlocked: 'Blocked',
    blocked: (rule: string): string => `Blocked by ${rule}`,
    show: 'Show',
    showChange: 'Show change',
    approve: 'Approve',
    approveAll: (count: number): string => `Approve all ${formatCount(count)}`,
    calls: 'Calls under it',
    versions: 'Versions',
    versionsOf: (name: string): string => `Versions of ${name}`,
    firstSeen: (atMs: number, nowMs: number): string => `first seen ${formatAgo(nowMs - atMs)}`,
    open: 'Open',
    compare: 'Compare',
    compareLabel: 'Compare with the one before',
    showCalls: 'Show calls',
    noMoreVersions: (count: number): string => `Only the last ${formatCount(count)} are listed.`,
    choose: 'Choose a definition to see its dates, its change and its calls.',
    dates: (row: DefinitionRow, nowMs: number): string =>
      [
        `first seen ${formatAgo(nowMs - row.firstSeenMs)}`,
        ...(row.changedMs === row.firstSeenMs ? [] : [`changed ${formatAgo(nowMs - row.changedMs)}`]),
        `last listed ${formatAgo(nowMs - row.lastSeenMs)}`,
        ...(row.approvedMs === undefined ? [] : [`approved ${formatAgo(nowMs - row.approvedMs)}`]),
      ].join(', '),
    summary: (rows: readonly DefinitionRow[]): string => {
      const count = (state: DefinitionRow['state']): number => rows.filter((row) => row.state === state).length;
      return [
        plural(rows.length - count('gone'), 'definition'),
        ...(['changed', 'new', 'gone'] as const).flatMap((state) => (count(state) === 0 ? [] : [`${formatCount(count(state))} ${state}`])),
      ].join(', ');
    },
  },

  waiting: {
    new: 'It has not been approved before.',
    changed: (approvedMs: number, nowMs: number): string => `It has changed since you approved it ${formatAgo(nowMs - approvedMs)}.`,
    program: 'This program would be started with your rights:',
    address: 'Messages of your AI client would be sent to:',
    changes: 'What changed',
    everything: 'All that decides what runs',
    fields: { field: 'Field', before: 'Before', after: 'Now' },
    secretChanged: 'a secret, not shown',
    absent: 'not there',
    change: ({ before, after }: FieldChange): string => (before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'),
    approve: 'Approve',
    approveLabel: (name: string): string => `Approve ${name}`,
    refuse: 'Do not start',
    refuseLabel: (name: string): string => `Do not start ${name}`,
    definitions: (server: SetupServer): string => `${plural(server.unapproved, 'definition')} of it ${server.unapproved === 1 ? 'is' : 'are'} new or changed since approval.`,
    review: 'Look at all of them',
  },

  findings: {
    title: 'Findings',
    severity: { high: 'High', medium: 'Medium', low: 'Low' } satisfies Record<Finding['severity'], string>,
    tier: { structural: 'told from its form', phrase: 'told from its words' } satisfies Record<Finding['tier'], string>,
    more: (count: number): string => `${formatCount(count)} more: the Problems panel has them`,
  },

  health: {
    title: 'Health',
    state: 'State',
    up: 'Up for',
    restarts: 'Restarts',
    error: 'Last error',
    latency: 'Answers',
    latencyText: ({ p50Us, p95Us, samples }: NonNullable<ServerHealth['latency']>): string =>
      `half within ${formatDuration(p50Us)}, 95 % within ${formatDuration(p95Us)} (last ${formatCount(samples)})`,
    server: 'Server',
    protocol: 'Protocol',
    capabilities: 'Capabilities',
    extensions: 'Extensions in use',
    none: 'none',
    unknown: 'It has not been connected since routing was turned on.',
  },

  doctor: {
    title: 'Connection check',
    general: 'In general',
    close: 'Close the report',
    outcome: { ok: 'OK', warning: 'Look', failed: 'Failed', skipped: 'Skipped' } satisfies Record<CheckOutcome, string>,
    summary: (failed: number, warnings: number): string =>
      failed + warnings === 0 ? 'Nothing wrong was found.' : [...(failed > 0 ? [`${plural(failed, 'check')} failed`] : []), ...(warnings > 0 ? [`${formatCount(warnings)} to look at`] : [])].join(', '),
    fix: {
      openConfig: 'Open configuration',
      approve: 'Review…',
      restart: 'Restart',
      showOutput: 'Show output',
      turnRoutingOn: 'Turn routing on',
      manageTrust: 'Manage trust',
      openSetting: 'Open setting',
    } satisfies Record<DoctorFix['kind'], string>,
  },
} as const;
