// Expansion of URI templates, held to the examples of RFC 6570, section 3.2, and against hostile ones.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandUriTemplate, MAX_TEMPLATE, parseUriTemplate, templateVariables, type TemplateValue } from '../../../src/extension/playground/uriTemplate';

const values = new Map<string, TemplateValue>(
  Object.entries({
    count: ['one', 'two', 'three'],
    dom: ['example', 'com'],
    dub: 'me/too',
    hello: 'Hello World!',
    half: '50%',
    var: 'value',
    who: 'fred',
    base: 'http://example.com/home/',
    path: '/foo/bar',
    list: ['red', 'green', 'blue'],
    keys: { semi: ';', dot: '.', comma: ',' },
    v: '6',
    x: '1024',
    y: '768',
    empty: '',
    empty_keys: [],
  }),
);
const expand = (template: string, given = values): string => expandUriTemplate(parseUriTemplate(template), given);

describe('expansion', () => {
  it.each([
    // 3.2.1
    ['{count}', 'one,two,three'], ['{count*}', 'one,two,three'], ['{/count}', '/one,two,three'], ['{/count*}', '/one/two/three'],
    ['{;count}', ';count=one,two,three'], ['{;count*}', ';count=one;count=two;count=three'], ['{?count}', '?count=one,two,three'],
    ['{?count*}', '?count=one&count=two&count=three'], ['{&count*}', '&count=one&count=two&count=three'],
    // 3.2.2
    ['{var}', 'value'], ['{hello}', 'Hello%20World%21'], ['{half}', '50%25'], ['O{empty}X', 'OX'], ['O{undef}X', 'OX'], ['{x,y}', '1024,768'],
    ['{x,hello,y}', '1024,Hello%20World%21,768'], ['?{x,empty}', '?1024,'], ['?{x,undef}', '?1024'], ['?{undef,y}', '?768'], ['{var:3}', 'val'],
    ['{var:30}', 'value'], ['{list}', 'red,green,blue'], ['{list*}', 'red,green,blue'], ['{keys}', 'semi,%3B,dot,.,comma,%2C'],
    ['{keys*}', 'semi=%3B,dot=.,comma=%2C'],
    // 3.2.3
    ['{+var}', 'value'], ['{+hello}', 'Hello%20World!'], ['{+half}', '50%25'], ['{base}index', 'http%3A%2F%2Fexample.com%2Fhome%2Findex'],
    ['{+base}index', 'http://example.com/home/index'], ['O{+empty}X', 'OX'], ['O{+undef}X', 'OX'], ['{+path}/here', '/foo/bar/here'],
    ['here?ref={+path}', 'here?ref=/foo/bar'], ['up{+path}{var}/here', 'up/foo/barvalue/here'], ['{+x,hello,y}', '1024,Hello%20World!,768'],
    ['{+path,x}/here', '/foo/bar,1024/here'], ['{+path:6}/here', '/foo/b/here'], ['{+list}', 'red,green,blue'], ['{+list*}', 'red,green,blue'],
    ['{+keys}', 'semi,;,dot,.,comma,,'], ['{+keys*}', 'semi=;,dot=.,comma=,'],
    // 3.2.4
    ['{#var}', '#value'], ['{#hello}', '#Hello%20World!'], ['{#half}', '#50%25'], ['foo{#empty}', 'foo#'], ['foo{#undef}', 'foo'],
    ['{#x,hello,y}', '#1024,Hello%20World!,768'], ['{#path,x}/here', '#/foo/bar,1024/here'], ['{#path:6}/here', '#/foo/b/here'],
    ['{#list}', '#red,green,blue'], ['{#keys*}', '#semi=;,dot=.,comma=,'],
    // 3.2.5
    ['{.who}', '.fred'], ['{.who,who}', '.fred.fred'], ['{.half,who}', '.50%25.fred'], ['www{.dom*}', 'www.example.com'], ['X{.var}', 'X.value'],
    ['X{.empty}', 'X.'], ['X{.undef}', 'X'], ['X{.var:3}', 'X.val'], ['X{.list}', 'X.red,green,blue'], ['X{.list*}', 'X.red.green.blue'],
    ['X{.keys}', 'X.semi,%3B,dot,.,comma,%2C'], ['X{.keys*}', 'X.semi=%3B.dot=..comma=%2C'], ['X{.empty_keys}', 'X'], ['X{.empty_keys*}', 'X'],
    // 3.2.6
    ['{/who}', '/fred'], ['{/who,who}', '/fred/fred'], ['{/half,who}', '/50%25/fred'], ['{/who,dub}', '/fred/me%2Ftoo'], ['{/var}', '/value'],
    ['{/var,empty}', '/value/'], ['{/var,undef}', '/value'], ['{/var,x}/here', '/value/1024/here'], ['{/var:1,var}', '/v/value'],
    ['{/list}', '/red,green,blue'], ['{/list*}', '/red/green/blue'], ['{/list*,path:4}', '/red/green/blue/%2Ffoo'],
    ['{/keys}', '/semi,%3B,dot,.,comma,%2C'], ['{/keys*}', '/semi=%3B/dot=./comma=%2C'],
    // 3.2.7
    ['{;who}', ';who=fred'], ['{;half}', ';half=50%25'], ['{;empty}', ';empty'], ['{;v,empty,who}', ';v=6;empty;who=fred'],
    ['{;v,bar,who}', ';v=6;who=fred'], ['{;x,y}', ';x=1024;y=768'], ['{;x,y,empty}', ';x=1024;y=768;empty'], ['{;hello:5}', ';hello=Hello'],
    ['{;list}', ';list=red,green,blue'], ['{;list*}', ';list=red;list=green;list=blue'], ['{;keys}', ';keys=semi,%3B,dot,.,comma,%2C'],
    ['{;keys*}', ';semi=%3B;dot=.;comma=%2C'],
    // 3.2.8
    ['{?who}', '?who=fred'], ['{?half}', '?half=50%25'], ['{?x,y}', '?x=1024&y=768'], ['{?x,y,empty}', '?x=1024&y=768&empty='],
    ['{?x,y,undef}', '?x=1024&y=768'], ['{?var:3}', '?var=val'], ['{?list}', '?list=red,green,blue'], ['{?list*}', '?list=red&list=green&list=blue'],
    ['{?keys}', '?keys=semi,%3B,dot,.,comma,%2C'], ['{?keys*}', '?semi=%3B&dot=.&comma=%2C'],
    // 3.2.9
    ['{&who}', '&who=fred'], ['{&half}', '&half=50%25'], ['?fixed=yes{&x}', '?fixed=yes&x=1024'], ['{&x,y,empty}', '&x=1024&y=768&empty='],
    ['{&var:3}', '&var=val'], ['{&list}', '&list=red,green,blue'], ['{&list*}', '&list=red&list=green&list=blue'],
    ['{&keys}', '&keys=semi,%3B,dot,.,comma,%2C'], ['{&keys*}', '&semi=%3B&dot=.&comma=%2C'],
  ])('of %j gives %j', (template, uri) => expect(expand(template)).toBe(uri));

  it('counts characters, not bytes, in a prefix, and encodes them as UTF-8', () => {
    expect(expand('{s:2}', new Map([['s', 'ä🦈x']]))).toBe('%C3%A4%F0%9F%A6%88');
  });

  it('encodes literals that no URI may have, and keeps those that are encoded', () => {
    expect(expand('a b/ü%20{var}')).toBe('a%20b/%C3%BC%20value');
  });

  it('gives for a simple variable what decodes to its value', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => decodeURIComponent(expand('{s}', new Map([['s', text]]))) === text));
  });
});

describe('a hostile template', () => {
  it.each(['{', 'a}', '{}', '{a', '{a{b}}', '{!a}', '{a b}', '{a:0}', '{a:10000}', '{a*:3}', '{*}', '{,}', '{a,}', '{%zz}', 'x'.repeat(MAX_TEMPLATE + 1), '{a}'.repeat(201)])(
    '%.20j is refused with a reason',
    (template) => expect(() => parseUriTemplate(template)).toThrow(/cannot be used: /),
  );

  it('that grows beyond measure with its values is refused', () => {
    expect(() => expand('{a}{a}{a}', new Map([['a', 'x'.repeat(50_000)]]))).toThrow(/longer than/);
  });

  it('never takes long, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'a', ',', '*', ':', '1', '+', '%', '.'), maxLength: 200 }), (template) => {
        try {
          expand(template);
        } catch (error) {
          expect(String(error)).toContain('cannot be used');
        }
      }),
    );
  });
});

it('variables are listed once, with what they take', () => {
  expect(templateVariables('x://{a}/{a}{/b*}{?q:3,r*}{q}')).toEqual([
    { name: 'a', hasPrefix: false },
    { name: 'b', hasPrefix: false },
    { name: 'q', hasPrefix: true },
    { name: 'r', hasPrefix: false },
  ]);
  expect(templateVariables('{broken')).toEqual([]);
});
