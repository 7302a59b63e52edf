/** Owns the list of clients that are known. Earlier ones own a file that two would read. */
import type { Strategy } from './types';
import { amp, cline, codex, gemini, roo } from './strategies/agents';
import { claudeCode, claudeDesktop } from './strategies/claude';
import { continueDev } from './strategies/continueDev';
import { copilotCli, githubMcp, projectMcp } from './strategies/copilot';
import { cursor, jetbrainsAi, junie, kiro, lmStudio, opencode, windsurf, zed } from './strategies/editors';
import { devcontainer, vscodeFolder, vscodeUser, vscodeWorkspaceFile } from './strategies/vscode';

export const STRATEGIES: readonly Strategy[] = [
  vscodeFolder,
  vscodeWorkspaceFile,
  vscodeUser,
  devcontainer,
  projectMcp,
  githubMcp,
  copilotCli,
  claudeDesktop,
  claudeCode,
  cursor,
  windsurf,
  codex,
  gemini,
  cline,
  roo,
  continueDev,
  zed,
  kiro,
  amp,
  lmStudio,
  jetbrainsAi,
  junie,
  opencode,
];

export function strategyOf(id: string): Strategy | undefined {
  return STRATEGIES.find((strategy) => strategy.id === id);
}
