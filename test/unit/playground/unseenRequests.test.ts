// Questions of servers that come while nobody looks at the Playground: told, a few at a time, and never left without an end.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ServerRequest } from '../../../src/extension/contract/playgroundRequests';
import { UnseenRequests } from '../../../src/extension/playground/unseenRequests';
import { Emitter } from '../../../src/extension/util/event';
import { scriptedServer } from '../../support/gateway/gatewayFixture';
import { startPlayground, tool } from '../../support/playground/playgroundFixture';
import { eventually } from '../../support/gateway/waiting';

type View = 'visible' | 'hidden' | 'closed';
let view: View;
let cards: ServerRequest[];
let told: Map<string, (wanted: boolean) => void>;
let turnedDown: string[];
let shown: number;
const changed = new Emitter<void>();

beforeEach(() => {
  [view, cards, told, turnedDown, shown] = ['closed', [], new Map(), [], 0];
  const unseen = new UnseenRequests({
    requests: {
      get cards() {
        return cards;
      },
      cancelAll: (matches) => {
        const gone = cards.filter(matches).map(({ id }) => id);
        turnedDown.push(...gone);
        take(...gone);
      },
    },
    onDidChange: changed.event,
    view: () => view,
    tell: ({ id }) => new Promise((resolve) => told.set(id, resolve)),
    show: () => {
      shown += 1;
      view = 'visible';
    },
  });
  return () => unseen.dispose();
});

const ask = (...ids: string[]): void => {
  cards = [...cards, ...ids.map((id) => ({ id, server: 's', kind: 'form' }) as ServerRequest)];
  changed.fire();
};
const take = (...ids: string[]): void => {
  cards = cards.filter(({ id }) => !ids.includes(id));
  changed.fire();
};
const putAway = async (id: string, wanted: boolean): Promise<void> => {
  told.get(id)!(wanted);
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

describe('a question', () => {
  it('that can be seen is not told, also not when the view is hidden later', () => {
    view = 'visible';
    ask('a');
    view = 'hidden';
    changed.fire();
    expect([...told.keys()]).toEqual([]);
  });

  it.each<View>(['hidden', 'closed'])('that comes while the view is %s is told once, and Show leads to it', async (where) => {
    view = where;
    ask('a');
    changed.fire();
    expect([...told.keys()]).toEqual(['a']);
    await putAway('a', true);
    expect([shown, turnedDown]).toEqual([1, []]);
  });

  it('whose notice is put away waits in the tab that is there', async () => {
    view = 'hidden';
    ask('a');
    await putAway('a', false);
    changed.fire();
    expect([[...told.keys()], turnedDown, shown]).toEqual([['a'], [], 0]);
  });

  it('whose notice is put away while there is no view is turned down', async () => {
    ask('a', 'b');
    await putAway('a', false);
    expect(turnedDown).toEqual(['a']);
  });
});

describe('many questions', () => {
  it('are told three at a time, the others when one is done with', async () => {
    ask('a', 'b', 'c', 'd');
    expect([...told.keys()]).toEqual(['a', 'b', 'c']);
    await putAway('b', false);
    expect([...told.keys()]).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are not told one by one when the view is shown for one of them', async () => {
    ask('a', 'b', 'c', 'd');
    await putAway('a', true);
    view = 'hidden';
    changed.fire();
    expect([...told.keys()]).toEqual(['a', 'b', 'c']);
  });

  it('taken back at once make room, but only for so many notices', () => {
    for (let i = 0; i < 30; i += 1) {
      ask(`q${i}`);
      take(`q${i}`);
    }
    expect(told.size).toBe(10);
  });
});

it('a question in the course of a run whose view was closed ends the run when its notice is put away', async () => {
  const fixture = await startPlayground([scriptedServer('s', { tools: [{ name: 'ask', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }] })]);
  const notices: (() => void)[] = [];
  const { requests, onDidChange } = fixture.playground;
  const unseen = new UnseenRequests({ requests, onDidChange, view: () => 'closed', tell: () => new Promise((resolve) => notices.push(() => resolve(false))), show: () => undefined });
  try {
    await fixture.connect('s');
    const run = await fixture.start(tool('s', 'ask'), { method: 'elicitation/create', params: { message: 'Why?', requestedSchema: { type: 'object', properties: {} } } });
    fixture.playground.viewClosed();
    (await eventually('the notice', () => notices[0]))();
    expect(await fixture.settled(run)).toMatchObject({ status: 'ok' });
    expect((await fixture.playground.result(run))?.text).toContain('cancel');
  } finally {
    unseen.dispose();
    await fixture.close();
  }
});
