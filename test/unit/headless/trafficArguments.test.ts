/** The command line of `npm run traffic`: every filter the language knows can be given, and what is wrong is said. */
import { describe, expect, it } from 'vitest';
import { trafficArguments } from '../../../src/extension/headless/trafficArguments';

describe('a filter', () => {
  it.each([
    ['-method:ping'],
    ['-(tool:search* OR method:ping) server:github'],
    ['-'],
    ['server:github -method:ping'],
    ['"--flag"'],
    [''],
  ])('is taken as it is written: %s', (filter) => {
    expect(trafficArguments(['--filter', filter, '--store', 'dir']).filter).toBe(filter);
    expect(trafficArguments(['--store', 'dir', `--filter=${filter}`]).filter).toBe(filter);
  });

  it('that was forgotten is said to be missing, not taken from what comes next', () => {
    expect(() => trafficArguments(['--store', 'dir', '--filter'])).toThrow(/--filter/);
    expect(() => trafficArguments(['--filter', '--store', 'dir'])).toThrow(/--filter/);
  });

  it('given twice counts as it was given last', () => {
    expect(trafficArguments(['--store', 'dir', '--filter', '-a', '--filter', '-b']).filter).toBe('-b');
  });
});

describe('the others', () => {
  it('have what is usual where they are not given', () => {
    expect(trafficArguments(['--store', 'dir'])).toEqual({ store: 'dir', filter: '', scope: 'all' });
  });

  it.each([
    [[], '--store is needed'],
    [['--store', 'dir', '--format', 'csv'], '--format csv is not known'],
    [['--store', 'dir', '--scope', 'here'], '--scope here is not known'],
    [['--store', 'dir', '--filtre', 'x'], '--filtre'],
  ])('%j: %s', (args, message) => {
    expect(() => trafficArguments(args)).toThrow(message);
  });
});
