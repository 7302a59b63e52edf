/** Owns finding servers reached over the network without encryption: by their own address, or by one in a bridge's arguments. */
import type { ConfigHit, ConfigRule } from '../findings';

/** An address that a word begins with, or that follows an equals sign in it. */
const ADDRESS = /(?:^|=)(http:\/\/[^\s"'`<>\\]+)/i;

export const plainHttp: ConfigRule = {
  id: 'config.plainHttp',
  tier: 'structural',
  *check({ config }) {
    if (config.type !== 'stdio') {
      const hit = hitFor(config.url, ['url']);
      if (hit) yield hit;
      return;
    }
    for (const [index, arg] of config.args.entries()) {
      const hit = hitFor(ADDRESS.exec(arg)?.[1] ?? '', ['args', index]);
      if (hit) yield hit;
    }
  },
};

function hitFor(text: string, path: ConfigHit['path']): ConfigHit | undefined {
  const url = URL.parse(text);
  // A placeholder as host is known when the server is started.
  if (url?.protocol !== 'http:' || isThisHost(url.hostname) || url.hostname.includes('$') || url.hostname.includes('%')) return undefined;
  return {
    severity: 'high',
    message: `"${url.hostname}" is reached by plain HTTP: whoever is on the way can read and change everything, tokens too. Use https.`,
    path,
  };
}

function isThisHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || /^127\.\d+\.\d+\.\d+$/.test(host) || host === '[::1]' || host === 'host.docker.internal';
}
