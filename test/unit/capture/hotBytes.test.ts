// The binary form that is loaded is the source that is read.
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, it } from 'vitest';
import loadWabt from 'wabt';
import { hotBytes } from '../../../src/extension/capture/hotBytes';

it('hotBytes.ts holds what hotBytes.wat compiles to', async () => {
  const source = readFileSync(path.resolve(__dirname, '../../../src/extension/capture/hotBytes.wat'), 'utf8');
  const wabt = await loadWabt();
  const module = wabt.parseWat('hotBytes.wat', source, { simd: true, relaxed_simd: true });
  module.validate();
  const { buffer } = module.toBinary({});
  module.destroy();
  // After a change of the source, what stands here as expected goes into hotBytes.ts.
  expect(hotBytes).toBe(Buffer.from(buffer).toString('base64'));
});
