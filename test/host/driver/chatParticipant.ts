// A chat participant for the editor under test: makes the calls that the user's message names, in JSON. They run under the token of
// the user's request, as those of any participant do, so that VS Code names the conversation to the servers. `namesRequest`: the request,
// too, as the agents that come with VS Code do; that is proposed API (chatParticipantPrivate).
import * as vscode from 'vscode';

export interface ChatMessage {
  readonly calls: readonly (readonly [tool: string, input: object])[];
  readonly namesRequest: boolean;
}

export function offerChatParticipant(): void {
  vscode.chat.createChatParticipant('mcp-shark-test.tester', async (request, _context, stream, token) => {
    const { calls, namesRequest } = JSON.parse(request.prompt) as ChatMessage;
    const { id } = request as vscode.ChatRequest & { readonly id: string };
    for (const [name, input] of calls) {
      const options = { input, toolInvocationToken: request.toolInvocationToken, ...(namesRequest ? { chatRequestId: id } : {}) };
      await vscode.lm.invokeTool(name, options, token);
    }
    stream.markdown(`Calls made: ${calls.length}`);
  });
}
