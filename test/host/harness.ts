// A test runner small enough to live in any extension host: declare with `test`, run in order, one line each, and throw at
// the end if one failed. The last line printed is "N passed, N failed". Every line is marked, because other extensions and
// the workbench print to the same place; the harness outside takes the marked ones.

interface Test {
  readonly name: string;
  readonly body: () => void | Promise<void>;
}

/** Before every line the suite prints. */
export const lineMark = 'suite| ';

const tests: Test[] = [];
const testTimeoutMs = 300_000;

/** Declares a test; the name is a sentence. Tests run in the order of their declaration and share the window. */
export function test(name: string, body: Test['body']): void {
  tests.push({ name, body });
}

/** Runs everything that was declared. */
export async function runDeclaredTests(): Promise<void> {
  let failed = 0;
  for (const { name, body } of tests) {
    const startedAt = performance.now();
    const error = await outcome(body);
    const elapsed = `${Math.round(performance.now() - startedAt)} ms`;
    if (error === undefined) {
      print(`  ok      ${name} (${elapsed})`);
    } else {
      failed++;
      print(`  FAILED  ${name} (${elapsed})\n${error.replaceAll(/^/gm, '          ')}`);
    }
  }
  print(`${tests.length - failed} passed, ${failed} failed`);
  if (failed > 0) throw new Error(`${failed} of ${tests.length} tests in the editor failed.`);
  if (tests.length === 0) throw new Error('The suite has no tests.');
}

function print(text: string): void {
  console.log(text.replaceAll(/^/gm, lineMark));
}

/** What went wrong, or undefined. */
async function outcome(body: Test['body']): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not finished after ${testTimeoutMs / 1000} s.`)), testTimeoutMs);
  });
  try {
    await Promise.race([body(), expiry]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    clearTimeout(timer);
  }
}
