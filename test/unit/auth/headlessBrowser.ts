/** A browser without a screen: follows redirects, keeps cookies per host, stops where a page is shown. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

const MAX_STEPS = 20;

export class HeadlessBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();
  readonly opened: string[] = [];

  async open(url: string): Promise<Page> {
    this.opened.push(url);
    let current = new URL(url);
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const jar = this.#jar(current.host);
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(current, { redirect: 'manual', headers: cookie === '' ? {} : { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (value === '') jar.delete(name);
        else jar.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) return { url: current.href, status: response.status, text: await response.text() };
      await response.body?.cancel();
      current = new URL(location, current);
    }
    throw new Error('The browser was sent in circles');
  }

  #jar(host: string): Map<string, string> {
    let jar = this.#cookies.get(host);
    if (!jar) this.#cookies.set(host, (jar = new Map()));
    return jar;
  }
}
