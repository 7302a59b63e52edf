/** Whose resource it is: unique URIs stay as they are, shared ones are told apart, templates match in linear time. */
import { describe, expect, it } from 'vitest';
import { ResourceTable } from '../../../src/extension/mcp/resourceTable';
import { matchUriTemplate } from '../../../src/extension/mcp/uriTemplate';

describe('matchUriTemplate', () => {
  it.each([
    ['demo://text/{id}', 'demo://text/1', true],
    ['demo://text/{id}', 'demo://text/a/b', false],
    ['demo://text/{+id}', 'demo://text/a/b', true],
    ['demo://text/{id*}', 'demo://text/a/b', true],
    ['demo://{a}/x/{b}.md', 'demo://1/x/2.md', true],
    ['demo://{a}/x/{b}.md', 'demo://1/x/2.txt', false],
    ['demo://plain', 'demo://plain', true],
    ['demo://plain', 'demo://plain2', false],
    ['file:///{path}{?q}', 'file:///a?q=1', true],
    ['{broken', 'x', false],
  ])('%s and %s: %s', (template, uri, expected) => {
    expect(matchUriTemplate(template, uri) !== undefined).toBe(expected);
  });

  it('takes no time for a template made to be slow', () => {
    const started = performance.now();
    matchUriTemplate('{+a}'.repeat(1000) + 'x', 'a'.repeat(1_000_000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('ResourceTable', () => {
  it('leaves a URI that one server lists alone', () => {
    const table = new ResourceTable();
    expect(table.learn('a', 'x://1')).toBe('x://1');
    expect(table.ownerOf('x://1')).toEqual({ server: 'a', uri: 'x://1' });
    expect(table.hasMapped('a')).toBe(false);
  });

  it.each(['x://1', 'x://1#part', 'x://1?q=2'])('tells apart who of two servers means %s', (uri) => {
    const table = new ResourceTable();
    expect(table.learn('a', uri)).toBe(uri);
    const exposed = table.learn('b é', uri);
    expect(exposed).not.toBe(uri);
    expect(new URL(exposed).protocol).toBe('x:');
    expect(table.learn('b é', uri)).toBe(exposed);
    expect(table.ownerOf(exposed)).toEqual({ server: 'b é', uri });
    expect(table.ownerOf(uri)).toEqual({ server: 'a', uri });
    expect(table.exposedUri('b é', uri)).toBe(exposed);
    expect(table.exposedUri('a', uri)).toBe(uri);
  });

  it('does not take from a server what it has listed itself, though it is what the URI of another would be called', () => {
    const table = new ResourceTable();
    const taken = ['x://1', 'x://1#mcp-shark=b', 'x://1#mcp-shark=b.2'];
    for (const uri of taken) table.learn('a', uri);
    const exposed = table.learn('b', 'x://1');
    expect(taken.map((uri) => table.ownerOf(uri))).toEqual(taken.map((uri) => ({ server: 'a', uri })));
    expect(table.ownerOf(exposed)).toEqual({ server: 'b', uri: 'x://1' });
    expect(table.learn('b', 'x://1')).toBe(exposed);
  });

  it('nor a template', () => {
    const table = new ResourceTable();
    table.learnTemplate('a', 'x://{id}');
    table.learnTemplate('a', 'x://{id}#mcp-shark=b');
    const exposed = table.learnTemplate('b', 'x://{id}');
    expect(table.learnTemplate('b', 'x://{id}')).toBe(exposed);
    expect(table.ownerOf(exposed.replace('{id}', '7'))).toEqual({ server: 'b', uri: 'x://7' });
    expect(table.ownerOf('x://7#mcp-shark=b')).toEqual({ server: 'a', uri: 'x://7#mcp-shark=b' });
  });

  it('finds the owner by template, the closest one first', () => {
    const table = new ResourceTable();
    table.learnTemplate('a', 'x://{+all}');
    table.learnTemplate('b', 'x://text/{id}');
    expect(table.ownerOf('x://text/1')).toEqual({ server: 'b', uri: 'x://text/1' });
    expect(table.ownerOf('x://other')).toEqual({ server: 'a', uri: 'x://other' });
    expect(table.ownerOf('y://other')).toBeUndefined();
  });

  it('tells two servers with one template apart, and maps what comes of it', () => {
    const table = new ResourceTable();
    table.learnTemplate('a', 'x://text/{id}');
    const exposed = table.learnTemplate('b', 'x://text/{id}');
    const uri = exposed.replace('{id}', '7');
    expect(table.ownerOf(uri)).toEqual({ server: 'b', uri: 'x://text/7' });
    expect(table.ownerOf('x://text/7')).toEqual({ server: 'a', uri: 'x://text/7' });
    expect(table.exposedUri('b', 'x://text/7')).toBe(uri);
    expect(table.ownerOf(exposed)).toMatchObject({ server: 'b', uri: 'x://text/{id}' });
  });

  it('forgets a removed server', () => {
    const table = new ResourceTable();
    table.learn('a', 'x://1');
    table.learn('b', 'x://1');
    table.forget('b');
    expect(table.hasMapped('b')).toBe(false);
    expect(table.ownerOf('x://1')).toMatchObject({ server: 'a' });
  });
});
