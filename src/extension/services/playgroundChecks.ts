/**
 * Owns checking what the Playground's webview asks: a webview can send anything. Each gives the value in the contract's
 * form, with nothing in it that the contract does not know, or throws `query.invalid` with what is wrong.
 */
import type { NextStep, Root } from '../contract/playground';
import { CATALOG_KINDS, type CatalogKind, type CatalogTarget, type CompletionQuery } from '../contract/playgroundCatalog';
import type { FormAnswer, SamplingAnswer } from '../contract/playgroundRequests';
import { RUN_KINDS, type ResultRef, type RunKind, type RunRequest, type RunTarget, type SavedPlace } from '../contract/playgroundRuns';
import type { SavedCallDraft } from '../contract/playgroundSaved';
import { isJsonObject } from '../util/json';
import { checkedText, invalid } from './checked';

const CATALOG: ReadonlySet<unknown> = new Set(CATALOG_KINDS);
const RUNNABLE: ReadonlySet<unknown> = new Set(RUN_KINDS);
const STEPS: ReadonlySet<unknown> = new Set<NextStep>(['manageTrust', 'turnRoutingOn', 'addServer', 'openConfig', 'review', 'signIn', 'retry', 'showLog']);

const MAX_NAMES = 10_000;

export function checkedNames(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw invalid('servers must be a list.');
  return value.slice(0, MAX_NAMES).map((name) => checkedText(name, 'server'));
}

function fieldsOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isJsonObject(value as never)) throw invalid(`${what} must be an object.`);
  return value as Readonly<Record<string, unknown>>;
}

export function checkedStep(step: unknown): NextStep {
  if (!STEPS.has(step)) throw invalid('There is no such step.');
  return step as NextStep;
}

export function checkedTarget(value: unknown): CatalogTarget {
  const { server, kind, name } = fieldsOf(value, 'target');
  if (!CATALOG.has(kind)) throw invalid('target is none of tool, prompt, resource, template.');
  return { server: checkedText(server, 'server'), kind: kind as CatalogKind, name: checkedText(name, 'name') };
}

function checkedRunTarget(value: unknown): RunTarget {
  const { server, kind, name } = fieldsOf(value, 'target');
  if (!RUNNABLE.has(kind)) throw invalid('target is nothing that can be run.');
  const text = checkedText(name, 'name');
  if (text === '') throw invalid('Name the method to send.');
  return { server: checkedText(server, 'server'), kind: kind as RunKind, name: text };
}

export function checkedRun(value: unknown): RunRequest {
  const { target, argumentsText, sendAnyway, asTask, saved, ticket } = fieldsOf(value, 'request');
  return {
    target: checkedRunTarget(target),
    argumentsText: checkedText(argumentsText, 'argumentsText'),
    sendAnyway: sendAnyway === true,
    asTask: asTask === true,
    ...(saved === undefined ? {} : { saved: checkedPlace(saved) }),
    ...(ticket === undefined ? {} : { ticket: checkedText(ticket, 'ticket').slice(0, 100) }),
  };
}

function checkedPlace(value: unknown): SavedPlace {
  const { file, folder, name } = fieldsOf(value, 'saved');
  return { file: checkedText(file, 'file'), folder: checkedText(folder, 'folder'), name: checkedText(name, 'name') };
}

export function checkedCompletion(query: unknown): CompletionQuery {
  const { target, argument, value, argumentsText } = fieldsOf(query, 'query');
  return {
    target: checkedTarget(target),
    argument: checkedText(argument, 'argument'),
    value: checkedText(value, 'value'),
    argumentsText: checkedText(argumentsText, 'argumentsText'),
  };
}

export function checkedResult(ref: unknown): ResultRef {
  const { kind, id } = fieldsOf(ref, 'result');
  if (kind !== 'run' && kind !== 'call') throw invalid('result is neither that of a run nor of a call.');
  return { kind, id: checkedText(id, 'id') };
}

export function checkedSampling(answer: unknown): SamplingAnswer {
  const { kind, text, draft } = fieldsOf(answer, 'answer');
  switch (kind) {
    case 'decline':
      return { kind };
    case 'result':
      return { kind, text: checkedText(text, 'text') };
    case 'text': {
      const fields = fieldsOf(draft, 'draft');
      return {
        kind,
        draft: {
          text: checkedText(fields.text, 'text'),
          model: checkedText(fields.model, 'model'),
          stopReason: checkedText(fields.stopReason, 'stopReason'),
        },
      };
    }
  }
  throw invalid('answer is none of text, result, decline.');
}

export function checkedForm(answer: unknown): FormAnswer {
  const { kind, contentText, sendAnyway } = fieldsOf(answer, 'answer');
  if (kind === 'decline' || kind === 'cancel') return { kind };
  if (kind === 'accept') return { kind, contentText: checkedText(contentText, 'contentText'), sendAnyway: sendAnyway === true };
  throw invalid('answer is none of accept, decline, cancel.');
}

export function checkedRoots(roots: unknown): readonly Root[] | undefined {
  if (roots === undefined || roots === null) return undefined;
  if (!Array.isArray(roots)) throw invalid('roots must be a list.');
  return roots.map((root: unknown) => {
    const { uri, name } = fieldsOf(root, 'root');
    return { uri: checkedText(uri, 'uri'), ...(typeof name === 'string' && name !== '' ? { name } : {}) };
  });
}

export function checkedDraft(value: unknown): SavedCallDraft {
  const { file, newFile, id, name, folder, target, argumentsText, asTask, keepSecrets } = fieldsOf(value, 'call');
  const made = newFile === undefined ? undefined : fieldsOf(newFile, 'newFile');
  return {
    ...(file === undefined ? {} : { file: checkedText(file, 'file') }),
    ...(made ? { newFile: { folder: checkedText(made['folder'], 'folder'), name: checkedText(made['name'], 'name') } } : {}),
    ...(id === undefined ? {} : { id: checkedText(id, 'id') }),
    name: checkedText(name, 'name'),
    folder: checkedText(folder, 'folder'),
    target: checkedRunTarget(target),
    argumentsText: checkedText(argumentsText, 'argumentsText'),
    asTask: asTask === true,
    keepSecrets: keepSecrets === true,
  };
}
