/** Calls whose definitions the local checks say something of: marked in the list, filtered by, and found from their findings. */
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import type { FlaggedDefinition } from '../../../src/extension/contract/findings';
import { parseFilter } from '../../../src/extension/query/parser';
import { Flags } from '../../../src/webview/traffic/model/flags';
import { flush } from '../../support/webview/manualClock';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';
import { rowOf, ScriptedHost } from '../../support/webview/scriptedHost';

const flag = (more: Partial<FlaggedDefinition> = {}): FlaggedDefinition => ({
  server: 'github', method: 'tools/call', name: 'create_issue', severity: 'high', messages: ['Holds hidden text.'], calls: 'server:github tool:create_issue', ...more,
});

describe('a call', () => {
  const row = rowOf(1, { server: 'github', method: 'tools/call', name: 'create_issue' });
  const flagOf = async (flagged: readonly FlaggedDefinition[], more: Parameters<typeof rowOf>[1] = {}): Promise<FlaggedDefinition | undefined> => {
    const host = new ScriptedHost();
    host.flaggedNow = flagged;
    const flags = new Flags(host);
    flags.load();
    await flush();
    flags.dispose();
    return flags.of({ ...row, ...more });
  };

  it.each<[what: string, flagged: readonly FlaggedDefinition[], row: Parameters<typeof rowOf>[1], isFlagged: boolean]>([
    ['of the tool', [flag()], {}, true],
    ['of another tool of this name', [flag({ server: 'other' })], {}, false],
    ['of a prompt of this name', [flag({ method: 'prompts/get' })], {}, false],
    ['under the very version', [flag({ definition: 'a1' })], { definition: 'a1' }, true],
    ['under another version', [flag({ definition: 'a1' })], { definition: 'b2' }, false],
    ['under a version nobody knows', [flag({ definition: 'a1' })], {}, true],
    ['without a name', [flag()], { name: undefined } as never, false],
  ])('%s', async (_what, flagged, more, isFlagged) => {
    expect((await flagOf(flagged, more)) !== undefined).toBe(isFlagged);
  });

  it('is marked anew when the host says so', async () => {
    const host = new ScriptedHost();
    const flags = new Flags(host);
    flags.load();
    await flush();
    expect([flags.of(row), flags.filter]).toEqual([undefined, '']);
    host.flaggedNow = [flag(), flag({ name: 'say "hi"', calls: 'server:github tool:"say \\"hi\\""' })];
    host.flaggedChanged.fire(null);
    await flush();
    expect(flags.of(row)?.messages).toEqual(['Holds hidden text.']);
    expect(flags.filter).toBe('(server:github tool:create_issue) OR (server:github tool:"say \\"hi\\"")');
    expect(() => parseFilter(flags.filter)).not.toThrow();
    flags.dispose();
  });
});

describe('the view', () => {
  let view: OpenView;
  afterEach(() => view.close());
  const mark = (): HTMLElement | null => view.root.querySelector<HTMLElement>('.call-row .flag-mark');
  const flagged = [flag(), flag({ server: 'memory', name: 'search_nodes', severity: 'medium', messages: ['Gives orders.'], calls: 'server:memory tool:search_nodes' })];

  it('marks them with what was found, and filters by all of them', async () => {
    view = await openView({ ...scenes['busy']!, flagged });
    const marks = [...view.root.querySelectorAll<HTMLElement>('.flag-mark')];
    expect(marks.length).toBeGreaterThan(0);
    for (const one of marks) expect(one.closest('.call-row')?.textContent).toMatch(/create_issue|search_nodes/);
    expect(mark()?.getAttribute('aria-label')).toMatch(/Holds hidden text\.|Gives orders\./);
    await view.contextMenu(mark()!);
    await view.choose('Filter by: all that the checks');
    await view.settle();
    expect(view.model.feed.shownFilter.value).toBe('(server:github tool:create_issue) OR (server:memory tool:search_nodes)');
    const rows = [...view.root.querySelectorAll('.call-row[data-index]:not(.pending)')];
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) expect(row.textContent).toMatch(/create_issue|search_nodes/);
    expect(rows.filter((row) => !row.querySelector('.flag-mark')).map((row) => row.textContent)).toEqual([]);
  });

  it('marks them in groups as well', async () => {
    view = await openView({ ...scenes['busy']!, flagged, settings: { layout: 'server' } });
    expect(mark()).toBeNull();
    const group = [...view.root.querySelectorAll<HTMLElement>('.group-row')].find((one) => one.textContent?.includes('memory'))!;
    await act(async () => group.click());
    await view.settle();
    expect(mark()?.closest('.call-row')?.textContent).toContain('search_nodes');
  });

  it('leads from a finding of the detail to all calls it is about', async () => {
    view = await openView({ ...scenes['findings']!, findings: [{ ...scenes['findings']!.findings![0]!, calls: 'server:github' }] });
    await act(async () => view.root.querySelector<HTMLElement>('.call-row[data-index]')!.click());
    await view.settle();
    // The findings are asked for once the detail is drawn.
    await view.settle();
    await view.click('Show calls');
    await view.settle();
    expect(view.model.feed.shownFilter.value).toBe('server:github');
  });
});
