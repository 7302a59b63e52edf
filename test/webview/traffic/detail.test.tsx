/** The detail of calls that show each part of it: forms, both legs, headers, checks, long bodies, comments, output. */
import { act } from 'preact/test-utils';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FrameText } from '../../../src/extension/contract/traffic';
import { openView, type OpenView } from '../../support/webview/openView';
import { StubHost } from '../../support/webview/stubHost';
import { scenes } from '../../support/webview/scenes';
import { samples } from '../../support/webview/sampleCalls';

let view: OpenView;
afterEach(() => view.close());

async function open(sample: keyof typeof samples, tab?: string, form?: string): Promise<void> {
  view = await openView(scenes['samples']!);
  const index = Object.keys(samples).indexOf(String(sample));
  await act(async () => view.root.querySelector<HTMLElement>(`.call-row[data-index="${index}"]`)!.click());
  await view.settle();
  if (tab) await view.click(tab);
  if (form) await view.click(form);
}
const has = (selector: string): boolean => view.root.querySelector(selector) !== null;
const textOf = (selector: string): string => view.root.querySelector(selector)?.textContent ?? '';
const forms = (): string[] => [...view.root.querySelectorAll('.body-toolbar [role=radio]')].map((radio) => radio.textContent ?? '');

describe('the forms of a body', () => {
  it('are those that have something to show', async () => {
    await open('markdown', 'Request');
    expect(forms()).toEqual(['Tree', 'Raw', 'Hex']);
    await view.click('Response');
    expect(forms()).toEqual(['Tree', 'Raw', 'Rendered', 'Hex']);
    await view.click('Rendered');
    expect(textOf('.rendered .markdown')).toContain('Release notes');
  });

  it('fall back to the tree where the chosen one is not there, and come back', async () => {
    await open('markdown', 'Response', 'Rendered');
    await view.click('Request');
    expect(has('[role=tree]')).toBe(true);
    await view.click('Response');
    expect(has('.rendered')).toBe(true);
  });

  it('keep every digit in the tree', async () => {
    await open('resources', 'Response', 'Rendered');
    expect(textOf('.rendered')).toContain('12345678901234567890');
  });

  it('take ten thousand levels', async () => {
    await open('deep', 'Response');
    expect(has('.json-row')).toBe(true);
  });
});

describe('the two legs', () => {
  it('stand side by side with what differs marked', async () => {
    await open('http', 'Request', 'Both');
    expect(textOf('.legs-row.changed .legs-client mark')).toBe('9');
    expect([...view.root.querySelectorAll('.legs-client mark')].map((mark) => mark.textContent)).toContain('github__');
    expect(view.root.querySelectorAll('.legs-row.changed')).toHaveLength(2);
    await view.click('Compare what client and server saw');
    expect(view.stub.actions).toEqual(['compare w1/9 request with w1/9 upstreamRequest']);
  });

  it('have headers of their own, secrets marked', async () => {
    await open('http', 'Request', 'Headers');
    expect(textOf('.headers')).toContain('Bearer [redacted:bearer]hidden when it was recorded');
    expect(textOf('.headers')).toContain('Visual Studio Code/1.139.1');
    await view.click('Server');
    expect(textOf('.headers')).toContain('x-request-id');
    expect(textOf('.headers')).not.toContain('user-agent');
  });

  describe('of a long message', () => {
    const beginning = `{"text":"${'x'.repeat(2_000)}`;
    const openLong = async (near: Partial<FrameText>, far: Partial<FrameText>): Promise<void> => {
      const call = StubHost.prototype.call;
      spy = vi.spyOn(StubHost.prototype, 'call').mockImplementation(async function (this: StubHost, id: string) {
        const detail = (await call.call(this, id))!;
        const request: FrameText = { ...detail.request, text: beginning, truncated: true, bytes: 1_500_000 };
        return { ...detail, request: { ...request, ...near }, upstreamRequest: { ...request, leg: 'upstream', ...far } };
      });
      await open('markdown', 'Request');
    };
    let spy: { mockRestore(): void } | undefined;
    afterEach(() => spy?.mockRestore());

    it('are offered where they differ behind the beginning that is here, which says so', async () => {
      await openLong({}, { bytes: 1_500_007 });
      await view.click('Both');
      expect(textOf('.legs')).toContain('The first 1,000,000 characters are the same but for blanks');
      expect(textOf('.legs')).not.toContain('blanks only');
    });

    it('say that only the beginning is compared', async () => {
      await openLong({}, { text: beginning.replace('text', 'test') });
      await view.click('Both');
      expect(textOf('.legs')).toContain('Only the first 1,000,000 characters are compared here');
      expect(view.root.querySelectorAll('.legs-row.changed').length).toBeGreaterThan(0);
    });

    it('are not offered where nothing tells them apart', async () => {
      await openLong({}, {});
      expect(has('[title="What client and server saw, side by side"]')).toBe(false);
    });
  });

  it('are not offered where they are the same', async () => {
    await open('markdown', 'Request');
    expect(has('[title="What client and server saw, side by side"]')).toBe(false);
  });
});

describe('the check of the output', () => {
  it('is asked for once and shown with the result', async () => {
    await open('structured');
    await view.settle();
    expect(textOf('.overview')).toContain('2 places do not fit the output schema');
    expect(textOf('.problems')).toContain('/temperature must be a number, is text');
    expect(textOf('.overview')).toContain('The format "shark-name" is not known');
    await view.click('/humidity');
    expect(textOf('.json-row.target')).toContain('humidity:140');
  });
});

describe('a long body', () => {
  it('comes in parts, as text and as bytes', async () => {
    await open('big', 'Response', 'Raw');
    await view.settle();
    expect(textOf('.body-hint')).toContain('loaded in parts');
    expect(textOf('.long-text')).toContain('{"jsonrpc":"2.0"');
    await view.press('End', view.root.querySelector('.long-text')!);
    expect(textOf('.long-row.active')).toContain(']}}');
    await view.click('Hex');
    await view.settle();
    expect(textOf('.hex-row')).toContain('7b 22 6a 73');
  });

  it('is searched to its end, and says so', async () => {
    await open('big', 'Response', 'Raw');
    await view.click('Find (Ctrl+F)');
    const input = view.root.querySelector<HTMLInputElement>('.find-bar input')!;
    await act(async () => {
      input.value = 'at NEEDLE';
      input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    });
    for (let i = 0; i < 10; i += 1) await view.settle();
    expect(textOf('.find-count')).toBe('1 of 5');
    expect(has('.find-note')).toBe(false);
    expect(textOf('.long-row mark.current')).toContain('at ');
  });

  it('is drawn and walked through once it was loaded', async () => {
    await open('big', 'Response', 'Tree');
    await act(async () => [...view.root.querySelectorAll<HTMLElement>('button')].find((one) => one.textContent?.startsWith('Load all'))!.click());
    for (let i = 0; i < 10; i += 1) await view.settle();
    expect(textOf('[role=tree]')).toContain('content:');
    await view.click('Open in editor');
    expect(view.stub.actions).toEqual(['open w1/10 response']);
  });
});

describe('a comment', () => {
  const area = (): HTMLTextAreaElement => view.root.querySelector<HTMLTextAreaElement>('.note-input')!;
  const write = async (text: string): Promise<void> => {
    await act(async () => {
      area().value = text;
      area().dispatchEvent(new InputEvent('input', { bubbles: true }));
    });
  };

  it('is written on several lines and saved when the user says so', async () => {
    await open('markdown');
    await view.click('Add a comment…');
    expect(document.activeElement).toBe(area());
    await write('first\nsecond');
    // A key of the view is a letter here.
    await view.press('j', area());
    await view.press('Enter', area(), { ctrlKey: true });
    expect(view.stub.actions).toEqual(['annotate w1/1 {"comment":"first\\nsecond"}']);
    expect(textOf('.call-comment')).toBe('first\nsecond');
  });

  it('is begun from the menu of a call whose detail is not open', async () => {
    view = await openView(scenes['samples']!);
    const row = view.model.feed.rowAt(0)!;
    await act(async () => view.model.editComment(row));
    await view.settle();
    expect(document.activeElement).toBe(area());
  });

  it('leaves the keys of the editor around alone', async () => {
    await open('markdown');
    await view.click('Add a comment…');
    const heard: string[] = [];
    const listen = (event: KeyboardEvent): unknown => heard.push(event.key);
    window.addEventListener('keydown', listen);
    await view.press('F1', area());
    await view.press('Escape', area());
    window.removeEventListener('keydown', listen);
    expect(heard).toEqual(['F1']);
  });

  it('is given up with Escape, which closes nothing else', async () => {
    await open('markdown');
    await view.click('Add a comment…');
    await write('never mind');
    await view.press('Escape', area());
    expect(view.stub.actions).toEqual([]);
    expect(has('.note-input')).toBe(false);
    expect(has('.detail')).toBe(true);
  });

  it('stays where it could not be saved, and is taken away when it is emptied', async () => {
    await open('markdown');
    await view.click('Add a comment…');
    await write('keep me');
    const annotate = view.model.actions.annotate.bind(view.model.actions);
    view.model.actions.annotate = async () => false;
    await view.click('Save');
    expect(area().value).toBe('keep me');
    expect(textOf('.note-left')).toContain('was not saved');
    view.model.actions.annotate = annotate;
    await view.click('Save');
    await view.click('Edit the comment');
    await write('  ');
    await view.click('Save');
    expect(view.stub.actions.at(-1)).toBe('annotate w1/1 {"comment":null}');
  });

  it('cannot be longer than is kept', async () => {
    await open('markdown');
    await view.click('Add a comment…');
    await write('x'.repeat(10_001));
    expect(textOf('.note-left')).toBe('1 characters too long');
    expect(view.root.querySelector<HTMLButtonElement>('.note-actions .primary')!.disabled).toBe(true);
  });
});

describe('what belongs to a call', () => {
  it('is one exchange with its nested call, and the server output beside it', async () => {
    await open('exchange', 'Related (10)');
    expect(textOf('.related')).toContain('sampling/createMessage');
    expect(view.root.querySelectorAll('.output-lines li')).toHaveLength(4);
    expect(textOf('.output-lines')).toContain('info starting long operation');
    expect(textOf('.output-lines')).not.toContain('\\u001b');
    await view.click('Show the escape sequences that colour a terminal');
    expect(textOf('.output-lines')).toContain('\\u001b[32minfo');
    expect(textOf('.output-lines')).toContain('evil\\u202egnp.exe');
    await view.click('Open call');
    expect(view.model.selection.value?.id).toBe('w1/6');
  });

  it('stands on the time scale with its phases', async () => {
    await open('exchange', 'Timing');
    expect([...view.root.querySelectorAll('.phases tbody th')].map((cell) => cell.textContent)).toEqual(['All phases', 'Queue and gateway', 'Server', 'Streaming', 'Gateway, response', 'sampling/createMessage', 'Total']);
    await view.click('sampling/createMessage');
    expect(view.model.selection.value?.id).toBe('w1/6');
  });

  it('is said in the Overview, and leads there', async () => {
    await open('exchange');
    expect(textOf('.facts')).toContain('4 lines of server output');
    await view.click('1 nested call, 5 messages');
    expect(has('.related')).toBe(true);
  });
});

describe('an error', () => {
  it('shows code, message, data and the stack', async () => {
    await open('stack');
    expect(textOf('.failure')).toContain('Error -32603');
    expect(textOf('.failure')).toContain('position:15');
    expect(textOf('.failure-stack')).toContain('Parser.parseErrorMessage');
  });
});

describe('actions', () => {
  it('reach the host with what they are about', async () => {
    await open('media', 'Response', 'Rendered');
    await view.click('Save as…');
    await view.click('Pin this call: it is kept until it is unpinned');
    expect(view.stub.actions).toEqual(['content save w1/2 response /result/content/0', 'annotate w1/2 {"isPinned":true}']);
    await view.click('More actions for this call');
    await view.choose('Resend');
    expect(view.stub.actions.at(-1)).toBe('resend w1/2');
  });
});
