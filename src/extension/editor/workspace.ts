/** Owns where in a workspace MCP Shark's files stand. */
import * as path from 'node:path';
import * as vscode from 'vscode';

export function configFileOf(folder: vscode.WorkspaceFolder): string {
  return path.join(folder.uri.fsPath, '.vscode', 'mcp-shark.json');
}

/** Folders on a file system of this extension host; others can hold no server processes. */
export function localFolders(): readonly vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
}
