/** Owns the output channel "MCP Shark" and gives it to the lower ranks as a `Logger`. */
import * as vscode from 'vscode';
import type { Logger } from '../util/logger';

export function createLog(): { logger: Logger; channel: vscode.LogOutputChannel } {
  const channel = vscode.window.createOutputChannel('MCP Shark', { log: true });
  return { logger: channel, channel };
}
