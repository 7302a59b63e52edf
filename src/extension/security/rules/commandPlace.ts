/** Owns finding programs that run with more rights than a server needs, or from places where anybody can put one. */
import { programOf, wordsOf } from '../commandLine';
import type { ConfigRule } from '../findings';
import { shownName } from '../visible';

export const sudo: ConfigRule = {
  id: 'config.sudo',
  tier: 'structural',
  *check({ config }) {
    if (config.type !== 'stdio') return;
    const word = wordsOf(config).find(({ text }, index) => /^(?:sudo|doas|runas|pkexec|gsudo)$/.test(programOf(text)) && (index === 0 || !text.startsWith('-')));
    const inText = word ?? wordsOf(config).find(({ text }) => /(?:^|[;&|]\s{0,4})(?:sudo|doas|pkexec)\s/.test(text));
    if (inText) yield { severity: 'high', message: 'The server runs with the rights of an administrator. Let it run as the user, and give it only the files it needs.', path: inText.path };
  },
};

const SHARED_PLACES = /^(?:file:\/\/)?(?:\/tmp|\/var\/tmp|\/dev\/shm|\/private\/tmp|\$\{env:(?:TMPDIR|TEMP|TMP)\}|%te?mp%|[A-Za-z]:\\(?:windows\\)?temp|[A-Za-z]:\\users\\public)(?:[\\/]|$)|[\\/]appdata[\\/]local[\\/]temp[\\/]|[\\/]downloads?[\\/]/i;
const INTERPRETERS = /^(?:node|deno|bun|python[\d.]*|py|ruby|perl|java|dotnet|sh|bash|zsh|tsx|ts-node|uv)$/;

export const tempCommand: ConfigRule = {
  id: 'config.tempCommand',
  tier: 'structural',
  *check({ config }) {
    if (config.type !== 'stdio') return;
    const words = wordsOf(config);
    const isInterpreted = INTERPRETERS.test(programOf(config.command));
    // Of an interpreter's words, the program is the first that is no flag.
    const program = isInterpreted ? words.slice(1).find(({ text }) => !text.startsWith('-')) : undefined;
    for (const word of [words[0], program]) {
      if (!word || !SHARED_PLACES.test(word.text)) continue;
      yield { severity: 'high', message: `The program "${shownName(word.text)}" lies in a folder for temporary or downloaded files, where others can replace it. Install it in a place of its own.`, path: word.path };
      return;
    }
  },
};
