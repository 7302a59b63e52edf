/** Owns finding servers reached over the network without encryption. */
import type { ConfigRule } from '../findings';

export const plainHttp: ConfigRule = {
  id: 'config.plainHttp',
  tier: 'structural',
  *check({ config }) {
    if (config.type === 'stdio') return;
    const url = URL.parse(config.url);
    // A placeholder as host is known when the server is started.
    if (url?.protocol !== 'http:' || isThisHost(url.hostname) || url.hostname.includes('$')) return;
    yield {
      severity: 'high',
      message: `"${url.hostname}" is reached by plain HTTP: whoever is on the way can read and change everything, tokens too. Use https.`,
      path: ['url'],
    };
  },
};

function isThisHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || /^127\.\d+\.\d+\.\d+$/.test(host) || host === '[::1]' || host === 'host.docker.internal';
}
