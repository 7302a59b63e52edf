/**
 * Owns the status-bar entry: whether routing is on, how many servers there are, whether recording is paused, and whether
 * something is wrong; a click turns routing on or off, or shows the traffic while recording is paused. Its tooltip lists the
 * servers with their state.
 */
import * as vscode from 'vscode';
import type { Application } from '../application';
import type { ApplicationStatus, ServerStatus } from '../contract/status';
import { DisposableStore, type Disposable } from '../util/lifecycle';
import { COMMANDS } from './ids';

export function createStatusBar(application: Application): Disposable {
  const store = new DisposableStore();
  const item = store.add(vscode.window.createStatusBarItem('mcpShark.status', vscode.StatusBarAlignment.Right, 90));
  item.name = 'MCP Shark';
  item.command = COMMANDS.routingToggle;
  const draw = (status: ApplicationStatus): void => {
    const face = faceOf(status);
    item.text = face.text;
    // Paused recording is resumed where it is seen what that means, not by a click that would switch routing off.
    item.command = status.routing && status.recording.kind === 'paused' ? COMMANDS.trafficShow : COMMANDS.routingToggle;
    item.backgroundColor = face.warning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.tooltip = tooltipOf(status, face.says);
    item.accessibilityInformation = { label: `MCP Shark: ${face.says}`, role: 'button' };
  };
  store.add(application.onDidChangeStatus(draw));
  draw(application.status);
  item.show();
  return store;
}

interface Face {
  readonly text: string;
  /** One sentence for tooltip and screen reader. */
  readonly says: string;
  readonly warning?: boolean;
}

function faceOf(status: ApplicationStatus): Face {
  const count = status.servers.length;
  const failed = status.servers.filter(({ state }) => state.kind === 'failed').length;
  const servers = count === 1 ? vscode.l10n.t('1 server') : vscode.l10n.t('{0} servers', count);
  if (!status.trusted) {
    return {
      text: '$(shield) MCP Shark',
      says: vscode.l10n.t('This workspace is not trusted, so no server is started.'),
    };
  }
  if (!status.routing) {
    return { text: `$(circle-slash) MCP Shark: off`, says: vscode.l10n.t('Routing is off ({0}). Click to turn it on.', servers) };
  }
  if (status.gateway.kind === 'failed') {
    return {
      text: '$(error) MCP Shark: failed',
      says: vscode.l10n.t('The gateway could not start: {0}', status.gateway.message),
      warning: true,
    };
  }
  if (status.store.kind === 'degraded' || status.store.kind === 'failed') {
    return {
      text: `$(warning) MCP Shark: ${count}`,
      says: status.store.kind === 'degraded' && status.store.isKept ? status.store.message : vscode.l10n.t('Traffic passes but is not all being kept: {0}', status.store.message),
      warning: true,
    };
  }
  if (status.recording.kind === 'paused') {
    const { frames } = status.recording;
    return {
      text: vscode.l10n.t('$(debug-pause) MCP Shark: not recording'),
      says:
        frames === 1
          ? vscode.l10n.t('Recording is paused: 1 message has passed unrecorded. Click to show the traffic and resume.')
          : vscode.l10n.t('Recording is paused: {0} messages have passed unrecorded. Click to show the traffic and resume.', frames),
      warning: true,
    };
  }
  if (status.gateway.kind === 'starting') {
    return { text: `$(loading~spin) MCP Shark: ${count}`, says: vscode.l10n.t('The gateway is starting.') };
  }
  const problem = failed > 0 || status.configProblems.length > 0;
  const says =
    failed > 0
      ? vscode.l10n.t('Routing is on ({0}, {1} failed). Click to turn it off.', servers, failed)
      : vscode.l10n.t('Routing is on ({0}). Click to turn it off.', servers);
  return { text: `$(${problem ? 'warning' : 'broadcast'}) MCP Shark: ${count}`, says, warning: problem };
}

function tooltipOf(status: ApplicationStatus, says: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString(undefined, true);
  text.isTrusted = { enabledCommands: [COMMANDS.trafficShow, COMMANDS.configOpen, COMMANDS.logShow] };
  appendWords(text, says);
  text.appendMarkdown('\n\n');
  for (const problem of status.configProblems.slice(0, 3)) {
    text.appendMarkdown('$(warning) ');
    appendWords(text, vscode.l10n.t('line {0}: {1}', problem.line, problem.message));
    text.appendMarkdown('\n\n');
  }
  for (const server of status.servers) {
    text.appendMarkdown(`$(${iconOf(server)}) `);
    // Names and messages come from files and servers: text, never Markdown.
    const state = stateOf(server);
    appendWords(text, state.includes(`"${server.name}"`) ? state : `${server.name}: ${state}`);
    text.appendMarkdown('\n\n');
  }
  text.appendMarkdown(
    [
      `[${vscode.l10n.t('Show traffic')}](command:${COMMANDS.trafficShow})`,
      `[${vscode.l10n.t('Servers')}](command:${COMMANDS.configOpen})`,
      `[${vscode.l10n.t('Log')}](command:${COMMANDS.logShow})`,
    ].join(' | '),
  );
  return text;
}

/** As `appendText`, which makes every space one that no line is broken at, so that a long message ran out of the tooltip. */
function appendWords(text: vscode.MarkdownString, words: string): void {
  words.split(/\s+/).forEach((word, index) => {
    if (index > 0) text.appendMarkdown(' ');
    text.appendText(word);
  });
}

function iconOf({ state }: ServerStatus): string {
  switch (state.kind) {
    case 'idle':
      return 'circle-outline';
    case 'starting':
      return 'loading~spin';
    case 'running':
      return 'pass';
    case 'failed':
      return 'error';
    case 'waitingForApproval':
      return 'shield';
    case 'disabled':
    case 'refused':
      return 'circle-slash';
  }
}

function stateOf({ state }: ServerStatus): string {
  switch (state.kind) {
    case 'idle':
      return vscode.l10n.t('starts with the first client');
    case 'starting':
      return vscode.l10n.t('starting');
    case 'running':
      return vscode.l10n.t('running');
    case 'waitingForApproval':
    case 'disabled':
    case 'refused':
      return state.message;
    case 'failed':
      // The message often ends in the last line itself.
      return [state.message, ...state.stderr.slice(-2).filter((line) => !state.message.includes(line.trim()))].join(' ');
  }
}
