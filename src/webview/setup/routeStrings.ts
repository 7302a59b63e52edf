/** Owns every word of the Setup view about finding servers and changing files. Rules as in strings.ts. */
import { TOKEN_VARIABLE, type DoneChange, type FoundPlace, type PlannedChange, type PlanRequest, type TokenPlace } from '../../extension/contract/setup';
import { formatCount, plural } from '../components/format';
import type { Outcome } from './model/viewState';

const listed = (names: readonly string[], most = 3): string => (names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${formatCount(names.length - most)} more`);

export const routeStrings = {
  welcome: {
    title: 'Run your MCP servers through MCP Shark',
    text: 'MCP Shark stands between your AI client and its MCP servers, keeps every message, and lets no server or tool appear or change unseen.',
    steps: [
      { title: 'Find', text: 'Reads the MCP configurations of VS Code, Claude, Cursor, Codex and others on this machine when you press the button. It starts nothing and sends nothing.' },
      { title: 'Choose and preview', text: 'You choose servers and see the exact change of every file before anything is written.' },
      { title: 'Apply and approve', text: 'Each server starts when you have approved what it runs. “Undo” puts every file back byte for byte.' },
    ],
  },
  find: 'Find servers on this machine',
  findAgain: 'Look again',
  finding: 'Looking…',
  findHint: 'Reads the configurations of the MCP clients on this machine when you press the button; nothing is read before, and nothing is changed.',
  noFolder: 'No folder is open, so only the configurations of your user are looked at.',
  nothingFound: (files: number): string => `No MCP server stands in the ${plural(files, 'file')} where clients keep them. Configure one in a client, or write .vscode/mcp-shark.json yourself, and look again.`,
  foundSummary: (groups: number, files: number): string => `${plural(groups, 'server')} in ${plural(files, 'file')}`,
  chooseAll: 'Choose all that are not routed yet',
  choose: (name: string): string => `Choose ${name}`,
  also: (names: readonly string[]): string => `also ${listed(names)}`,
  choosePlace: (place: FoundPlace): string => `Choose ${place.name} of ${place.client}, ${place.fileLabel}`,
  routedAs: (name: string): string => `routed as ${name}`,
  notes: (count: number): string => plural(count, 'note'),
  places: (count: number): string => plural(count, 'place'),
  scope: {
    workspace: 'workspace',
    folder: 'folder',
    user: 'user',
    profile: 'profile',
    remote: 'remote user',
    devcontainer: 'dev container',
  } satisfies Record<FoundPlace['scope'], string>,
  disabled: 'switched off there',
  foundProblems: (count: number): string => `${plural(count, 'file')} could not be read whole:`,

  chosen: (count: number): string => `${plural(count, 'server')} chosen`,
  clear: 'Clear',
  preview: 'Preview changes',
  previewing: 'Working it out…',
  others: (clients: readonly string[]): string => `Files of ${listed(clients)}`,
  leave: 'Leave as they are',
  leaveHint: 'The servers are copied. These clients go on starting their own.',
  point: 'Point at MCP Shark',
  pointHint: 'The chosen entries are replaced by one that leads here, and work while a window of this editor is open.',
  pointNotReady: 'First do the steps that are open.',

  endpoint: {
    title: 'What other clients need',
    port: 'A port that stays',
    portSet: (port: number): string => `Port ${port}`,
    portHint: 'Set “mcpShark.endpoint.port” to a free port from 1024 to 65535, such as 41113.',
    openSetting: 'Open setting',
    token: 'A token',
    tokenMade: 'A token is in the secret storage',
    tokenHint: 'Lets a client in. It is shown once and kept in the secret storage.',
    makeToken: 'Make token…',
    newToken: 'Make a new one…',
    inUse: 'Routing on that port',
    inUseHint: 'The gateway still listens on another port, or not at all.',
    inUseDone: 'The gateway listens on it',
    restart: 'Restart routing',
    done: 'Done',
    open: 'To do',
    where: 'Clients find the token:',
    place: {
      file: { label: 'in their file', hint: 'Where nobody else can read that.' },
      variable: { label: `in the variable ${TOKEN_VARIABLE}`, hint: 'For files that are shared. You set it where the client starts; not every client reads variables.' },
    } satisfies Record<TokenPlace, object>,
  },
  clients: {
    text: 'Clients outside this editor can use the same gateway, so that their calls are kept too.',
    isPointed: 'uses MCP Shark',
    isOutdated: 'has an old port or token',
    isNew: 'no file yet: it will be made',
    point: 'Point at MCP Shark…',
    pointLabel: (client: string, file: string): string => `Point at MCP Shark: ${client} (${file})`,
    update: 'Update…',
    updateLabel: (client: string, file: string): string => `Update: ${client} (${file})`,
  },

  plan: {
    title: (request: PlanRequest): string => {
      switch (request.kind) {
        case 'route':
          return 'Preview: route servers through MCP Shark';
        case 'point':
          return 'Preview: point clients at MCP Shark';
        case 'undo':
          return 'Preview: put configurations back';
        case 'restore':
          return 'Preview: restore a backup';
      }
    },
    nothingYet: 'Nothing is written before you press Apply. All of it is done, or nothing.',
    files: 'Files',
    kind: { create: 'new', change: 'changed', delete: 'deleted' } satisfies Record<PlannedChange['kind'], string>,
    lines: ({ linesAdded, linesRemoved }: PlannedChange): string => `${plural(linesAdded, 'line')} added, ${formatCount(linesRemoved)} removed`,
    showDiff: 'Show diff',
    showDiffOf: (file: string): string => `Show diff of ${file}`,
    servers: (names: readonly string[]): string => (names.length === 1 ? 'This server will go through MCP Shark:' : 'These servers will go through MCP Shark:'),
    notes: 'Worth knowing',
    problems: 'Left out',
    nothing: 'Nothing would change.',
    apply: 'Apply',
    applying: 'Applying…',
    back: 'Back',
    renewed: (why: string): string => `${why} This is the preview of what would be done now.`,
    asks: 'Then each server waits for your approval, and starts with the first client that uses it.',
  },

  outcome: ({ kind, files, servers }: Outcome): string => {
    const changed = `${plural(files, 'file')} ${files === 1 ? 'was' : 'were'} changed`;
    switch (kind) {
      case 'route':
        return `${changed}. ${servers.length === 0 ? '' : `${listed(servers)} ${servers.length === 1 ? 'goes' : 'go'} through MCP Shark now.`}`;
      case 'point':
        return `${changed}. Restart the client for it to use MCP Shark.`;
      case 'undo':
        return `${plural(files, 'file')} ${files === 1 ? 'was' : 'were'} put back.`;
      case 'restore':
        return 'The backup was restored.';
    }
  },
  approveNext: (count: number): string => `${plural(count, 'server waits', 'servers wait')} for your approval.`,

  changes: {
    none: 'MCP Shark has changed no configuration.',
    what: ({ kind, servers, files }: DoneChange): string => (kind === 'route' ? `Routed ${servers.length === 0 ? 'servers that were there already' : listed(servers)}` : `Pointed ${listed([...new Set(files.map(({ client }) => client))])} at MCP Shark`),
    undo: 'Undo…',
    undoLabel: (what: string): string => `Undo: ${what}`,
    undoAll: 'Undo all…',
    backups: 'Backups',
    showBackups: 'Show backups',
    backupsHint: 'Each file was copied before it was changed.',
    noBackups: 'There are no backups.',
    view: 'View',
    viewOf: (what: string): string => `View the backup of ${what}`,
    restore: 'Restore…',
    restoreOf: (what: string): string => `Restore the backup of ${what}`,
    delete: 'Delete',
    deleteOf: (what: string): string => `Delete the backup of ${what}`,
    needed: 'An undo needs it',
    confirmDelete: 'Delete it for good?',
    confirm: 'Delete',
    keep: 'Keep',
  },
} as const;
