// What is started from a saved call or a recorded one: its variables, and that it is shown while its server does not answer.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunRequest } from '../../../src/extension/contract/playgroundRuns';
import { runSaved } from '../../../src/extension/services/savedRuns';
import { ROOT } from '../../support/gateway/gatewayFixture';
import { neverAborted as signal, startApplication, type ApplicationFixture } from '../../support/playground/applicationFixture';
import { tool } from '../../support/playground/playgroundFixture';
import { cleanFolders } from '../../support/store/storeHarness';

let fixture: ApplicationFixture;
beforeEach(async () => {
  fixture = await startApplication();
});
afterEach(() => fixture?.close());
afterAll(cleanFolders);

const annotations = { readOnlyHint: true };
const count = { type: 'object', properties: { times: { type: 'integer', maximum: 5 } } };
const scripted = (script: object): object => ({ command: process.execPath, args: [`${ROOT}test/servers/scripted.mjs`], env: { SCRIPT: JSON.stringify({ tools: [{ name: 'echo', annotations, inputSchema: count }], resources: [], ...script }) } });

async function started(script: object = {}): Promise<void> {
  await fixture.configure({ s: scripted(script) });
  await fixture.application.setRouting(true);
  await fixture.api.ready(signal);
}

async function save(...calls: object[]): Promise<string> {
  const home = join(fixture.folder, '.vscode', 'mcp-shark');
  mkdirSync(home, { recursive: true });
  const file = join(home, 'team.json');
  writeFileSync(file, JSON.stringify({ version: 1, variables: { who: 'Ada' }, calls }));
  await fixture.saved.reload();
  return file;
}

describe('what was loaded from a saved call', () => {
  const loaded = (argumentsText: string, file: string | undefined, target: RunRequest['target'] = tool('s', 'echo')): RunRequest => ({
    target,
    argumentsText,
    sendAnyway: false,
    asTask: false,
    ...(file === undefined ? {} : { saved: { file, folder: '', name: 'Greet' } }),
  });
  const sent = (): string | undefined => fixture.playground.state.runs[0]?.argumentsText;

  it('is sent with its variables, from the file and from the person; and what was never saved as it is written', async () => {
    await started();
    const file = await save({ name: 'Greet', server: 's', tool: 'echo' });
    fixture.person.values.set('count', '3');
    const text = '{"text":"hello {{who}}","times":"{{count:json}}"}';
    expect((await fixture.api.start(loaded(text, file), signal)).kind).toBe('started');
    expect(fixture.playground.state.runs[0]).toMatchObject({ origin: 'saved', argumentsText: '{"text":"hello Ada","times":3}' });
    expect((await fixture.api.start(loaded('{"text":"{{who}}"}', undefined), signal)).kind).toBe('started');
    expect(sent()).toBe('{"text":"{{who}}"}');
  });

  it('is not sent where a value is not given, does not fit, or is no JSON where it must be', async () => {
    await started();
    const file = await save({ name: 'Greet', server: 's', tool: 'echo' });
    const run = () => fixture.api.start(loaded('{"times":"{{count:json}}"}', file), signal);
    expect(await run()).toEqual({ kind: 'declined' });
    fixture.person.values.set('count', '7');
    expect(await run()).toMatchObject({ kind: 'invalid', check: { kind: 'problems', problems: [{ path: '/times' }] } });
    fixture.person.values.set('count', 'many');
    await expect(run()).rejects.toThrow('The value of "count" must be JSON');
    expect(fixture.playground.state.runs).toEqual([]);
  });

  it.each([7, {}, { file: '/f', folder: '' }, { file: 1, folder: '', name: 'n' }])('is not asked for by a webview as %j', async (saved) => {
    await started();
    await expect(async () => fixture.api.start({ ...loaded('{}', undefined), saved: saved as never }, signal)).rejects.toThrow();
    expect(fixture.playground.state.runs).toEqual([]);
  });

  it('may be a resource whose URI has variables', async () => {
    await started();
    const file = await save({ name: 'Read', server: 's', resource: 'note:///{{path}}' });
    fixture.person.values.set('path', 'a.md');
    expect((await fixture.api.start(loaded('', file, { server: 's', kind: 'resource', name: 'note:///{{path}}' }), signal)).kind).toBe('started');
    expect(fixture.playground.state.runs[0]?.target.name).toBe('note:///a.md');
  });
});

describe('one whose server never answers', () => {
  const shown = () => fixture.until('a run that waits', ({ runs, opening }) => {
    const [run] = runs;
    return run?.waitsFor === 'server' && opening && 'run' in opening && opening.run === run.id ? run : undefined;
  });

  it('is shown from the start where it was saved, and can be cancelled', async () => {
    await started({ neverInitialize: true });
    await save({ name: 'Greet', server: 's', tool: 'echo' });
    const [file] = await fixture.api.savedCalls(signal);
    const start = runSaved({ playground: fixture.playground, saved: fixture.saved, person: fixture.person, editor: fixture.editor }, file!.calls[0]!.id);
    const run = await shown();
    expect(fixture.editor.did).toEqual(['reveal']);
    await fixture.api.cancel(run.id, signal);
    expect(await start).toEqual({ kind: 'started', run: run.id });
  });

  it('is shown from the start where it is sent again, and can be cancelled', async () => {
    await started({ neverInitialize: true });
    const resent = fixture.port.resend({ target: tool('s', 'echo'), argumentsText: '{}', isRedacted: false }, true);
    const run = await shown();
    expect(run.origin).toBe('resend');
    expect(fixture.editor.did).toEqual(['reveal']);
    await fixture.api.cancel(run.id, signal);
    await resent;
    expect(fixture.playground.run(run.id)?.status).toBe('cancelled');
  });
});
