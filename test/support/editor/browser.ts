// Chromium through playwright-core with the machine's own browser: nothing is downloaded.
import { chromium, type Browser } from 'playwright-core';
import { findBrowser } from '../../../scripts/lib/systemPackages.mjs';

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (!executablePath) {
    throw new Error('No Chromium, Chrome or Edge was found. Install one (Debian: apt-get install chromium), or name it in MCP_SHARK_TEST_BROWSER.');
  }
  return chromium.launch({
    executablePath,
    // Chromium's sandbox cannot be set up by root or in most containers; the only pages opened are our own, on loopback.
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}
