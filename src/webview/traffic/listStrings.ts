/** Owns the words of what the list side of the Traffic view can do besides listing: order, notes, pausing, groups, time line. */
import type { CallRow, CallSort, NoteColor, Scope, SortKey } from '../../extension/contract/traffic';
import type { TrafficLayout } from '../../extension/contract/trafficApi';
import type { CallGroup } from '../../extension/contract/trafficGroups';
import { formatBytes, formatCount, formatDateTime, formatDuration, formatElapsed, formatTime, plural } from '../components/format';

export const layoutNames: Readonly<Record<TrafficLayout, string>> = { list: 'List', session: 'Session', server: 'Server', prompt: 'Prompt', timeline: 'Timeline' };

export const listStrings = {
  toolbar: {
    layout: 'Arrange calls by',
    layoutTooltip: (layout: TrafficLayout, key: number): string =>
      `${layout === 'list' ? 'In the order they happened' : layout === 'timeline' ? 'On a time line' : `By ${layoutNames[layout].toLowerCase()}`} (${key})`,
    pauseView: 'Pause the view: new calls are counted, not shown (Space)',
    resumeView: 'The view is paused. Show new calls again (Space)',
    pauseRecording: 'Recording. Pause it: calls go on, nothing is written down',
    resumeRecording: 'Not recording: calls go on, nothing is written down. Resume recording',
    notRecording: 'Not recording',
    scope: { window: 'This window', all: 'All windows' } satisfies Record<Scope, string>,
    scopeLabel: 'Calls of',
    scopeTooltip: (scope: Scope): string => (scope === 'window' ? 'Calls of this window only' : 'Calls of all windows'),
    more: 'More actions',
  },
  sort: {
    by: (column: string): string => `Sort by ${column}`,
    ascending: 'Sort ascending',
    descending: 'Sort descending',
    none: 'As they happened',
    newestFirst: 'Newest first',
    moveLeft: 'Move left',
    moveRight: 'Move right',
    hide: 'Hide this column',
    said: (sort: CallSort | undefined): string => (sort ? `Sorted by ${sortNames[sort.by]}, ${sort.isDescending ? 'descending' : 'ascending'}` : 'In the order they happened'),
  },
  paused: {
    news: (count: number): string => (count === 0 ? 'View paused' : `${formatCount(count)} new while paused`),
    tooltip: 'Show them (Space)',
  },
  notes: {
    pin: 'Pin',
    unpin: 'Unpin',
    color: 'Colour',
    noColor: 'No colour',
    colors: { red: 'Red', orange: 'Orange', yellow: 'Yellow', green: 'Green', blue: 'Blue', purple: 'Purple' } satisfies Record<NoteColor, string>,
    comment: 'Comment…',
    editComment: 'Edit comment…',
    pinned: 'Pinned',
    fromPlayground: 'Run in the Playground',
    marked: (color: NoteColor): string => `Marked ${listStrings.notes.colors[color].toLowerCase()}`,
    resend: 'Resend…',
    playground: 'Open in Playground',
  },
  flagged: {
    tooltip: (messages: readonly string[]): string => `The local checks say of what was called:\n${messages.map((message) => `• ${message}`).join('\n')}`,
    filter: 'Filter by: all that the checks say something of',
  },
  recording: {
    notice: (sinceMs: number): string => `Recording is paused since ${formatTime(sinceMs).slice(0, 8)}: calls go on, nothing is written down.`,
    count: (frames: number): string => (frames === 0 ? '' : ` ${plural(frames, 'message has', 'messages have')} passed unrecorded.`),
    resume: 'Resume recording',
    length: (row: CallRow): string => (row.durationUs === undefined ? '' : formatElapsed(row.durationUs / 1000)),
  },
  groups: {
    label: (layout: TrafficLayout): string => `Calls by ${layoutNames[layout].toLowerCase()}, the newest first`,
    calls: (count: number): string => plural(count, 'call', 'calls'),
    errors: (count: number): string => plural(count, 'error', 'errors'),
    running: (count: number): string => `${formatCount(count)} running`,
    total: (us: number): string => `${formatDuration(us)} in all`,
    totalTooltip: 'Durations of all its calls together',
    p95: (us: number): string => `p95 ${formatDuration(us)}`,
    bytes: (bytes: number): string => formatBytes(bytes),
    loading: 'Loading…',
    gateway: 'MCP Shark itself',
    playground: 'Playground',
    unknownClient: 'Unknown client',
    conversation: 'Conversation',
    prompt: 'Prompt',
    unsaid: 'Calls without a conversation',
    unsaidTooltip: 'The client does not say which conversation these calls are of.',
    byTime: 'Calls without a prompt',
    byTimeTooltip: 'The client does not say which calls belong together, so a silence of a minute parts them.',
    unnamedTooltip: 'The client says which conversation these calls are of, but not what they were made for.',
    period: (group: CallGroup): string => `${formatDateTime(group.firstMs)} to ${formatDateTime(group.lastMs)}`,
    open: 'Expand',
    close: 'Collapse',
    keys: 'Right and Left expand and collapse',
  },
  timeline: {
    label: 'Time line of calls',
    overview: 'Overview: drag to filter by a period, arrow keys move the period in view',
    zoomIn: 'Zoom in (+)',
    zoomOut: 'Zoom out (-)',
    zoomAll: 'Show everything (0)',
    clearPeriod: 'Clear the period',
    tooMany: (count: number): string => `${plural(count, 'call', 'calls')} in this period: zoom in to see them one by one.`,
    shown: (count: number): string => plural(count, 'call', 'calls'),
    span: (row: CallRow, name: string, status: string): string =>
      [name, row.server, status, row.durationUs === undefined ? undefined : formatDuration(row.durationUs), formatTime(row.timeMs)].filter((part) => part !== undefined).join(', '),
    nested: (depth: number): string => (depth === 0 ? '' : `, nested ${depth} deep`),
    gateway: 'MCP Shark',
    help: 'Arrow keys walk the calls, Enter opens one, x marks one, + and - zoom, Page Up and Page Down move, 0 shows everything.',
    empty: 'No call in this period.',
    period: (fromMs: number, toMs: number): string => `${formatDateTime(fromMs)} to ${formatDateTime(toMs)}`,
  },
  drop: {
    title: 'Take something out of the filter:',
    term: (term: string, calls: number): string => `Without ${term}: ${plural(calls, 'call', 'calls')}`,
    scope: (calls: number): string => `In all windows: ${plural(calls, 'call', 'calls')}`,
    hereTitle: 'No call in this window yet',
    hereText: 'Calls of this window will appear here.',
  },
  summary: {
    tokens: (count: number): string => `about ${formatCount(count)} tokens`,
    tokensTooltip: 'Estimate: four bytes of text for a token',
    searching: 'searching bodies…',
  },
} as const;

const sortNames: Readonly<Record<SortKey, string>> = {
  time: 'time',
  duration: 'duration',
  size: 'size',
  server: 'server',
  name: 'name',
  method: 'method',
  status: 'status',
  client: 'client',
};
