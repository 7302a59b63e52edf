/** Owns finding packages whose names look like a well-known server's and are not. */
import { fetchedPackage } from '../commandLine';
import type { ConfigRule } from '../findings';
import { shownName } from '../visible';

/** Names of servers that many people have, as published. */
const KNOWN: Readonly<Record<'npm' | 'python' | 'container', readonly string[]>> = {
  npm: [
    ...['everything', 'filesystem', 'memory', 'sequential-thinking', 'github', 'gitlab', 'slack', 'postgres', 'puppeteer', 'brave-search', 'google-maps', 'gdrive', 'redis', 'sqlite', 'everart', 'aws-kb-retrieval'].map((name) => `@modelcontextprotocol/server-${name}`),
    '@modelcontextprotocol/inspector', '@modelcontextprotocol/sdk', '@playwright/mcp', '@upstash/context7-mcp', 'chrome-devtools-mcp', '@sentry/mcp-server', '@notionhq/notion-mcp-server', 'firecrawl-mcp', 'tavily-mcp', 'exa-mcp-server',
    '@supabase/mcp-server-supabase', 'mongodb-mcp-server', '@azure/mcp', 'figma-developer-mcp', 'mcp-server-kubernetes', '@benborla29/mcp-server-mysql', '@brave/brave-search-mcp-server', '@cloudflare/mcp-server-cloudflare', '@heroku/mcp-server',
    '@hubspot/mcp-server', '@stripe/mcp', '@wonderwhy-er/desktop-commander', 'mcp-remote', '@browsermcp/mcp', '@executeautomation/playwright-mcp-server', '@salesforce/mcp', '@shopify/dev-mcp', '@apify/actors-mcp-server', '@elastic/mcp-server-elasticsearch',
    '@smithery/cli', 'mcp-proxy', 'supergateway', '@microsoft/mcp', '@angular/cli', '@nx/mcp',
  ],
  python: ['mcp-server-git', 'mcp-server-fetch', 'mcp-server-time', 'mcp-server-sqlite', 'mcp-server-sentry', 'mcp-proxy', 'awslabs.core-mcp-server', 'mcp-atlassian', 'markitdown-mcp', 'duckduckgo-mcp-server', 'postgres-mcp', 'blender-mcp', 'fastmcp', 'arxiv-mcp-server', 'serena'],
  container: ['mcp/fetch', 'mcp/filesystem', 'mcp/git', 'mcp/github', 'mcp/memory', 'mcp/playwright', 'mcp/postgres', 'mcp/puppeteer', 'mcp/slack', 'mcp/time', 'mcp/sqlite', 'ghcr.io/github/github-mcp-server'],
};
const SAME_LETTERS: Readonly<Record<string, string>> = { 0: 'o', 1: 'l', 3: 'e', 5: 's', _: '-', '.': '-' };

export const typosquat: ConfigRule = {
  id: 'config.typosquat',
  tier: 'structural',
  *check({ config }) {
    if (config.type !== 'stdio') return;
    const found = fetchedPackage(config);
    if (!found || found.isAddress || found.name.length > 100) return;
    const known = KNOWN[found.runner];
    if (known.includes(found.name)) return;
    const like = known.find((name) => isLike(found.name, name));
    if (like === undefined) return;
    yield { severity: 'high', message: `The name "${shownName(found.name)}" is nearly that of "${like}". Make sure that this is the one you want.`, path: found.word.path };
  },
};

function isLike(name: string, known: string): boolean {
  const plain = name.toLowerCase().replace(/[0135_.]/g, (char) => SAME_LETTERS[char] ?? char);
  const target = known.replace(/[0135_.]/g, (char) => SAME_LETTERS[char] ?? char);
  if (plain === target) return true;
  // Short names are alike by chance.
  if (target.length < 8) return false;
  // The same name without its scope, or under another, can be anybody's own.
  return editDistance(plain, target, target.length >= 14 ? 2 : 1) >= 0;
}

/** How many insertions, removals, replacements and swaps of neighbours lead from one to the other; -1: more than `most`. */
function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return -1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_item, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    if (Math.min(...row) > most) return -1;
    before = last;
    last = row;
  }
  const distance = last[b.length] ?? most + 1;
  return distance > most ? -1 : distance;
}
