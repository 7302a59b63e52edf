/**
 * Owns every word the Playground shows, so that it can be localised in one place. Sentence case; says what happened,
 * where, and what to do next.
 */
import type { CatalogItem, CatalogKind, ConnectionState, LogLevel, NextStep, Obstacle, PlaygroundRun, RunKind } from '../../extension/contract/playground';
import type { CallStatus } from '../../extension/contract/traffic';
import { isAppError, messageOf } from '../../extension/util/errors';
import { formatAgo, formatBytes, formatCount, formatDuration, plural } from '../components/format';
import { statusWords } from '../components/statusWords';
import type { ArgumentForm, NarrowPage, ResultForm, SidePage } from './model/viewState';

const kindWords: Readonly<Record<RunKind, string>> = {
  tool: 'Tool',
  prompt: 'Prompt',
  resource: 'Resource',
  template: 'Resource template',
  request: 'JSON-RPC request',
  notification: 'JSON-RPC notification',
};

export const strings = {
  status: (status: CallStatus): string => statusWords[status],
  kind: (kind: RunKind): string => kindWords[kind],
  steps: {
    manageTrust: 'Manage Workspace Trust',
    turnRoutingOn: 'Turn routing on',
    addServer: 'Add a server…',
    openConfig: 'Open configuration',
    review: 'Review…',
    signIn: 'Sign in…',
    retry: 'Try again',
    showLog: 'Show log',
  } satisfies Record<NextStep, string>,
  sidePages: { catalog: 'Catalogue', saved: 'Saved', history: 'History' } satisfies Record<SidePage, string>,
  sideLabel: 'What to run',
  narrowPages: { side: 'Choose', arguments: 'Arguments', result: 'Result' } satisfies Record<NarrowPage, string>,
  narrowLabel: 'Part of the Playground',
  separator: { side: 'Resize the catalogue', result: 'Resize the result', beside: 'Resize the results' },
  dismiss: 'Dismiss',
  retry: 'Retry',
  failed: (error: unknown): string => `That did not work: ${errorText(error)}`,

  stage: {
    loading: 'Loading…',
    goneTitle: 'MCP Shark does not answer',
    titles: {
      untrusted: 'This workspace is not trusted',
      routingOff: 'Routing is off',
      nothingConfigured: 'No servers yet',
      starting: 'Starting…',
      gatewayFailed: 'The gateway did not start',
    } satisfies Record<Obstacle['kind'], string>,
  },

  catalog: {
    label: 'Catalogue',
    search: 'Search tools, prompts and resources (/)',
    clear: 'Clear the search (Esc)',
    groups: { tool: 'Tools', prompt: 'Prompts', resource: 'Resources', template: 'Templates' } satisfies Record<CatalogKind, string>,
    raw: 'JSON-RPC…',
    rawTooltip: 'Send any request or notification to this server',
    noMatchTitle: 'Nothing matches',
    noMatchText: (search: string): string => `No tool, prompt, resource or template has “${search}” in its name, title or description.`,
    clearSearch: 'Clear search',
    empty: 'The server lists nothing.',
    loading: 'Loading…',
    more: (count: number): string => `${formatCount(count)} more: search to find them`,
    connection: (state: ConnectionState): string => {
      switch (state.kind) {
        case 'idle':
          return 'Not connected';
        case 'connecting':
          return 'Connecting…';
        case 'ready':
          return 'Connected';
        default:
          return state.message;
      }
    },
    readOnly: 'Read-only',
    destructive: 'Destructive',
    destructiveSaid: 'The server says this can destroy something. You are asked before it runs.',
    destructiveUnsaid: 'The server does not say that this destroys nothing. You are asked before it runs.',
    readOnlySaid: 'The server says this only reads',
    openWorld: 'Open world',
    openWorldSaid: 'Reaches beyond the server, such as the web',
    idempotent: 'Idempotent',
    idempotentSaid: 'Running it again with the same arguments changes nothing more',
    changed: 'Changed',
    changedTooltip: 'Its definition has changed since it was approved',
    new: 'New',
    newTooltip: 'It was not there when the server was approved',
    task: { optional: 'Can run as a task', required: 'Runs as a task' },
    tokens: (count: number): string => `≈ ${formatCount(count)} tokens`,
    tokensTooltip: 'What its definition costs in a model’s context. An estimate: about four characters a token',
    used: (ago: string): string => `used ${ago}`,
    tooltip: (item: CatalogItem): string => [item.title, item.kind === 'resource' || item.kind === 'template' ? item.name : undefined, item.description].filter((text) => text !== undefined).join('\n'),
  },

  ago: formatAgo,

  editor: {
    label: 'Arguments',
    noneTitle: 'Choose what to run',
    noneText: 'Pick a tool, prompt or resource in the catalogue, a saved call, or an earlier run. Every run goes through the gateway and is recorded.',
    loading: 'Loading the definition…',
    missingTitle: (name: string): string => `${name} is not there`,
    missingText: (server: string): string => `${server} does not list it. The server may not be connected, or it has been renamed or removed.`,
    failed: (error: unknown): string => `The definition could not be read: ${errorText(error)}`,
    forms: { form: 'Form', json: 'JSON' } satisfies Record<ArgumentForm, string>,
    formLabel: 'Form of the arguments',
    run: 'Run',
    send: 'Send',
    runTooltip: 'Run (Ctrl+Enter)',
    starting: 'Sending…',
    sendAnyway: 'Send anyway',
    problems: (count: number): string => `${plural(count, 'argument does', 'arguments do')} not fit the schema`,
    notJson: 'The JSON is broken: nothing can be sent.',
    brokenField: 'A field holds JSON that is broken: nothing can be sent.',
    unusable: (message: string): string => `Not checked: the tool’s schema is not usable. ${message}`,
    format: 'Format (Shift+Alt+F)',
    find: 'Find (Ctrl+F)',
    reset: 'Reset arguments',
    copy: 'Copy arguments',
    copyDefinition: 'Copy definition',
    more: 'Show more',
    less: 'Show less',
    save: 'Save call…',
    definition: 'Show definition',
    hideDefinition: 'Hide definition',
    asTask: 'Run as a task',
    json: 'Arguments as JSON',
    noArguments: 'Takes no arguments.',
    uri: 'URI',
    uriProblem: (message: string): string => `No URI yet: ${message}`,
    method: 'Method',
    methodHint: 'Such as ping or tools/list',
    notification: 'As a notification (no answer)',
    params: 'Params as JSON',
    subscribe: 'Subscribe to changes',
    unsubscribe: 'Subscribed. Stop',
    updates: (count: number, ago: string | undefined): string => (count === 0 ? 'No change yet' : `${plural(count, 'change', 'changes')}, last ${ago ?? ''}`),
    showUpdate: 'Show the newest',
  },

  save: {
    name: 'Name',
    folder: 'Folder (optional)',
    file: 'File',
    newFile: 'calls.json in .vscode/mcp-shark',
    variables: 'Write {{name}} in a value to leave it open: it is asked for at each run.',
    save: 'Save',
    replace: 'Replace',
    cancel: 'Cancel',
    secrets: (paths: readonly string[]): string => `${paths.map((path) => path || 'a value').join(', ')} ${paths.length === 1 ? 'looks' : 'look'} like a secret. The file is shared with your team: put a variable such as {{token}} in its place.`,
    saveSecrets: 'Save all the same',
    saved: 'Saved.',
  },

  saved: {
    label: 'Saved calls',
    noneTitle: 'No saved calls',
    noneText: 'Save call… above the arguments keeps a call in .vscode/mcp-shark, where your team finds it too.',
    run: 'Run',
    edit: 'Load into the arguments',
    delete: 'Delete…',
    confirmDelete: (name: string): string => `Delete “${name}” from the file?`,
    confirm: 'Delete',
    keep: 'Keep',
    openFile: 'Open the file',
    variable: (name: string): string => `Value of ${name} in this file; empty: asked for at each run`,
    variables: 'Variables',
    problem: (line: number, message: string): string => `Line ${formatCount(line)}: ${message}`,
    more: 'More for this call',
  },

  history: {
    label: 'History',
    noneTitle: 'Nothing was run yet',
    noneText: 'Runs of this workspace are listed here, and stay in the audit log.',
    clear: 'Clear history',
    load: 'Load into the arguments',
    redacted: 'Secrets in the arguments were not kept',
  },

  result: {
    label: 'Result',
    noneTitle: 'No result yet',
    noneText: 'Run with Ctrl+Enter (Cmd+Enter). The result stays while you write the next call.',
    tabs: 'Runs',
    forms: { rendered: 'Result', tree: 'Tree', raw: 'Raw', logs: 'Log' } satisfies Record<ResultForm, string>,
    logsTab: (count: number): string => (count === 0 ? 'Log' : `Log (${formatCount(count)})`),
    formLabel: 'Form of the result',
    content: 'Content of the result',
    cancel: 'Cancel',
    cancelling: 'Cancelling…',
    progress: 'Progress',
    progressOf: (done: number, total: number | undefined): string => (total === undefined || total <= 0 ? formatCount(done) : `${Math.min(100, Math.floor((done / total) * 100))} %`),
    elapsed: (text: string): string => text,
    task: (id: string, status: string): string => `Task ${id}: ${status}`,
    timing: (run: PlaygroundRun): string => {
      const { timing } = run;
      if (!timing) return '';
      const parts = timing.upstreamUs === undefined ? 'answered by MCP Shark' : `server ${formatDuration(timing.upstreamUs)}, gateway ${formatDuration(timing.gatewayUs)}`;
      return `${formatDuration(timing.totalUs)}: ${parts}`;
    },
    showCall: 'Show in Traffic',
    open: 'Open in editor',
    copy: 'Copy result',
    dismiss: (name: string): string => `Close ${name}`,
    again: 'Load its arguments',
    beside: 'Keep beside the next',
    unbeside: 'Show one result',
    compare: 'Compare both in the diff editor',
    loading: 'Loading the result…',
    none: 'There is no result.',
    gone: 'The result is not kept here any more. Its recorded call has it.',
    failed: (error: unknown): string => `The result could not be read: ${errorText(error)}`,
    truncated: (shown: number, bytes: number | undefined): string => `The first ${formatCount(shown)} characters${bytes === undefined ? '' : ` of ${formatBytes(bytes)}`}. Open it in an editor to see all.`,
    error: 'The server answered with an error.',
    errorCode: (code: string): string => `Error ${code}`,
    errorData: 'Data',
    stderr: 'Last lines of its stderr',
    noLogs: 'The server sent no log messages in the course of this run.',
    size: formatBytes,
    origin: { user: '', saved: 'saved call', resend: 'sent again', subscription: 'update' } satisfies Record<PlaygroundRun['origin'], string>,
    running: 'Waiting for the answer…',
  },

  server: {
    label: (name: string): string => `Server ${name}`,
    protocol: (version: string): string => `MCP ${version}`,
    instructions: 'Instructions',
    problems: 'Problems',
    connect: 'Connect',
    disconnect: 'Disconnect',
    refresh: 'Read lists again',
    logLevel: 'Log level',
    ownLevel: 'As the server chooses',
    logs: 'Log messages',
    noLogs: 'No log messages yet.',
    noLogging: 'The server declares no logging.',
    stderr: 'Last lines of its stderr',
    facts: { version: 'Version', protocol: 'Protocol', state: 'Connection', lists: 'Lists', can: 'Offers' },
    can: { complete: 'completions', log: 'log messages', subscribe: 'subscriptions', tasks: 'tasks' },
    counts: (counts: Readonly<Record<CatalogKind, number>>): string =>
      [plural(counts.tool, 'tool', 'tools'), plural(counts.prompt, 'prompt', 'prompts'), plural(counts.resource, 'resource', 'resources'), plural(counts.template, 'template', 'templates')].join(', '),
    level: (level: LogLevel): string => level,
  },

  roots: {
    title: 'Roots',
    open: 'Roots…',
    text: 'Folders that servers are told about when they ask. The Playground’s servers hear of every change.',
    default: 'These are the workspace folders.',
    uri: 'URI of the folder',
    name: 'Name (optional)',
    add: 'Add root',
    remove: 'Remove this root',
    save: 'Apply',
    reset: 'Use the workspace folders',
    invalid: 'A root is a file:// URI.',
  },

  requests: {
    label: 'Requests of servers',
    heading: { sampling: 'asks for a language model’s answer', form: 'asks you something', url: 'asks you to open a page' },
    during: (name: string): string => `in the course of ${name}`,
    waiting: (count: number): string => `${plural(count, 'request is', 'requests are')} waiting for you`,
    showMore: (count: number): string => `Show ${formatCount(count)} more`,
    accept: 'Accept',
    decline: 'Decline',
    cancel: 'Cancel',
    answer: 'Send answer',
    answerLabel: 'Your answer',
    asJson: 'Write the whole result as JSON',
    asText: 'Write a text',
    resultLabel: 'Result as JSON',
    model: 'Model',
    askModel: 'Ask a language model…',
    asking: 'Asking…',
    noModels: 'The editor offers no language model.',
    modelName: 'Model name',
    stopReason: 'Stopped because',
    preview: (tokens: number, model: string): string => `${model} would get this, ≈ ${formatCount(tokens)} tokens:`,
    send: 'Ask',
    notes: 'Not passed on',
    images: (count: number): string => plural(count, 'image', 'images'),
    size: (characters: number): string => plural(characters, 'character', 'characters'),
    params: 'The whole request',
    open: 'Open…',
    opened: 'Opened in the browser. The server has not said yet that it is complete.',
    host: (host: string): string => `Leads to ${host}`,
    badUrl: 'This is no address that can be opened.',
    urlNote: 'The server chose this address. Check it before you open it; do not enter what you would not tell this server.',
    formNote: 'Your answer goes to the server. Do not enter passwords or other secrets.',
    problems: 'The answer does not fit what is asked for.',
  },

  jsonTree: {
    items: (count: number): string => plural(count, 'item', 'items'),
    keys: (count: number): string => plural(count, 'key', 'keys'),
    characters: (count: number): string => plural(count, 'character', 'characters'),
    more: (count: number): string => `${formatCount(count)} more, see the raw form or open it in an editor`,
  },
} as const;

/** The words for a failure from the host; its own where they are meant for users. */
export function errorText(error: unknown): string {
  if (isAppError(error, 'rpc.closed')) {
    return 'The extension host did not answer within 10 s. If this stays, run Developer: Restart Extension Host.';
  }
  return messageOf(error);
}
