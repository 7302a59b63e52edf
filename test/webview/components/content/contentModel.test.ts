/** What is read as content, of any revision of the protocol and of any form, and how its bytes are judged. */
import { describe, expect, it } from 'vitest';
import { hasContent, readBlocks, readResult } from '../../../../src/webview/components/content/contentModel';
import { treePlace, valueAt } from '../../../../src/webview/components/content/jsonPointer';
import { isCheapMarkdown, looksLikeMarkdown } from '../../../../src/webview/components/content/markdownBudget';
import { canDraw, cleanBase64, isTameSvg, mediaFacts } from '../../../../src/webview/components/content/media';
import { formsOf } from '../../../../src/webview/components/content/TextContent';
import { isWebLink } from '../../../../src/webview/components/content/LinkText';
import { HUGE_PNG, PNG, toneWav } from '../../../support/webview/sampleMedia';

describe('blocks', () => {
  it.each<[what: string, value: unknown, blocks: unknown[]]>([
    ['text with annotations', [{ type: 'text', text: 'a', annotations: { audience: ['user'], priority: 0.5 } }], [{ kind: 'text', text: 'a', pointer: '/0', annotations: { audience: ['user'], priority: 0.5 } }]],
    ['an image', [{ type: 'image', data: 'AA==', mimeType: 'image/png' }], [{ kind: 'image', data: 'AA==', mimeType: 'image/png', pointer: '/0' }]],
    ['audio', [{ type: 'audio', data: 'AA==', mimeType: 'audio/wav' }], [{ kind: 'audio', data: 'AA==', mimeType: 'audio/wav', pointer: '/0' }]],
    ['an embedded text', [{ type: 'resource', resource: { uri: 'a:b', text: 'x', mimeType: 'text/plain' } }], [{ kind: 'text', text: 'x', uri: 'a:b', mimeType: 'text/plain', pointer: '/0' }]],
    ['an embedded picture', [{ type: 'resource', resource: { uri: 'a:b', blob: 'AA==', mimeType: 'image/gif' } }], [{ kind: 'image', data: 'AA==', uri: 'a:b', mimeType: 'image/gif', pointer: '/0' }]],
    ['a resource link', [{ type: 'resource_link', uri: 'a:b', name: 'n', size: 3 }], [{ kind: 'link', uri: 'a:b', name: 'n', size: 3, pointer: '/0' }]],
    ['what resources/read gives', [{ uri: 'a:b', blob: 'AA==' }], [{ kind: 'blob', data: 'AA==', uri: 'a:b', pointer: '/0' }]],
    ['a single block', { type: 'text', text: 'a' }, [{ kind: 'text', text: 'a', pointer: '' }]],
    ['messages with one block or several', [{ role: 'user', content: { type: 'text', text: 'a' } }, { role: 'assistant', content: [{ type: 'text', text: 'b' }] }], [{ kind: 'text', text: 'a', role: 'user', pointer: '/0/content' }, { kind: 'text', text: 'b', role: 'assistant', pointer: '/1/content/0' }]],
    ['the use of a tool', [{ type: 'tool_use', id: '1', name: 't', input: { a: 1 } }], [{ kind: 'toolUse', name: 't', input: { a: 1 }, pointer: '/0' }]],
    ['an unknown type', [{ type: 'hologram' }], [{ kind: 'json', value: { type: 'hologram' }, pointer: '/0' }]],
    ['an image without data', [{ type: 'image' }], [{ kind: 'json', value: { type: 'image' }, pointer: '/0' }]],
    ['no objects', [null, 3, 'text'], [{ kind: 'json', value: null, pointer: '/0' }, { kind: 'json', value: 3, pointer: '/1' }, { kind: 'text', text: 'text', pointer: '/2' }]],
  ])('of %s', (_what, value, blocks) => {
    expect(readBlocks(value)).toEqual(blocks);
  });
});

describe('results', () => {
  it('keep apart content, structured content, facts and the rest', () => {
    expect(readResult({ content: [{ type: 'text', text: 'a' }], structuredContent: { b: 1 }, isError: true, model: 'm', extra: [1], _meta: {} }, '/result')).toEqual({
      blocks: [{ kind: 'text', text: 'a', pointer: '/result/content/0' }],
      omitted: 0,
      structured: { value: { b: 1 }, pointer: '/result/structuredContent' },
      isError: true,
      facts: [['model', 'm']],
      rest: { extra: [1] },
    });
  });

  it('show the filled form of an elicitation as what it is', () => {
    expect(readResult({ action: 'accept', content: { name: 'Ada' } })).toMatchObject({ blocks: [], facts: [['action', 'accept']], rest: { content: { name: 'Ada' } } });
  });

  it('take anything', () => {
    for (const value of [undefined, null, 0, 'x', [], [1]]) expect(readResult(value).isError).toBe(false);
    expect(hasContent({ tools: [] })).toBe(false);
    expect(hasContent({ contents: [] })).toBe(true);
  });
});

describe('media', () => {
  it.each<[what: string, base64: string, actual: string | undefined, verdict: string]>([
    ['a picture', PNG, 'image/png', 'yes'],
    ['a picture that says it is huge', HUGE_PNG, 'image/png', 'pixels'],
    ['a tone', toneWav(), 'audio/wav', 'kind'],
    ['a GIF of a pixel', btoa('GIF89a\x01\0\x01\0'), 'image/gif', 'yes'],
    ['a JPEG with its size after other segments', btoa('\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\0\x20\0\x30' + '\0'.repeat(10)), 'image/jpeg', 'yes'],
    ['a JPEG without a size', btoa('\xff\xd8\xff\xe0\0\x04ab'), 'image/jpeg', 'unknownSize'],
    ['a WebP', btoa('RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x07\0\0\x03\0\0'), 'image/webp', 'yes'],
    ['a script that says it is a picture', btoa('<script>alert(1)</script>'), undefined, 'kind'],
    ['an SVG behind a declaration', btoa('<?xml version="1.0"?><!-- a --><svg xmlns="x">'), 'image/svg+xml', 'kind'],
    ['nothing', '', undefined, 'kind'],
  ])('%s is what its bytes say', (_what, base64, actual, verdict) => {
    const facts = mediaFacts(cleanBase64(base64) ?? '');
    expect(facts.actual).toBe(actual);
    expect(canDraw(facts)).toBe(verdict);
  });

  it.each<[string, string | undefined]>([
    ['AA==', 'AA=='],
    ['AA', 'AA=='],
    ['A-_\nA', 'A+/A'],
    ['A', undefined],
    ['<b>', undefined],
    ['AA="onload="', undefined],
  ])('base64 %j is %j', (data, clean) => {
    expect(cleanBase64(data)).toBe(clean);
  });

  it('draws no SVG that could take long', () => {
    expect(isTameSvg('<svg><rect/></svg>')).toBe(true);
    expect(isTameSvg('<svg><!ENTITY a "b"></svg>')).toBe(false);
    expect(isTameSvg(`<svg>${'<use href="#a"/>'.repeat(21)}</svg>`)).toBe(false);
    expect(isTameSvg('<svg><foreignObject/></svg>')).toBe(false);
    expect(isTameSvg(`<svg>${' '.repeat(200_001)}</svg>`)).toBe(false);
  });
});

describe('text', () => {
  it.each<[text: string, isJson: boolean, mimeType: string | undefined, forms: string[]]>([
    ['{"a":1}', true, undefined, ['json', 'text']],
    ['# Title', false, undefined, ['markdown', 'text']],
    ['plain words', false, undefined, ['text']],
    ['plain words', false, 'text/markdown', ['markdown', 'text']],
    ['# a comment', false, 'text/x-python', ['text']],
    ['*_'.repeat(5_000), false, 'text/markdown', ['text']],
  ])('%j as JSON %s, declared %s, has the forms %j', (text, isJson, mimeType, forms) => {
    expect(formsOf(text, isJson, mimeType)).toEqual(forms);
  });

  it.each(['- item', '1. one', '> quoted', '**bold** text', '[a](https://b)', 'a | b\n--- | ---', '```\ncode'])('%j looks like Markdown', (text) => {
    expect(looksLikeMarkdown(text)).toBe(true);
  });

  it.each([
    ['quotes in quotes', '>'.repeat(21)],
    ['lists in lists', `${'- '.repeat(21)}a`],
    ['marks in one paragraph', '*_'.repeat(1_001)],
    ['marks in many paragraphs', '*_*_\n\n'.repeat(2_001)],
    ['lines', 'a\n'.repeat(2_001)],
    ['letters', 'a'.repeat(50_001)],
  ])('too many %s are not parsed', (_what, text) => {
    expect(isCheapMarkdown(text)).toBe(false);
  });

  it.each<[string, boolean]>([
    ['https://example.com/a?b#c', true],
    ['HTTP://EXAMPLE.com', true],
    ['javascript:alert(1)', false],
    ['command:workbench.action.quit', false],
    ['file:///etc/passwd', false],
    ['//example.com', false],
    ['https://', false],
    ['https:// example.com', false],
    ['data:text/html,x', false],
  ])('%s is a web link: %s', (url, isLink) => {
    expect(isWebLink(url)).toBe(isLink);
  });
});

describe('JSON Pointers', () => {
  it('lead to values and to places of the tree', () => {
    expect(valueAt({ 'a/b': [{ 'c~': 1 }] }, '/a~1b/0/c~0')).toBe(1);
    expect(valueAt({ a: 1 }, '/constructor')).toBeUndefined();
    expect(treePlace('/a/0')).toEqual({ path: '$\0a\x000', parents: ['$', '$\0a'] });
  });
});
