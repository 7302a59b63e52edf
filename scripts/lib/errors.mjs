// The one error class of the scripts: a failure whose message already says what, where and what to do next, so that the
// command line prints it without a stack. Anything else that escapes is a bug in the scripts and is printed with its stack.
import { endWithNpm } from './parent.mjs';

export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/**
 * Runs a script's main function and turns what it throws into an exit code.
 * @param {() => Promise<number | void>} main
 */
export async function runMain(main) {
  endWithNpm();
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
