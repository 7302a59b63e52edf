/** Owns the params of what the Playground sends: texts as typed are put in as they are. */
import type { RunRequest, RunTarget } from '../contract/playgroundRuns';
import { AppError } from '../util/errors';
import { argumentsOf, expandTemplate } from './arguments';
import { memberText } from './jsonText';

export interface Outgoing {
  readonly method: string;
  /** JSON text; absent: none. */
  readonly params?: string;
}

/** What is sent for an item of the catalogue. */
export const METHODS: Readonly<Record<Exclude<RunTarget['kind'], 'request' | 'notification'>, string>> = {
  tool: 'tools/call',
  prompt: 'prompts/get',
  resource: 'resources/read',
  template: 'resources/read',
};

/** The message of a run. `token`: progress token, JSON text. Throws a user-facing AppError where a template cannot be expanded. */
export function outgoingOf({ target, argumentsText, asTask }: RunRequest, token: string): Outgoing {
  const meta = `"_meta":{"progressToken":${token}}`;
  const { kind, name } = target;
  switch (kind) {
    case 'tool': {
      const task = asTask ? ',"task":{}' : '';
      return { method: METHODS.tool, params: `{"name":${JSON.stringify(name)},"arguments":${argumentsOf(argumentsText)}${task},${meta}}` };
    }
    case 'prompt':
      return { method: METHODS.prompt, params: `{"name":${JSON.stringify(name)},"arguments":${argumentsOf(argumentsText)},${meta}}` };
    case 'resource':
      return { method: METHODS.resource, params: `{"uri":${JSON.stringify(name)},${meta}}` };
    case 'template': {
      const expanded = expandTemplate(name, argumentsText);
      if (expanded.kind === 'problem') throw new AppError('query.invalid', expanded.message);
      return { method: METHODS.template, params: `{"uri":${JSON.stringify(expanded.uri)},${meta}}` };
    }
    // Raw: exactly what was typed, without a token of ours.
    case 'request':
    case 'notification':
      return { method: name, ...(argumentsText.trim() === '' ? {} : { params: argumentsText }) };
  }
}

/** The progress token a raw request brings along, JSON text. */
export function ownToken({ params }: Outgoing): string | undefined {
  return params === undefined ? undefined : memberText(params, '_meta', 'progressToken');
}
