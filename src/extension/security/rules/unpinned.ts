/** Owns finding servers that are fetched anew without a version: what runs tomorrow need not be what was looked at today. */
import { fetchedPackage } from '../commandLine';
import type { ConfigRule } from '../findings';
import { shownName } from '../visible';

export const unpinned: ConfigRule = {
  id: 'config.unpinned',
  tier: 'structural',
  *check({ config }) {
    if (config.type !== 'stdio') return;
    const found = fetchedPackage(config);
    if (!found || isPinned(found.runner, found.version, found.isAddress)) return;
    const { runner, name, version, word, isAddress } = found;
    const what = runner === 'container' ? 'The image' : 'The package';
    const as = version === undefined ? 'without a version' : `as "${shownName(version)}", which moves`;
    const how = isAddress ? 'name a commit' : runner === 'container' ? 'name a version or a digest' : 'name one version';
    yield {
      severity: 'medium',
      message: `${what} "${shownName(name)}" is fetched ${as}: whoever publishes it decides what runs. To pin it, ${how}.`,
      path: word.path,
      fix: isAddress ? undefined : { kind: 'pinVersion', runner, package: name },
    };
  },
};

function isPinned(runner: string, version: string | undefined, isAddress: boolean): boolean {
  if (version === undefined) return false;
  // Resolved when the server is started.
  if (version.includes('${')) return true;
  if (isAddress) return /^[0-9a-f]{40}$|^v?\d+\.\d+/.test(version);
  if (runner === 'container') return /^sha256:[0-9a-f]{64}$/.test(version) || /\d/.test(version);
  return /^v?\d+(?:\.\d+){1,3}(?:[-+.]?[0-9A-Za-z.-]+)?$/.test(version) && !/[x*]$/i.test(version);
}
