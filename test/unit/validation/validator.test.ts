/** The thread that checks: hostile schemas end it and not the process, and the next check finds a new one. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/extension/util/clock';
import { createValidator, type SchemaValidator } from '../../../src/extension/validation/validator';
import { bundle } from '../../support/bundles';

const workerFile = bundle('src/extension/validation/workerMain.ts', 'validationWorker.js');
const open: SchemaValidator[] = [];
const validator = (): SchemaValidator => {
  const made = createValidator({ workerFile, clock: systemClock });
  open.push(made);
  return made;
};
afterEach(() => open.splice(0).forEach((one) => one.dispose()));

describe('checking in a thread of its own', () => {
  it('gives what the check says', async () => {
    const one = validator();
    expect(await one.checkSchema('{"type":"string"}', '"a"')).toEqual({ kind: 'fits' });
    expect(await one.checkSchema('{"type":"string"}', '1')).toEqual({ kind: 'problems', problems: [{ path: '', message: 'must be text, is a whole number' }] });
  });

  it('gives up on a pattern that backtracks for ever, and checks the next all the same', async () => {
    const one = validator();
    const slow = one.checkSchema('{"pattern":"^(a+)+$"}', `"${'a'.repeat(50)}b"`);
    const next = one.checkSchema('{"type":"number"}', '1');
    expect(await slow).toEqual({ kind: 'unusable', message: 'checking took longer than 2 s.' });
    expect(await next).toEqual({ kind: 'fits' });
  });

  it('says so where the thread cannot start, and rejects after it was disposed of', async () => {
    const broken = createValidator({ workerFile: `${workerFile}.none`, clock: systemClock });
    expect(await broken.checkSchema('{}', '1')).toMatchObject({ kind: 'unusable', message: expect.stringContaining('checking failed') });
    broken.dispose();
    await expect(broken.checkSchema('{}', '1')).rejects.toMatchObject({ code: 'cancelled' });
  });
});
