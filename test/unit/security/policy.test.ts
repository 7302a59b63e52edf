/** What globs, allow lists and policies mean. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/extension/contract/governance';
import { DEFAULT_POLICY, listingOf, policyFrom, ruleForTool, ToolFilter } from '../../../src/extension/security/policy';
import type { ConfiguredServer } from '../../../src/extension/servers/types';

const denies = (glob: string, name: string): boolean => new ToolFilter('s', { hide: [], deny: [glob] }).ruleFor(name)?.rule === 'tools.deny';

describe('a glob', () => {
  it.each([
    ['delete_*', 'delete_file', true],
    ['delete_*', 'DELETE_File', true],
    ['delete_*', 'undelete_file', false],
    ['delete', 'delete_file', false],
    ['*', 'anything', true],
    ['*_x', 'a_x', true],
    ['get?', 'get1', true],
    ['get?', 'get', false],
    ['{read,write}_*', 'write_x', true],
    ['[a-c]*', 'Bx', true],
    ['!delete', 'other', false],
    ['!delete', '!delete', true],
    ['a(b|c)', 'ab', false],
    ['a(b|c)', 'a(b|c)', true],
    ['[!a]*', 'ab', false],
    ['[!a]*', 'bb', true],
    ['[]a]x', ']x', true],
    ['[a-', '[a-', true],
    ['{a,b{c,d}}_x', 'bd_x', true],
    ['{a}', '{a}', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['caf\u00e9*', 'CAFE\u0301_1', true],
  ])('%j over %j gives %s', (glob, name, expected) => {
    expect(denies(glob, name)).toBe(expected);
  });

  it.each(['.', '..', '.hidden', 'a/b', 'a/../b', '/', 'a\nb', '\n', 'a\\b', ' ', '\u2028', '💥', 'a//', '../..'])(
    'of a star leaves no name out that a server may think of: %j',
    (name) => {
      expect(denies('*', name)).toBe(true);
      expect(denies('delete_*', `delete_${name}`)).toBe(true);
      expect(denies('*_delete', `${name}_delete`)).toBe(true);
    },
  );

  it('ends, whatever glob and name are', () => {
    expect(denies('*a'.repeat(100), `${'a'.repeat(990)}b`)).toBe(false);
    expect(denies(`${'{a,b}'.repeat(40)}*`, 'a'.repeat(900))).toBe(false);
  });

  it('matches a name that is longer than any', () => {
    expect(denies('delete', 'x'.repeat(1001))).toBe(true);
  });

  it('agrees with a regular expression where one can be trusted', () => {
    const part = fc.constantFrom('a', 'b', '*', '?', '/', '.');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.stringMatching(/^[ab/.]{0,8}$/), (parts, name) => {
        const pattern = parts.map((one) => (one === '*' ? '[^]*' : one === '?' ? '[^]' : one === '.' ? '\\.' : one)).join('');
        expect(denies(parts.join(''), name)).toBe(new RegExp(`^${pattern}$`, 'i').test(name));
      }),
      { numRuns: 500 },
    );
  });

  it('matches its own name, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_./: -]{1,30}$/), (name) => {
        expect(denies(name, name)).toBe(true);
      }),
    );
  });
});

describe('the rule for a tool', () => {
  it('says which glob, and refuses what is denied though it is hidden as well', () => {
    const filter = new ToolFilter('files', { hide: ['*'], deny: ['delete_*', 'rm'] });
    expect(filter.ruleFor('delete_all')).toMatchObject({ rule: 'tools.deny', pattern: 'delete_*', refuses: true });
    expect(filter.ruleFor('delete_all')?.message).toContain('the configuration of server "files" denies its tool "delete_all"');
    expect(filter.ruleFor('read')).toMatchObject({ rule: 'tools.hide', pattern: '*', refuses: false });
  });

  const policy = (tools: Policy['tools']): Policy => ({ ...DEFAULT_POLICY, tools });

  it.each([
    [{ new: 'block', changed: 'flag' }, 'new', 'mcpShark.policy.tools.new'],
    [{ new: 'block', changed: 'flag' }, 'changed', undefined],
    [{ new: 'flag', changed: 'block' }, 'changed', 'mcpShark.policy.tools.changed'],
    [{ new: 'flag', changed: 'block' }, 'new', undefined],
    [{ new: 'block', changed: 'block' }, 'approved', undefined],
    [{ new: 'allow', changed: 'allow' }, 'changed', undefined],
  ] as const)('under %j a tool that is %s gives %s', (tools, state, expected) => {
    expect(ruleForTool(policy(tools), 's', 't', state)?.rule).toBe(expected);
  });

  it('shows a name of any length in short', () => {
    const rule = ruleForTool(policy({ new: 'block', changed: 'flag' }), 's', 'x'.repeat(1_000_000), 'new');
    expect(rule!.message.length).toBeLessThan(400);
  });
});

describe('an allow list', () => {
  const hash = 'a'.repeat(64);
  const server = (allowList?: string[]): ConfiguredServer => ({ name: 'github', config: { type: 'http', url: 'http://x', headers: {} }, file: '/f', line: 1, fingerprint: '', allowList });
  const policy = (allowList: string[]): Policy => ({ ...DEFAULT_POLICY, servers: 'allowListOnly', allowList });

  it.each([
    [[`sha256:${hash}`], undefined, 'approved'],
    [[`SHA256:${hash.toUpperCase()}`], undefined, 'approved'],
    [['github'], undefined, 'listed'],
    [['gitlab'], undefined, 'no'],
    [[], ['github'], 'listed'],
    [[], [`sha256:${hash}`], 'listed'],
    [[], undefined, 'no'],
    // A workspace does not widen what the user has listed.
    [['gitlab'], ['github', `sha256:${hash}`], 'no'],
  ] as const)("of the user's %j and the file's %j says %s", (own, teams, expected) => {
    expect(listingOf(policy([...own]), server(teams && [...teams]), hash)).toBe(expected);
  });
});

it('settings that cannot be read are the defaults', () => {
  expect(policyFrom(() => undefined)).toEqual(DEFAULT_POLICY);
  expect(policyFrom(() => ({ evil: true }))).toEqual(DEFAULT_POLICY);
  const all: Record<string, unknown> = { servers: 'allow', allowList: ['a', 1, null], 'tools.new': 'block', 'tools.changed': 'allow', findings: 'block' };
  expect(policyFrom((key) => all[key])).toEqual({ servers: 'allow', allowList: ['a'], tools: { new: 'block', changed: 'allow' }, findings: 'block' });
});
