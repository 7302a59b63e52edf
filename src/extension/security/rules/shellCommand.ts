/** Owns finding servers that are started through a shell: what is downloaded and run at once, and any command written as a text for a shell. */
import { programOf, wordsOf, type CommandWord } from '../commandLine';
import type { ConfigRule } from '../findings';
import { excerptOf } from '../visible';
import type { StdioServerConfig } from '../../servers/types';

const SHELLS = /^(?:sh|bash|zsh|dash|ksh|fish|ash|cmd|powershell|pwsh)$/;
const DOWNLOADS: readonly RegExp[] = [
  /\b(?:curl|wget|iwr|invoke-webrequest|fetch)\b[^\n]{0,400}\|\s{0,8}(?:sudo\s{1,4})?(?:\S{0,40}\/)?(?:sh|bash|zsh|dash|fish|python[\d.]*|node|perl|ruby|iex)\b/i,
  /(?:<\(|\$\(|`)\s{0,8}(?:curl|wget)\b/i,
  /\b(?:iex|invoke-expression)\b[^\n]{0,200}\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring|net\.webclient)\b/i,
  /\b(?:iwr|irm|downloadstring)\b[^\n]{0,200}\|\s{0,8}iex\b/i,
];

export const download: ConfigRule = {
  id: 'config.download',
  tier: 'structural',
  *check({ config }) {
    if (config.type !== 'stdio') return;
    const word = downloadIn(config);
    if (word) yield { severity: 'high', message: 'This command downloads a program and runs it at once: whoever owns that address decides what runs here. Install it first, in a version that was looked at.', path: word.path, excerpt: excerptOf(word.text, 0) };
  },
};

export const shellCommand: ConfigRule = {
  id: 'config.shell',
  tier: 'structural',
  *check({ config }) {
    if (config.type !== 'stdio' || downloadIn(config)) return;
    const words = wordsOf(config);
    const at = words.findIndex(({ text }) => SHELLS.test(programOf(text)));
    if (at < 0) return;
    const flag = words.findIndex(({ text }, index) => index > at && /^(?:-[a-z]*c|\/[ck]|-command|-encodedcommand|-enc?|-e)$/i.test(text));
    const script = words[flag + 1];
    if (flag < 0 || !script) return;
    // `cmd /c npx …` is how Windows starts such programs; only what a shell would interpret is a script.
    const isCmd = programOf(words[at]?.text ?? '') === 'cmd';
    const text = isCmd ? words.slice(flag + 1).map((word) => word.text).join(' ') : script.text;
    if (isCmd && !/[&|<>^%]/.test(text)) return;
    yield { severity: 'low', message: 'The server is started by a command for a shell, which is hard to check. Name the program and its arguments instead.', path: script.path, excerpt: excerptOf(text, 0) };
  },
};

function downloadIn(config: StdioServerConfig): CommandWord | undefined {
  const words = wordsOf(config);
  const single = words.find(({ text }) => DOWNLOADS.some((pattern) => pattern.test(text.slice(0, 20_000))));
  if (single) return single;
  const joined = words.map(({ text }) => text).join(' ').slice(0, 20_000);
  return DOWNLOADS.some((pattern) => pattern.test(joined)) ? words[0] : undefined;
}
