/**
 * Owns asking the editor's language models for a server's sampling request. The editor asks the user for consent the first
 * time; what the model answers is a draft that nobody but the user sees.
 */
import * as vscode from 'vscode';
import type { LanguageModel, SamplingDraft } from '../contract/playgroundRequests';
import type { SamplingPrompt } from '../playground/sampling';
import { AppError, messageOf } from '../util/errors';

const MAX_ANSWER = 1_000_000;

/** Parts of messages that editors later than the oldest supported one know. */
type DataPart = new (data: Uint8Array, mime: string) => unknown;

export async function listModels(): Promise<readonly LanguageModel[]> {
  try {
    const models = await vscode.lm.selectChatModels();
    return models.map(({ id, name, vendor, maxInputTokens }) => ({ id, name, vendor, maxInputTokens }));
  } catch {
    // An editor without models says so with an error.
    return [];
  }
}

export async function askModel(id: string, prompt: SamplingPrompt, signal: AbortSignal): Promise<SamplingDraft> {
  const model = (await vscode.lm.selectChatModels()).find((one) => one.id === id);
  if (!model) throw new AppError('notFound', vscode.l10n.t('This language model is no longer there.'));
  const cancellation = new vscode.CancellationTokenSource();
  const cancel = (): void => cancellation.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const limits = {
    ...(prompt.maxTokens === undefined ? {} : { max_tokens: prompt.maxTokens }),
    ...(prompt.temperature === undefined ? {} : { temperature: prompt.temperature }),
    ...(prompt.stopSequences === undefined ? {} : { stop: [...prompt.stopSequences] }),
  };
  try {
    const response = await model.sendRequest(
      messagesOf(prompt),
      { justification: vscode.l10n.t('An MCP server asks for this answer; you started the call in the Playground.'), modelOptions: limits },
      cancellation.token,
    );
    let text = '';
    for await (const part of response.text) {
      text += part;
      if (text.length > MAX_ANSWER) break;
    }
    // The editor does not say why a model stopped; at the limit of tokens is the one case that can be told.
    const isCut = prompt.maxTokens !== undefined && (await model.countTokens(text)) >= prompt.maxTokens;
    return { text, model: model.id, stopReason: isCut ? 'maxTokens' : 'endTurn' };
  } catch (error) {
    if (signal.aborted) throw new AppError('cancelled', 'The language model was not asked any further.');
    throw new AppError('rpc.remote', vscode.l10n.t('{0} did not answer: {1}', model.name, messageOf(error)), { cause: error });
  } finally {
    signal.removeEventListener('abort', cancel);
    cancellation.dispose();
  }
}

function messagesOf(prompt: SamplingPrompt): vscode.LanguageModelChatMessage[] {
  const { LanguageModelDataPart: Data } = vscode as unknown as { LanguageModelDataPart?: DataPart };
  return prompt.messages.map(({ role, text, images }) => {
    if (images.length > 0 && !Data) throw new AppError('query.invalid', vscode.l10n.t('This version of the editor cannot give images to a language model. Answer by hand.'));
    const parts = [
      ...(text === '' && images.length > 0 ? [] : [new vscode.LanguageModelTextPart(text)]),
      ...images.map(({ data, mimeType }) => new Data!(Buffer.from(data, 'base64'), mimeType)),
    ] as vscode.LanguageModelTextPart[];
    return role === 'assistant' ? vscode.LanguageModelChatMessage.Assistant(parts) : vscode.LanguageModelChatMessage.User(parts);
  });
}
