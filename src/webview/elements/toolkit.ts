/**
 * Owns the registration of the toolkit's elements and their JSX types. The toolkit is sunset upstream: only this
 * folder imports it, so that it can be replaced here. Never used inside rows of a list.
 */
import { provideVSCodeDesignSystem, vsCodeButton } from '@vscode/webview-ui-toolkit';

let registered = false;

export function registerToolkit(): void {
  if (registered) return;
  registered = true;
  provideVSCodeDesignSystem().register(vsCodeButton());
}
