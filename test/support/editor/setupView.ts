// The Setup view as a person uses it: finds things by role and name, so that the view can be restyled without touching a test.
import type { FrameLocator, Locator } from 'playwright-core';
import type { Workbench } from './workbench';

export class SetupView {
  constructor(private readonly workbench: Workbench) {}

  /** The page inside the editor tab that is in front. */
  get frame(): FrameLocator {
    return this.workbench.webview();
  }

  /** Opens the view, or brings it to the front. */
  async open(): Promise<void> {
    await this.workbench.runCommand('MCP Shark: Set Up Servers');
    await this.frame.locator('.setup-body, .stage, .preview').first().waitFor();
  }

  async press(name: string | RegExp): Promise<void> {
    await this.button(name).click();
  }

  button(name: string | RegExp): Locator {
    return this.frame.getByRole('button', { name, exact: typeof name === 'string' }).first();
  }

  /** One of the sections, by its heading. */
  section(name: string): Locator {
    return this.frame.getByRole('region', { name: new RegExp(`^${name}`) });
  }

  /** The row of a server that goes through MCP Shark, or was found. */
  row(name: string): Locator {
    return this.frame.locator('.row').filter({ has: this.frame.locator('.row-name', { hasText: new RegExp(`^${name}$`) }) });
  }

  /** Opens a row; one that is open stays so. */
  async expand(name: string): Promise<Locator> {
    const row = this.row(name).first();
    const toggle = row.locator('.row-toggle');
    if ((await toggle.getAttribute('aria-expanded')) !== 'true') await toggle.click();
    await row.locator('.row-toggle[aria-expanded=true]').waitFor();
    return row;
  }

  async choose(name: string): Promise<void> {
    await this.frame.getByRole('checkbox', { name: `Choose ${name}`, exact: true }).check();
  }

  async text(): Promise<string> {
    return this.frame.locator('body').innerText();
  }
}
