// The Traffic view as a person uses it: finds rows by what they say and the detail by what it shows. Roles and names, not
// class names, so that the view can be restyled without touching a test.
import type { Locator } from 'playwright-core';
import type { Workbench } from './workbench';

export class TrafficView {
  constructor(private readonly workbench: Workbench) {}

  async open(): Promise<void> {
    await this.workbench.runCommand('MCP Shark: Show Traffic');
    // The view is up when it has drawn something, were it only that nothing was recorded yet.
    await this.workbench.webview().locator('body :visible').first().waitFor({ timeout: 20_000 });
  }

  /** Rows that show every one of the texts, newest first or last as the view sorts them. */
  rows(...texts: readonly string[]): Locator {
    return texts.reduce((rows, text) => rows.filter({ hasText: text }), this.workbench.webview().getByRole('row'));
  }

  /** A tab of the detail: Overview, Request, Response, Timing. */
  async openDetailTab(name: string): Promise<void> {
    await this.workbench.webview().getByRole('tab', { name }).click();
  }

  /** Everything the view says at this moment. */
  async text(): Promise<string> {
    return this.workbench.webview().locator('body').innerText();
  }
}
