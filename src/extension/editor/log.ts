/** Owns the output channel "MCP Shark" and gives it to the lower ranks as a `Logger`. */
import * as vscode from 'vscode';
import { hidingLogger, type SecretValues } from '../capture/secretValues';
import type { Logger } from '../util/logger';

/** What is written through `logger` never shows one of `secrets`. */
export function createLog(secrets: SecretValues): { logger: Logger; channel: vscode.LogOutputChannel } {
  const channel = vscode.window.createOutputChannel('MCP Shark', { log: true });
  return { logger: hidingLogger(channel, secrets), channel };
}
