// The Servers tree in MCP Shark's activity-bar container, as a person sees it.
import type { Locator } from 'playwright-core';
import type { Workbench } from './workbench';

export class ServersTree {
  constructor(private readonly workbench: Workbench) {}

  async open(): Promise<void> {
    await this.workbench.page.locator('.activitybar').getByRole('tab', { name: /^MCP Shark/ }).click();
    await this.pane.waitFor();
  }

  /** The whole container: its tree, or what stands there instead. */
  get pane(): Locator {
    return this.workbench.page.locator('.part.sidebar');
  }

  /** The number on the container's icon. */
  badge(text: string): Locator {
    return this.workbench.page.locator('.activitybar').locator('[role=tab], .action-item').filter({ has: this.workbench.page.locator('[aria-label^="MCP Shark"]') }).locator('.badge-content', { hasText: new RegExp(`^${text}$`) }).first();
  }

  /** A row by what it says: name and description. */
  row(text: string | RegExp): Locator {
    return this.pane.getByRole('treeitem').filter({ hasText: text }).first();
  }

  /** Opens a row; one that is open stays so. */
  async expand(text: string | RegExp): Promise<void> {
    const row = this.row(text);
    if ((await row.getAttribute('aria-expanded')) !== 'true') await row.click();
    await this.pane.locator('[role=treeitem][aria-expanded=true]').filter({ hasText: text }).first().waitFor();
  }
}
