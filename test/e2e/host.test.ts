// Runs the host suite in a real editor. Its own tests print one line each; this one says whether they all passed.
import { expect, test } from 'vitest';
import { getTestEditor } from '../../scripts/lib/editor.mjs';
import { runHostSuite } from '../support/editor/hostSuite';

test('the suite inside the extension host passes', { timeout: 800_000 }, async () => {
  const { exitCode, passed, failed } = await runHostSuite(await getTestEditor(), (text) => process.stdout.write(text));
  expect({ exitCode, failed }).toEqual({ exitCode: 0, failed: 0 });
  expect(passed).toBeGreaterThan(0);
});
