/**
 * Owns the host's side of the Playground view: implements `PlaygroundApi` over the Playground, the saved calls and a small
 * editor port, and what other parts ask of the Playground. What comes from the webview is checked before use.
 */
import type { ContentFile } from './callActions';
import { fileOf, valueAt } from './callActions';
import type { NextStep } from '../contract/playground';
import type { SamplingDraft } from '../contract/playgroundRequests';
import type { ResultRef } from '../contract/playgroundRuns';
import { LOG_LEVELS, MAX_RESULT_TEXT } from '../contract/playgroundRuns';
import type { PlaygroundApi } from '../contract/playgroundApi';
import { expandTemplate } from '../playground/arguments';
import type { Playground } from '../playground/playground';
import type { Person } from '../playground/ports';
import { previewOf, samplingPromptOf } from '../playground/sampling';
import type { SavedCalls } from '../playground/savedCalls';
import type { Handlers } from '../rpc/peer';
import { AppError } from '../util/errors';
import { isJsonObject, tryParseJson } from '../util/json';
import { checkedText } from './checked';
import {
  checkedCompletion,
  checkedDraft,
  checkedForm,
  checkedNames,
  checkedResult,
  checkedRoots,
  checkedRun,
  checkedSampling,
  checkedStep,
  checkedTarget,
} from './playgroundChecks';
import type { PlaygroundOpening, PlaygroundPort } from './playgroundPort';
import { runSaved, startRequest, startShown } from './savedRuns';

/** What only the editor can do for the view. */
export interface PlaygroundEditorPort {
  /** Shows the view; it draws `opening` from the state. */
  reveal(): Promise<void>;
  takeStep(step: NextStep, server: string | undefined): Promise<void>;
  openResult(result: TitledResult): Promise<void>;
  compareResults(left: TitledResult, right: TitledResult): Promise<void>;
  showCall(call: string): Promise<void>;
  openFile(file: string, line: number | undefined): Promise<void>;
  /** `run`: what `runContent` takes, also after a while. */
  openContent(file: ContentFile, place: { readonly run: string; readonly pointer: string }, how: 'open' | 'save'): Promise<void>;
  copy(text: string): Promise<void>;
  openLink(url: string): Promise<void>;
}

export interface TitledResult {
  readonly ref: ResultRef;
  readonly title: string;
}

export interface PlaygroundParts {
  readonly playground: Playground;
  readonly saved: SavedCalls;
  readonly person: Person;
  readonly editor: PlaygroundEditorPort;
}

/** The methods a webview may call; own properties, so that nothing inherited can be called from it. */
export function playgroundHandlers({ playground, saved, person, editor }: PlaygroundParts): Handlers<PlaygroundApi> {
  const text = checkedText;
  return {
    ready: () => {
      playground.viewOpened();
      void saved.files();
      return playground.state;
    },
    look: (servers) => playground.look(checkedNames(servers)),
    connect: (server) => playground.connect(text(server, 'server')),
    disconnect: (server) => playground.disconnect(text(server, 'server')),
    takeStep: async (step, server) => {
      const checked = checkedStep(step);
      if (checked === 'retry' && typeof server === 'string') await playground.connect(server);
      else await editor.takeStep(checked, server === undefined || server === null ? undefined : text(server, 'server'));
    },

    catalog: (server, search) => playground.catalog(text(server, 'server'), text(search, 'text').slice(0, 1_000)),
    definition: (target) => playground.definition(checkedTarget(target)),
    refresh: (server) => playground.refresh(text(server, 'server')),
    complete: (query) => playground.complete(checkedCompletion(query)),
    expandTemplate: (template, argumentsText) => expandTemplate(text(template, 'template'), text(argumentsText, 'argumentsText')),

    checkArguments: (target, argumentsText) => playground.checkArguments(checkedTarget(target), text(argumentsText, 'argumentsText')),
    start: (request) => startRequest({ playground, saved, person }, checkedRun(request)),
    cancel: (run) => playground.cancel(text(run, 'run')),
    result: (run) => playground.result(text(run, 'run')),
    dismiss: (run) => playground.dismiss(text(run, 'run')),
    openResult: (result) => editor.openResult(titled(playground, checkedResult(result))),
    compareResults: (left, right) => editor.compareResults(titled(playground, checkedResult(left)), titled(playground, checkedResult(right))),
    showCall: (call) => editor.showCall(text(call, 'call')),
    history: () => playground.history,
    clearHistory: () => playground.clearHistory(),

    models: () => person.models(),
    previewSampling: (request) => previewOf(samplingPromptOf(playground.requests.samplingParams(text(request, 'request')))),
    draftSampling: (request, model, signal): Promise<SamplingDraft> =>
      person.ask(text(model, 'model'), samplingPromptOf(playground.requests.samplingParams(text(request, 'request'))), signal),
    answerSampling: (request, answer) => playground.requests.answerSampling(text(request, 'request'), checkedSampling(answer)),
    answerForm: (request, answer) => playground.requests.answerForm(text(request, 'request'), checkedForm(answer)),
    answerUrl: (request, answer) => {
      if (answer !== 'open' && answer !== 'decline' && answer !== 'cancel') throw new AppError('query.invalid', 'answer is none of open, decline, cancel.');
      return playground.requests.answerUrl(text(request, 'request'), answer);
    },

    setRoots: (roots) => playground.setRoots(checkedRoots(roots)),
    setLogLevel: (server, level) => {
      if (!LOG_LEVELS.includes(level)) throw new AppError('query.invalid', 'There is no such level.');
      return playground.setLogLevel(text(server, 'server'), level);
    },
    logs: (server, after) => playground.logs(text(server, 'server'), Number(after) || 0),
    subscribe: (server, uri) => playground.subscribe(text(server, 'server'), text(uri, 'uri')),
    unsubscribe: (server, uri) => playground.unsubscribe(text(server, 'server'), text(uri, 'uri')),

    savedCalls: () => saved.files(),
    saveFolders: () => saved.folders,
    saveCall: (draft) => saved.save(checkedDraft(draft)),
    deleteCall: (id) => saved.delete(text(id, 'id')),
    setVariable: (file, name, value) => saved.setVariable(text(file, 'file'), text(name, 'name'), value === undefined || value === null ? undefined : text(value, 'value')),
    runSaved: (id) => runSaved({ playground, saved, person }, text(id, 'id')),
    openSaved: async (file, line) => {
      const path = text(file, 'file');
      // Only files that were listed: a webview is not to open others.
      if (!(await saved.files()).some((one) => one.path === path)) throw new AppError('notFound', 'There is no such file of saved calls.');
      await editor.openFile(path, Number.isSafeInteger(line) && Number(line) > 0 ? line : undefined);
    },

    copyText: (value) => editor.copy(text(value, 'text').slice(0, MAX_RESULT_TEXT)),
    openLink: (url) => editor.openLink(text(url, 'url')),
    openContent: async (run, pointer, how) => {
      const { id, startedMs } = playground.run(text(run, 'run')) ?? {};
      const place = { run: `${id}@${startedMs}`, pointer: text(pointer, 'pointer') };
      await editor.openContent(runContent(playground, place.run, place.pointer), place, how === 'save' ? 'save' : 'open');
    },
  };
}

/** A file in a run's result. `run`: its id and when it started, since runs are numbered anew in every window. */
export function runContent(playground: Pick<Playground, 'run' | 'resultText'>, run: string, pointer: string): ContentFile {
  const [id = '', startedMs] = run.split('@');
  const result = String(playground.run(id)?.startedMs) === startedMs ? playground.resultText(id) : undefined;
  const value = valueAt(tryParseJson(result ?? ''), pointer);
  const file = isJsonObject(value) ? fileOf(value) : undefined;
  if (!file) throw new AppError('notFound', 'There is no media or file at this place of the result.');
  return file;
}

function titled(playground: Playground, ref: ResultRef): TitledResult {
  const run = ref.kind === 'run' ? playground.run(ref.id) : undefined;
  return { ref, title: run ? `${run.target.name} ${run.id.replace('run-', '#')}` : 'Recorded result' };
}

/** What Traffic and the servers tree ask of the Playground. */
export function playgroundPort({ playground, editor }: Pick<PlaygroundParts, 'playground' | 'editor'>): PlaygroundPort {
  return {
    async resend({ target, argumentsText }: PlaygroundOpening, isAgreed: boolean) {
      await startShown({ playground, editor }, { target, argumentsText: argumentsText ?? '', sendAnyway: true, asTask: false, isAgreed }, 'resend');
    },
    async open({ target, argumentsText }: PlaygroundOpening) {
      playground.open(target, argumentsText);
      await editor.reveal();
    },
  };
}
