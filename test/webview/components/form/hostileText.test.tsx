/** Text of a schema in a form, which a server writes to be read by the person who answers it: nothing in it is unseen. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FormDraft } from '../../../../src/webview/components/form/formDraft';
import { SchemaForm } from '../../../../src/webview/components/form/SchemaForm';
import { MenuController } from '../../../../src/webview/components/Menu';
import { visibleBlock } from '../../../../src/webview/components/visibleText';
import { mount, type Mount } from '../../../support/webview/mount';

const HIDDEN = '\u202egnp\u200b.exe\u{e0041}\u3164\ufe01\ufe02';
const hostile = (name: string): string => `${name}${HIDDEN}`;
const schema = JSON.stringify({
  type: 'object',
  required: [hostile('key')],
  properties: {
    [hostile('key')]: { type: 'string', title: hostile('title'), description: hostile('description'), default: hostile('default'), pattern: hostile('pattern') },
    long: { type: 'string', description: hostile('x'.repeat(270)) + 'y'.repeat(100) },
    number: { type: 'number', default: hostile('number') },
    boolean: { type: 'boolean', description: hostile('boolean') },
    choice: { oneOf: [{ const: 'a', title: hostile('choice'), description: hostile('of choice') }, { const: 'b', title: 'b' }] },
    many: { type: 'array', items: { enum: [hostile('one'), 'two'] }, uniqueItems: true },
    fixed: { const: hostile('fixed') },
    kinds: { oneOf: [{ title: hostile('kind'), type: 'object', properties: { k: { const: hostile('k') } } }, { title: 'other', type: 'object', properties: { o: { type: 'string' } } }] },
    any: { description: hostile('any') },
  },
});
const value = JSON.stringify({ choice: 'a', kinds: { k: hostile('k') }, long: 'z' });

let place: Mount;
beforeEach(() => {
  place = mount();
});
afterEach(() => place.close());

/** Every text and every attribute a person sees or hears. Inputs hold values, which stay as they are. */
function shown(root: HTMLElement): string[] {
  const attributes = [...root.querySelectorAll('*')].flatMap((element) => ['title', 'aria-label', 'placeholder'].map((name) => element.getAttribute(name) ?? ''));
  const texts = [...root.querySelectorAll('*')].filter((element) => !element.closest('textarea, .json-editor-body')).flatMap((element) => [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ textContent }) => textContent ?? ''));
  return [...attributes, ...texts];
}

describe('hostile text of a schema', () => {
  it('is written out wherever it stands', () => {
    const draft = new FormDraft(schema, value, undefined);
    draft.problems.value = [
      { path: '', message: hostile('whole') },
      { path: '/long', message: hostile('problem') },
      { path: '/kinds', message: hostile('deeper') },
    ];
    place.draw(<SchemaForm draft={draft} menus={new MenuController()} />);
    const all = shown(place.root);
    for (const name of ['key', 'title', 'description', 'default', 'boolean', 'choice', 'of choice', 'one', 'fixed', 'kind', 'any', 'whole', 'problem', 'deeper']) {
      expect(all.some((text) => text.includes(`${name}\\u202egnp\\u200b.exe\\u{e0041}\\u3164\\ufe01\\ufe02`)), name).toBe(true);
    }
    expect(all.filter((text) => visibleBlock(text) !== text)).toEqual([]);
  });

  it.each([
    ['a filler', 'a\u3164b'],
    ['a run of variation selectors', 'a\ufe01\ufe02'],
    ['a reversal', 'a\u202eb'],
    ['half a character', 'a\ud800'],
    ['a carriage return', 'a\r\nb'],
  ])('a value with %s is not put into an input that would hide or change it', (_what, text) => {
    const draft = new FormDraft('{"type":"object","properties":{"p":{"type":"string"}}}', JSON.stringify({ p: text }), undefined);
    place.draw(<SchemaForm draft={draft} menus={new MenuController()} />);
    expect(place.root.querySelector('.text-control')).toBeNull();
    expect(place.root.textContent).toContain('This text has characters an input cannot show.');
  });
});
