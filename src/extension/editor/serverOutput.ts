/**
 * Owns one output channel per server ("MCP Shark: <server>"): its stderr, stray stdout, starts and ends, as recorded and
 * as redacted as there. A channel is made when there is something to write or somebody wants to read.
 */
import * as vscode from 'vscode';
import type { ServerEvent } from '../application';
import type { Event } from '../util/event';
import { DisposableStore, toDisposable, type Disposable } from '../util/lifecycle';

/** VS Code keeps every channel in a list; beyond this, the one that was quiet for the longest time goes. */
const MAX_CHANNELS = 50;
/** Of one event, and characters of one line: the audit log has the rest. */
const MAX_LINES = 500;
const MAX_LINE = 4000;

export class ServerOutputs implements Disposable {
  readonly #lifetime = new DisposableStore();
  /** The one used last comes last. */
  readonly #channels = new Map<string, vscode.LogOutputChannel>();

  constructor(onServerEvent: Event<ServerEvent>) {
    this.#lifetime.add(onServerEvent((event) => this.#write(event)));
    this.#lifetime.add(toDisposable(() => this.#channels.forEach((channel) => channel.dispose())));
  }

  show(server: string): void {
    this.#channel(server).show(true);
  }

  #write({ type, server, data }: ServerEvent): void {
    const channel = this.#channel(server);
    const lines = Array.isArray(data.lines) ? data.lines.map(String) : typeof data.text === 'string' ? [data.text] : [];
    const shown = lines.slice(0, MAX_LINES).map(plainLine);
    switch (type) {
      case 'server.stderr':
        // Most servers log to stderr whatever they have to say, so it is no error in itself.
        for (const line of shown) channel.info(line);
        break;
      case 'server.strayStdout':
        for (const line of shown) channel.warn(vscode.l10n.t('on stdout, but no message: {0}', line));
        break;
      case 'server.failed':
        channel.error(plainLine(String(data.message ?? type)));
        break;
      default:
        channel.debug(plainLine(`${type} ${JSON.stringify(data)}`));
    }
    if (lines.length > shown.length) channel.warn(vscode.l10n.t('{0} more lines are in the audit log.', lines.length - shown.length));
  }

  #channel(server: string): vscode.LogOutputChannel {
    const channel = this.#channels.get(server) ?? vscode.window.createOutputChannel(`MCP Shark: ${server}`, { log: true });
    this.#channels.delete(server);
    this.#channels.set(server, channel);
    const [oldest] = this.#channels;
    if (oldest && this.#channels.size > MAX_CHANNELS) {
      this.#channels.delete(oldest[0]);
      oldest[1].dispose();
    }
    return channel;
  }

  dispose(): void {
    this.#lifetime.dispose();
  }
}

/** One line, whatever it holds: a server must not write lines that look like ours. */
function plainLine(line: string): string {
  const cut = line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
  const oneLine = cut.replaceAll(/[\r\n\v\f\u0085\u2028\u2029]+/g, ' ');
  // Colours and other orders to a terminal, then what is left of control characters.
  return oneLine.replaceAll(/(?!\t)\p{Cc}\[[0-9;?]*[ -/]*[@-~]/gu, '').replaceAll(/(?!\t)\p{Cc}/gu, '');
}
