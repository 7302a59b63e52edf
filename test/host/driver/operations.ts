// What a test can do inside the extension host, with the public API of VS Code only. Shared by the driver extension and the
// host suite; arguments and results survive JSON.
import * as vscode from 'vscode';
import { offerChatParticipant } from './chatParticipant';
import { offerLanguageModel } from './languageModel';

export interface ToolAnswer {
  readonly text: string;
  readonly durationMs: number;
  /** Wall clock, so that a process on the same machine can measure from it. */
  readonly answeredAt: number;
}

export const operations = {
  toolNames(): string[] {
    return vscode.lm.tools.map((tool) => tool.name);
  },

  /** Asks VS Code's MCP client to start every server it knows. Starts nothing while the provider is not yet collected. */
  async startMcpServers(): Promise<void> {
    await vscode.commands.executeCommand('workbench.mcp.startServer', '*', { waitForLiveTools: true });
  },

  /** Labels of the servers VS Code has read from its configurations and providers so far; it is told of changed files a moment later. */
  knownMcpServers(): string[] {
    return (vscode.lm as unknown as ProposedDefinitions).mcpServerDefinitions.map(({ label }) => label);
  },

  async invokeTool(name: string, input: object): Promise<ToolAnswer> {
    const startedAt = performance.now();
    const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
    const durationMs = performance.now() - startedAt;
    return { text: result.content.map(textOf).join('\n'), durationMs, answeredAt: Date.now() };
  },

  async executeCommand(id: string, ...args: unknown[]): Promise<void> {
    await vscode.commands.executeCommand(id, ...args);
  },

  async commandIds(): Promise<string[]> {
    return vscode.commands.getCommands(true);
  },

  async updateUserSetting(key: string, value: unknown): Promise<void> {
    await vscode.workspace.getConfiguration().update(key, value, vscode.ConfigurationTarget.Global);
  },

  userSetting(key: string): unknown {
    return vscode.workspace.getConfiguration().inspect(key)?.globalValue;
  },

  /** Undefined when it is not installed. */
  extensionState(id: string): { isActive: boolean; path: string; version: string } | undefined {
    const extension = vscode.extensions.getExtension(id);
    return extension && { isActive: extension.isActive, path: extension.extensionPath, version: String(extension.packageJSON.version) };
  },

  /** From now on the editor has a language model, which answers with `answer` and the last message it got. */
  async offerLanguageModel(answer: string): Promise<void> {
    await offerLanguageModel(answer);
  },

  /** From now on chat knows `@tester`, who makes the calls that a message names (`ChatMessage`, as JSON). */
  offerChatParticipant(): void {
    offerChatParticipant();
  },

  openTabs(): { label: string; viewType: string | undefined }[] {
    return vscode.window.tabGroups.all.flatMap((group) =>
      group.tabs.map((tab) => ({ label: tab.label, viewType: tab.input instanceof vscode.TabInputWebview ? tab.input.viewType : undefined })),
    );
  },
};

/** The part of the proposal `mcpServerDefinitions` that is read here. */
interface ProposedDefinitions {
  readonly mcpServerDefinitions: readonly { readonly label: string }[];
}

export type Operations = typeof operations;

function textOf(part: unknown): string {
  if (part instanceof vscode.LanguageModelTextPart) return part.value;
  return JSON.stringify(part);
}
