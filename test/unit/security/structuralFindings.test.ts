/** What policy is told of the form of a server's tools: nothing that was found is ever forgotten into passing. */
import { describe, expect, it } from 'vitest';
import { createScanner } from '../../../src/extension/security/scanner';
import { StructuralFindings } from '../../../src/extension/security/structuralFindings';
import { nullLogger } from '../../../src/extension/util/logger';

const bytesOf = (description: string): Buffer => Buffer.from(JSON.stringify({ name: 't', description, inputSchema: { type: 'object' } }));
const hidden = bytesOf('a\u{E0041}\u{E0042}\u{E0043}b');
const plain = bytesOf('Adds two numbers.');
const findings = (): StructuralFindings => new StructuralFindings('demo', createScanner(), nullLogger);

describe('structural findings of a server', () => {
  it('are known at a call, when the definition is not at hand', () => {
    const known = findings();
    const finding = known.of('evil', 'h', hidden);
    expect(finding).toMatch(/hidden/i);
    expect(known.of('evil', 'h', undefined)).toBe(finding);
    expect(known.of('good', 'g', plain)).toBeUndefined();
    expect(known.of('good', 'g', undefined)).toBeUndefined();
  });

  it('stay known however many tools a server lists', () => {
    const known = findings();
    const finding = known.of('evil', 'h', hidden);
    for (let k = 0; k < 25_000; k++) known.of(`t${k}`, `h${k}`, plain);
    expect(known.of('evil', 'h', undefined)).toBe(finding);
    expect(known.of('t24999', 'h24999', undefined)).toBeUndefined();
  });

  it('count for a tool whose check is no longer known, until it is listed again', () => {
    const known = findings();
    for (let k = 0; k < 10_001; k++) known.of(`t${k}`, `h${k}`, plain);
    expect(known.of('t0', 'h0', undefined)).toContain('listed and checked again');
    expect(known.of('t0', 'h0', plain)).toBeUndefined();
    expect(known.of('t0', 'h0', undefined)).toBeUndefined();
  });

  it('are none for a tool that no list names', () => {
    expect(findings().of('unlisted', '', undefined)).toBeUndefined();
  });

  it('are what could not be checked, too', () => {
    const broken = new StructuralFindings('demo', { definition: () => { throw new Error('x'); } }, nullLogger);
    expect(broken.of('t', 'h', plain)).toBe('it could not be checked');
    expect(broken.of('t', 'h', undefined)).toBe('it could not be checked');
  });
});
