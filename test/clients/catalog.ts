/**
 * Owns the list of clients under test: package, pinned version, and the script in the package that starts it. Their
 * install scripts are never run; each of these entries works without.
 */
export const CLIENTS = {
  inspector: { package: '@modelcontextprotocol/inspector', version: '2.12.0', entry: 'clients/launcher/build/index.js', megabytes: 110 },
  // Starts the binary of the platform's own package.
  claude: { package: '@anthropic-ai/claude-code', version: '2.1.330', entry: 'cli-wrapper.cjs', megabytes: 365 },
  gemini: { package: '@google/gemini-cli', version: '0.61.0', entry: 'bundle/gemini.js', megabytes: 100 },
  codex: { package: '@openai/codex', version: '0.169.0', entry: 'bin/codex.js', megabytes: 405 },
} as const;

export type ClientId = keyof typeof CLIENTS;

/** What became of installing a client: the script to run, or why there is none. */
export type Installed = { readonly entry: string } | { readonly failure: string };

declare module 'vitest' {
  export interface ProvidedContext {
    clients: Readonly<Record<ClientId, Installed>>;
    /** In the environment of everything the run starts, so that a straggler is found. */
    runMark: string;
  }
}
