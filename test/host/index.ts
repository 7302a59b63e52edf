// The suite that VS Code runs in its extension host (`extensionTestsPath`): the same compiled file in a desktop VS Code and
// in code-server. Each test file declares its tests when it is imported.
import './tests/activation';
import './tests/mainJob';
import './tests/routing';
import './tests/definitions';
import './tests/dynamicTools';
import './tests/configuration';
import './tests/proxySettings';
import { runDeclaredTests } from './harness';

export function run(): Promise<void> {
  return runDeclaredTests();
}
