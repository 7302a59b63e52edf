// The binary forms of WebAssembly that are loaded are the sources that are read.
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { expect, it } from 'vitest';
import loadWabt from 'wabt';
import { hotBytes } from '../../../src/extension/capture/hotBytes';
import { stringBytes } from '../../../src/extension/mcp/stringBytes';

it.each([
  ['capture/hotBytes', hotBytes],
  ['mcp/stringBytes', stringBytes],
])('%s.ts holds what its .wat compiles to', async (name, base64) => {
  const source = readFileSync(path.resolve(__dirname, `../../../src/extension/${name}.wat`), 'utf8');
  const wabt = await loadWabt();
  const module = wabt.parseWat(`${name}.wat`, source, { simd: true, relaxed_simd: true });
  module.validate();
  const { buffer } = module.toBinary({});
  module.destroy();
  // After a change of the source, what stands here as expected goes into the .ts file.
  expect(base64).toBe(Buffer.from(buffer).toString('base64'));
});
