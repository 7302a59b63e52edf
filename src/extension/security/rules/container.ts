/** Owns finding containers that are none: privileged, with the host's files, network, processes or Docker itself. */
import { effectiveWords, programOf, wordsOf, type CommandWord } from '../commandLine';
import type { ConfigHit, ConfigRule } from '../findings';
import { shownName } from '../visible';

const SHARED = new Set(['--network', '--net', '--pid', '--ipc', '--uts', '--userns', '--cgroupns']);
const MOUNTS = new Set(['-v', '--volume', '--mount']);
const OPENINGS = new Set(['--cap-add', '--security-opt', '--device']);

export const container: ConfigRule = {
  id: 'config.container',
  tier: 'structural',
  *check({ config }) {
    if (config.type !== 'stdio') return;
    const words = effectiveWords(wordsOf(config));
    if (!/^(?:docker|podman|nerdctl)$/.test(programOf(words[0]?.text ?? ''))) return;
    for (let i = 1; i < words.length; i++) {
      const word = words[i] as CommandWord;
      const equals = word.text.indexOf('=');
      const isJoined = word.text.startsWith('--') && equals > 0;
      const flag = isJoined ? word.text.slice(0, equals) : word.text;
      const next = words[i + 1];
      const value = isJoined ? word.text.slice(equals + 1) : (next?.text ?? '');
      const hit = dangerOf(flag, value);
      if (hit) yield { ...hit, path: isJoined || flag === '--privileged' || !next ? word.path : next.path };
    }
  },
};

function dangerOf(flag: string, value: string): Omit<ConfigHit, 'path'> | undefined {
  if (flag === '--privileged' && value !== 'false') return high('"--privileged" gives the container all rights on this machine.');
  if (SHARED.has(flag) && value === 'host') return medium(`"${flag} host" puts the container on the host's own network or processes.`);
  if (OPENINGS.has(flag)) {
    if (flag === '--cap-add' && /^(?:cap_)?(?:all|sys_admin|sys_ptrace|sys_module|dac_read_search|dac_override|net_admin)$/i.test(value)) return high(`The capability "${shownName(value)}" lets the container out of its confinement.`);
    if (flag === '--security-opt' && /unconfined|disable/i.test(value)) return medium('This option takes the container\'s confinement away.');
    return undefined;
  }
  if (!MOUNTS.has(flag)) return undefined;
  const source = flag === '--mount' ? (/(?:^|,)(?:source|src)=([^,]*)/.exec(value)?.[1] ?? '') : (/^([A-Za-z]:[\\/][^:]*|[^:]*)/.exec(value)?.[1] ?? '');
  if (/docker\.sock|podman\.sock|containerd\.sock/.test(source)) return high('The container gets the container engine\'s own socket: with it, it can do everything on this machine.');
  if (isWholeHost(source)) return high(`The container gets "${shownName(source)}" of this machine. Mount only the folder that the server needs.`);
  return undefined;
}

function isWholeHost(source: string): boolean {
  const path = source.replace(/[\\/]+$/, '');
  return source !== '' && (path === '' || /^[A-Za-z]:$/.test(path) || /^(?:~|\$HOME|\$\{(?:userHome|env:HOME|env:USERPROFILE)\})$/.test(path) || /^\/(?:etc|root|home|Users|usr|var|proc|sys|dev|boot)$/.test(path) || /^\/(?:home|Users)\/[^/]+$/.test(path) || /\/\.(?:ssh|aws|kube|gnupg)$/.test(path));
}

function high(message: string): Omit<ConfigHit, 'path'> {
  return { severity: 'high', message };
}

function medium(message: string): Omit<ConfigHit, 'path'> {
  return { severity: 'medium', message };
}
