// A language model for the editor under test: real as far as VS Code is concerned, with its consent and its limits, but with
// an answer that a test knows. Editors before 1.104 have no such API.
import * as vscode from 'vscode';

interface Provider {
  provideLanguageModelChatInformation(): object[];
  provideLanguageModelChatResponse(model: object, messages: readonly { readonly content: readonly unknown[] }[], options: object, progress: vscode.Progress<vscode.LanguageModelTextPart>): Promise<void>;
  provideTokenCount(): Promise<number>;
}

type Register = (vendor: string, provider: Provider) => vscode.Disposable;

export async function offerLanguageModel(answer: string): Promise<void> {
  const { registerLanguageModelChatProvider } = vscode.lm as typeof vscode.lm & { registerLanguageModelChatProvider: Register };
  registerLanguageModelChatProvider('mcp-shark-test', {
    provideLanguageModelChatInformation: () => [{ id: 'parrot', name: 'Parrot', family: 'parrot', version: '1', maxInputTokens: 10_000, maxOutputTokens: 1_000, isDefault: true, isUserSelectable: true, capabilities: { toolCalling: true }, requiresAuthorization: { label: 'A test' } }],
    provideLanguageModelChatResponse: async (_model, messages, _options, progress) => {
      const last = messages.at(-1)?.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
      progress.report(new vscode.LanguageModelTextPart(`${answer}: ${last ?? ''}`));
    },
    provideTokenCount: async () => 1,
  });
  // Chat knows a model only once somebody has asked for it.
  await vscode.lm.selectChatModels({ vendor: 'mcp-shark-test' });
}
