// The Playground as a person uses it: finds things by role and name, so that the view can be restyled without touching a test.
import type { FrameLocator, Locator } from 'playwright-core';
import { pollUntil, soonMs, startMs } from './poll';
import type { Workbench } from './workbench';

export class PlaygroundView {
  constructor(private readonly workbench: Workbench) {}

  /** The page inside the editor tab that is in front. */
  get frame(): FrameLocator {
    return this.workbench.webview();
  }

  async open(): Promise<void> {
    await this.workbench.runCommand('MCP Shark: Open Playground');
    await this.frame.getByRole('tab', { name: 'Catalogue' }).waitFor({ timeout: startMs });
  }

  /** The row of a server in the catalogue. */
  server(name: string): Locator {
    return this.frame.locator('[role=treeitem][aria-level="1"]').filter({ has: this.frame.getByText(name, { exact: true }) });
  }

  /** Opens a server's branch, which starts the server. */
  async openServer(name: string): Promise<void> {
    if ((await this.server(name).getAttribute('aria-expanded')) !== 'true') await this.server(name).click();
    await this.frame.locator('[role=treeitem][aria-level="2"]').first().waitFor({ timeout: startMs });
  }

  /** Goes to a page of the side: Catalogue, Saved, History. */
  async page(name: string): Promise<void> {
    await this.frame.getByRole('tab', { name, exact: true }).click();
  }

  async search(text: string): Promise<void> {
    await this.frame.getByRole('searchbox').fill(text);
  }

  item(name: string): Locator {
    return this.frame.getByRole('treeitem').filter({ has: this.frame.getByText(name, { exact: true }) }).first();
  }

  /** Chooses a tool, prompt, resource or template by what the catalogue calls it. */
  async choose(name: string): Promise<void> {
    await this.search(name);
    await this.item(name).waitFor({ timeout: startMs });
    await this.chooseRow(this.item(name), name);
  }

  /** Presses the row of what is called so until it is chosen: rows move while a search comes in, so that the first press may go amiss. */
  async chooseRow(row: Locator, name: string): Promise<void> {
    const isChosen = await pollUntil(async () => {
      await row.click({ timeout: 5_000 }).catch(() => {});
      const done = await this.chosen(name).waitFor({ timeout: 5_000 }).then(() => true, () => false);
      return { done, value: done };
    }, startMs);
    if (!isChosen) throw new Error(`"${name}" could not be chosen.`);
    await this.frame.getByRole('button', { name: 'Run', exact: true }).waitFor();
  }

  /** The title of what is chosen, where it is called so: by its name, or by the one it has for people. */
  chosen(name: string): Locator {
    const title = this.frame.locator('.middle .pane-title');
    return title.and(this.frame.getByText(name, { exact: true }).or(this.frame.getByTitle(name, { exact: true })));
  }

  /** A field by the JSON Pointer of its value. */
  field(pointer: string): Locator {
    return this.frame.locator(`.middle [data-pointer="${pointer}"]`);
  }

  async fill(pointer: string, text: string): Promise<void> {
    await this.field(pointer).locator('textarea, input').first().fill(text);
  }

  /** Shows the arguments as a form or as JSON. */
  async showForm(form: 'Form' | 'JSON'): Promise<void> {
    await this.frame.locator('.middle').getByRole('radio', { name: form }).click();
  }

  /** Writes the arguments as JSON, and goes back to the form. */
  async writeJson(text: string): Promise<void> {
    await this.showForm('JSON');
    await this.frame.getByLabel('Arguments as JSON').fill(text);
    await this.showForm('Form');
  }

  /** Presses Run and no more: a tool that may destroy something is asked about first. */
  async pressRun(button = 'Run'): Promise<void> {
    await this.frame.locator('.middle').getByRole('button', { name: button, exact: true }).click();
  }

  /** Runs, agrees where the editor asks, and waits until the new run is the one that is shown. */
  async run(button = 'Run'): Promise<void> {
    const before = await this.tabs().count();
    await this.pressRun(button);
    const agree = this.workbench.dialog.getByRole('button', { name: 'Run', exact: true });
    const isStarted = await pollUntil(async () => {
      if (await agree.isVisible()) await agree.click();
      const done = (await this.tabs().count()) > before && (await this.tabs().first().getAttribute('aria-selected')) === 'true';
      return { done, value: done };
    }, startMs);
    if (!isStarted) throw new Error('The run did not start.');
  }

  /** Says no where the editor asks. */
  async refuse(): Promise<void> {
    await this.workbench.answerDialog('Cancel');
  }

  /** The tabs of the runs, newest first. */
  tabs(): Locator {
    return this.frame.getByRole('tablist', { name: 'Runs' }).getByRole('tab');
  }

  /** The pane of the result, cards of servers included. */
  get result(): Locator {
    return this.frame.getByRole('region', { name: 'Result', exact: true });
  }

  /** The card of a request of a server. */
  get card(): Locator {
    return this.frame.getByRole('article').first();
  }

  /** Waits until the newest run has come to an end, and gives the word for how. */
  async settled(timeoutMs = soonMs): Promise<string> {
    return pollUntil(async () => {
      const word = (await this.result.locator('.run-status').last().textContent()) ?? '';
      return { done: word !== '' && word !== 'Running', value: word };
    }, timeoutMs);
  }

  /** What came back, without the names around it. */
  async resultText(): Promise<string> {
    // Not the inner text: what is not yet laid out has none.
    return (await this.result.getByRole('region', { name: 'Content of the result' }).last().textContent()) ?? '';
  }
}
