// Once per run of the editor suites: the code that runs inside the editor is compiled from what is on disk now.
import { buildTests } from '../../scripts/lib/buildTests.mjs';

export async function setup(): Promise<void> {
  await buildTests();
}
