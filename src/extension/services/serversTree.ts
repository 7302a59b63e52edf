/**
 * Owns what the Servers tree shows, as plain nodes: a server, what it defines, what was found about it, how it is doing.
 * Texts of servers and files stay text; the editor draws them as they are.
 */
import type { DefinitionKind, DefinitionRow, GovernedServer } from '../contract/governance';
import type { ServerHealth } from '../contract/health';
import type { ServerState, ServerStatus } from '../contract/status';
import { callsUsing } from './flaggedCalls';

/** Names of codicons. */
export type NodeIcon =
  | 'pass'
  | 'circle-outline'
  | 'loading~spin'
  | 'error'
  | 'shield'
  | 'circle-slash'
  | 'warning'
  | 'tools'
  | 'comment'
  | 'file'
  | 'symbol-file'
  | 'book'
  | 'info'
  | 'pulse'
  | 'add'
  | 'diff-modified'
  | 'trash'
  | 'symbol-method';

export type NodeTone = 'good' | 'bad' | 'attention' | 'quiet';

export interface TreeNode {
  /** Unique in the tree and the same as long as what it stands for is there. */
  readonly id: string;
  readonly label: string;
  readonly description?: string | undefined;
  readonly icon: NodeIcon;
  readonly tone?: NodeTone | undefined;
  /** Plain text. */
  readonly tooltip?: string | undefined;
  /** What `when` clauses of menus see: words with dots. */
  readonly context: string;
  readonly children?: readonly TreeNode[];
  readonly isOpen?: boolean;
  /** What a click does. */
  readonly target?: NodeTarget;
}

export type NodeTarget =
  | { readonly kind: 'server'; readonly server: string }
  /** What a server defines of one kind, as far as it is shown below. */
  | { readonly kind: 'group'; readonly server: string }
  | { readonly kind: 'approval'; readonly server: string }
  | { readonly kind: 'definition'; readonly server: string; readonly definition: DefinitionRow }
  | { readonly kind: 'line'; readonly file: string; readonly line: number; readonly column: number };

/** A finding of the local checks, as far as the tree shows it. */
export interface ShownFinding {
  readonly message: string;
  readonly isSevere: boolean;
  readonly definition?: { readonly kind: DefinitionKind; readonly name: string };
  readonly place?: { readonly file: string; readonly line: number; readonly column: number };
}

export interface TreeInput {
  readonly statuses: readonly ServerStatus[];
  readonly governed: readonly GovernedServer[];
  readonly health: (server: string) => ServerHealth;
  readonly definitions: (server: string) => readonly DefinitionRow[];
  readonly findings: (server: string) => readonly ShownFinding[];
  /** Unix epoch, milliseconds. */
  readonly nowMs: number;
}

const GROUPS: readonly { readonly kind: DefinitionKind; readonly label: string; readonly icon: NodeIcon }[] = [
  { kind: 'tool', label: 'Tools', icon: 'tools' },
  { kind: 'prompt', label: 'Prompts', icon: 'comment' },
  { kind: 'resource', label: 'Resources', icon: 'file' },
  { kind: 'template', label: 'Resource templates', icon: 'symbol-file' },
];
const SINGLES: Readonly<Partial<Record<DefinitionKind, { readonly label: string; readonly icon: NodeIcon }>>> = {
  instructions: { label: 'Instructions', icon: 'book' },
  serverInfo: { label: 'Server info', icon: 'info' },
};
/** More than this is found better by the Playground's search. */
const MAX_CHILDREN = 500;

export function serverNodes(input: TreeInput): readonly TreeNode[] {
  return input.statuses.map((status) => serverNode(status, input));
}

function serverNode(status: ServerStatus, input: TreeInput): TreeNode {
  const { name, state } = status;
  const governed = input.governed.find((server) => server.name === name);
  const definitions = input.definitions(name);
  const findings = input.findings(name);
  // Switched off by nobody's configuration: the user has stopped it.
  const isStopped = state.kind === 'disabled' && governed?.gate.kind === 'open';
  const look = isStopped ? { ...lookOf(state), words: 'stopped' } : lookOf(state);
  const tools = definitions.filter(({ kind, state: is }) => kind === 'tool' && is !== 'gone').length;
  const changes = governed?.unapproved ?? 0;
  return {
    id: idOf(name),
    label: name,
    description: [
      look.words,
      ...(tools > 0 ? [counted(tools, 'tool')] : []),
      ...(changes > 0 ? [counted(changes, 'change')] : []),
      ...(findings.length > 0 ? [counted(findings.length, 'finding')] : []),
    ].join(' · '),
    icon: look.icon,
    tone: look.tone ?? (changes > 0 || findings.some(({ isSevere }) => isSevere) ? 'attention' : undefined),
    tooltip: [`${name}: ${look.long}`, governed?.commandLine, aboutOf(governed)].filter(Boolean).join('\n'),
    context: `server.${isStopped ? 'stopped' : state.kind}${changes > 0 ? '.changes' : ''}${status.transport === 'stdio' ? '.stdio' : '.http'}`,
    isOpen: false,
    target: { kind: 'server', server: name },
    children: [
      ...(state.kind === 'waitingForApproval' ? [approvalNode(name, state.message)] : []),
      ...(state.kind === 'failed' ? [failureNode(name, state)] : []),
      ...findingNodes(name, findings, definitions),
      ...definitionNodes(name, definitions),
      healthNode(input.health(name), input.nowMs),
    ],
  };
}

interface Look {
  readonly icon: NodeIcon;
  readonly words: string;
  readonly long: string;
  readonly tone?: NodeTone;
}

function lookOf(state: ServerState): Look {
  switch (state.kind) {
    case 'idle':
      return { icon: 'circle-outline', words: 'idle', long: 'starts with the first client' };
    case 'starting':
      return { icon: 'loading~spin', words: 'starting', long: 'starting' };
    case 'running':
      return { icon: 'pass', words: 'running', long: `running, ${counted(state.connections, 'connection')}`, tone: 'good' };
    case 'failed':
      return { icon: 'error', words: 'failed', long: state.message, tone: 'bad' };
    case 'waitingForApproval':
      return { icon: 'shield', words: 'waiting for approval', long: state.message, tone: 'attention' };
    case 'disabled':
      return { icon: 'circle-slash', words: 'off', long: state.message, tone: 'quiet' };
    case 'refused':
      return { icon: 'circle-slash', words: 'refused', long: state.message, tone: 'quiet' };
  }
}

function aboutOf(server: GovernedServer | undefined): string {
  const { purpose, owner, permissions, note } = server?.about ?? {};
  return [
    ...(purpose ? [`Purpose: ${purpose}`] : []),
    ...(owner ? [`Owner: ${owner}`] : []),
    ...(permissions?.length ? [`Expected: ${permissions.join(', ')}`] : []),
    ...(note ? [`Note: ${note}`] : []),
  ].join('\n');
}

const approvalNode = (server: string, message: string): TreeNode => ({
  id: idOf(server, 'approval'),
  label: 'Review and approve',
  description: message,
  tooltip: message,
  icon: 'shield',
  tone: 'attention',
  context: 'approval',
  target: { kind: 'approval', server },
});

function failureNode(server: string, state: ServerState & { readonly kind: 'failed' }): TreeNode {
  return {
    id: idOf(server, 'failure'),
    label: state.message.length > 200 ? `${state.message.slice(0, 200)}…` : state.message,
    tooltip: [state.message, ...state.stderr].join('\n'),
    icon: 'error',
    tone: 'bad',
    context: 'failure',
    target: { kind: 'server', server },
  };
}

function findingNodes(server: string, findings: readonly ShownFinding[], definitions: readonly DefinitionRow[]): TreeNode[] {
  if (findings.length === 0) return [];
  return [
    {
      id: idOf(server, 'findings'),
      label: 'Findings',
      description: `${findings.length}`,
      icon: 'warning',
      tone: 'attention',
      context: 'findings',
      isOpen: false,
      children: findings.slice(0, MAX_CHILDREN).map((finding, index) => {
        const definition = finding.definition && definitions.find(({ kind, name }) => kind === finding.definition?.kind && name === finding.definition.name);
        const target: NodeTarget | undefined = finding.place
          ? { kind: 'line', ...finding.place }
          : definition && { kind: 'definition', server, definition };
        return {
          id: idOf(server, 'findings', String(index)),
          label: finding.definition?.name || finding.message,
          description: finding.definition?.name ? finding.message : undefined,
          tooltip: finding.message,
          icon: finding.isSevere ? ('error' as const) : ('warning' as const),
          tone: finding.isSevere ? ('bad' as const) : ('attention' as const),
          context: definition && callsUsing({ server, ...definition }) !== undefined ? 'finding.calls' : 'finding',
          ...(target ? { target } : {}),
        };
      }),
    },
  ];
}

function definitionNodes(server: string, definitions: readonly DefinitionRow[]): TreeNode[] {
  const groups = GROUPS.flatMap(({ kind, label, icon }): TreeNode[] => {
    const rows = definitions.filter((row) => row.kind === kind).toSorted(byAttention);
    if (rows.length === 0) return [];
    const open = rows.filter(({ state }) => state === 'new' || state === 'changed').length;
    const left = rows.length - MAX_CHILDREN;
    return [
      {
        id: idOf(server, kind),
        label,
        description: `${rows.filter(({ state }) => state !== 'gone').length}${open > 0 ? ` · ${counted(open, 'change')}` : ''}`,
        icon,
        tone: open > 0 ? 'attention' : undefined,
        context: open > 0 ? 'definitions.changes' : 'definitions',
        isOpen: false,
        target: { kind: 'group', server },
        children: [
          ...rows.slice(0, MAX_CHILDREN).map((row) => definitionNode(server, row, row.name)),
          ...(left > 0
            ? [{ id: idOf(server, 'more', kind), label: `and ${left} more`, icon: 'info' as const, tone: 'quiet' as const, context: 'more' }]
            : []),
        ],
      },
    ];
  });
  const singles = definitions.flatMap((row) => {
    const single = SINGLES[row.kind];
    return single ? [{ ...definitionNode(server, row, single.label), ...(isOpen(row) ? {} : { icon: single.icon }) }] : [];
  });
  return [...groups, ...singles];
}

const isOpen = ({ state }: DefinitionRow): boolean => state === 'new' || state === 'changed';
const ORDER: Readonly<Record<DefinitionRow['state'], number>> = { changed: 0, new: 1, approved: 2, gone: 3 };
const byAttention = (a: DefinitionRow, b: DefinitionRow): number => ORDER[a.state] - ORDER[b.state];

function definitionNode(server: string, row: DefinitionRow, label: string): TreeNode {
  const { state, blocked } = row;
  const look = {
    approved: { icon: 'symbol-method', tone: undefined, words: undefined },
    new: { icon: 'add', tone: 'attention', words: 'new' },
    changed: { icon: 'diff-modified', tone: 'attention', words: 'changed' },
    gone: { icon: 'trash', tone: 'quiet', words: 'gone' },
  }[state] as { icon: NodeIcon; tone: NodeTone | undefined; words: string | undefined };
  return {
    id: idOf(server, row.kind, row.name),
    label,
    description: [look.words, blocked === undefined ? undefined : 'blocked'].filter(Boolean).join(', ') || undefined,
    icon: blocked === undefined ? look.icon : 'circle-slash',
    tone: blocked === undefined ? look.tone : 'bad',
    tooltip: [
      label,
      ...(blocked === undefined ? [] : [blocked]),
      `First seen ${day(row.firstSeenMs)}${row.changedMs > row.firstSeenMs ? `, changed ${day(row.changedMs)}` : ''}`,
      row.approvedMs === undefined ? 'Not approved' : `Approved ${day(row.approvedMs)}`,
      `sha256 ${row.hash.slice(0, 16)}`,
    ].join('\n'),
    context: `definition.${row.kind}.${state}${row.previous === undefined ? '' : '.previous'}`,
    target: { kind: 'definition', server, definition: row },
  };
}

function healthNode(health: ServerHealth, nowMs: number): TreeNode {
  const { name, upSinceMs, restarts, lastError, latency, handshake } = health;
  const line = (key: string, label: string, description: string, tooltip?: string): TreeNode => ({
    id: idOf(name, 'health', key),
    label,
    description,
    tooltip: tooltip ?? `${label}: ${description}`,
    icon: 'info',
    tone: 'quiet',
    context: 'health',
  });
  const who = [handshake?.serverTitle ?? handshake?.serverName, handshake?.serverVersion].filter(Boolean).join(' ');
  const lines = [
    ...(upSinceMs === undefined ? [] : [line('up', 'Up for', span(nowMs - upSinceMs), `Since ${new Date(upSinceMs).toLocaleString()}`)]),
    ...(latency ? [line('latency', 'Latency', `p50 ${duration(latency.p50Us)}, p95 ${duration(latency.p95Us)}`, `Of the last ${counted(latency.samples, 'answer')}`)] : []),
    line('restarts', 'Restarts', `${restarts}`),
    ...(lastError ? [line('error', 'Last error', lastError.message, `${new Date(lastError.atMs).toLocaleString()}\n${lastError.message}`)] : []),
    ...(who ? [line('who', 'Implementation', who)] : []),
    ...(handshake?.protocolVersion ? [line('protocol', 'Protocol', handshake.protocolVersion)] : []),
    ...(handshake?.capabilities.length ? [line('capabilities', 'Capabilities', handshake.capabilities.join(', '), handshake.capabilities.join('\n'))] : []),
    ...(handshake?.extensions.length ? [line('extensions', 'Extensions', handshake.extensions.join(', '), handshake.extensions.join('\n'))] : []),
  ];
  return {
    id: idOf(name, 'health'),
    label: 'Health',
    description: upSinceMs === undefined ? 'not connected' : `up ${span(nowMs - upSinceMs)}${latency ? `, p95 ${duration(latency.p95Us)}` : ''}`,
    icon: 'pulse',
    context: 'health',
    isOpen: false,
    children: lines,
  };
}

/** Names are servers' own and may hold any character. */
const idOf = (server: string, ...path: readonly string[]): string =>
  ['server', server, ...path].map((part) => part.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/');

const counted = (count: number, noun: string): string => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const duration = (us: number): string => (us < 1_000_000 ? `${us < 10_000 ? (us / 1000).toFixed(1) : Math.round(us / 1000)} ms` : `${(us / 1_000_000).toFixed(2)} s`);

function span(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** The definitions below a node that wait for approval, exactly as they are shown. */
export function waitingBelow({ target, children = [] }: TreeNode): readonly DefinitionRow[] {
  if (target?.kind === 'definition') return isOpen(target.definition) ? [target.definition] : [];
  return children.flatMap(waitingBelow);
}
