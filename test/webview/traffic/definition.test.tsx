/** The definition a call ran under, as the Overview tells it: which version, what it is now, and where it leads. */
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it } from 'vitest';
import type { DefinitionVersion } from '../../../src/extension/contract/governance';
import { DetailLoader } from '../../../src/webview/traffic/model/detailLoader';
import { flush, ManualClock } from '../../support/webview/manualClock';
import { openView, type OpenView } from '../../support/webview/openView';
import { scenes } from '../../support/webview/scenes';
import { rowOf, ScriptedHost } from '../../support/webview/scriptedHost';
import type { Scene } from '../../support/webview/stubHost';

const { definition: listed, ...scene } = scenes['definition']!;

describe('the Overview', () => {
  let view: OpenView;
  afterEach(() => view.close());

  async function open(definition?: DefinitionVersion, more: Partial<Scene> = {}): Promise<HTMLElement | null> {
    view = await openView({ ...scene, ...(definition ? { definition } : {}), ...more });
    await act(async () => [...view.root.querySelectorAll<HTMLElement>('.call-row[data-index]')].find((row) => row.textContent?.includes('create_issue'))!.click());
    // The definition is asked for once the detail is drawn.
    await view.settle();
    await view.settle();
    return view.root.querySelector<HTMLElement>('.definition-fact');
  }

  it.each<[text: string, version: Partial<DefinitionVersion>]>([
    ['0f3a91c27be4 | listed now, approved | Open | Filter by it', {}],
    ['0f3a91c27be4 | listed now, not approved | Open | Filter by it', { approvedMs: undefined! }],
    ['0f3a91c27be4 | an earlier version, approved | Open | Compare with now | Filter by it', { place: 'earlier' }],
    ['0f3a91c27be4 | no longer listed, not approved | Open | Filter by it', { place: 'last', approvedMs: undefined! }],
  ])('says: %s', async (text, version) => {
    const fact = await open({ ...listed!, ...version });
    expect([...fact!.querySelectorAll('code, code + span, button')].map((part) => part.textContent).join(' | ')).toBe(text);
    expect(fact!.closest('dd')!.previousElementSibling?.textContent).toBe('Definition');
  });

  it('says that its version is not known here, and still finds the other calls under it', async () => {
    const fact = await open(listed!, { isUnknown: true });
    expect([...fact!.querySelectorAll('code, code + span, button')].map((part) => part.textContent)).toEqual(['0f3a91c27be4', 'not known here', 'Filter by it']);
  });

  it('says nothing of it where the log does not know it', async () => {
    expect(await open()).toBeNull();
    expect(view.root.querySelector('.facts')).not.toBeNull();
  });

  it('leads to its text, to what changed since, and to the other calls under it', async () => {
    await open({ ...listed!, place: 'earlier' });
    const id = view.model.selectedRow.value!.id;
    await view.click('Open');
    await view.click('Compare with now');
    expect(view.stub.actions).toEqual([`definition ${id}`, `compare definition ${id}`]);
    await view.click('Filter by it');
    await view.settle();
    expect(view.model.feed.shownFilter.value).toBe('definition:0f3a91c27be4d508');
    expect(view.root.querySelectorAll('.call-row[data-index]:not(.pending)').length).toBeGreaterThan(0);
  });
});

describe('the question for it', () => {
  const row = rowOf(1, { definition: 'abababababababab' });
  const version: DefinitionVersion = { hash: 'ab'.repeat(32), firstSeenMs: 1, place: 'listed' };

  it('is asked once, and again when what is listed or approved may be something else', async () => {
    const host = new ScriptedHost();
    const loader = new DetailLoader(host, new ManualClock());
    loader.askDefinition(row);
    loader.askDefinition(row);
    expect(host.definitions.map(({ asked }) => asked)).toEqual([row.id]);
    expect(loader.definition.value).toEqual({ id: row.id });
    host.definitions[0]!.resolve(version);
    await flush();
    expect(loader.definition.value).toEqual({ id: row.id, isKnown: true, version });
    host.flaggedChanged.fire(null);
    expect(host.definitions).toHaveLength(2);
    // Until the answer is there, what was known stays.
    expect(loader.definition.value).toEqual({ id: row.id, isKnown: true, version });
    host.definitions[1]!.resolve({ ...version, place: 'earlier' });
    await flush();
    expect(loader.definition.value?.version?.place).toBe('earlier');
    loader.dispose();
  });

  it('is not asked where the log has none, and an answer for a call left meanwhile is dropped', async () => {
    const host = new ScriptedHost();
    const loader = new DetailLoader(host, new ManualClock());
    loader.askDefinition(rowOf(2));
    expect(host.definitions).toEqual([]);
    loader.askDefinition(row);
    loader.askDefinition({ ...row, id: 'w1/9' });
    host.definitions[0]!.resolve(version);
    await flush();
    expect(loader.definition.value).toEqual({ id: 'w1/9' });
    host.definitions[1]!.resolve(undefined);
    await flush();
    expect(loader.definition.value).toEqual({ id: 'w1/9', isKnown: true });
    loader.dispose();
  });
});
