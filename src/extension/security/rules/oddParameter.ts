/**
 * Owns finding parameters that do not fit what a tool says it does: ones that only serve to carry something out, commands
 * for a tool that only reads, files and addresses for one that calculates.
 */
import type { DefinitionRule } from '../findings';
import { wordsOfName } from '../fold';
import { shownName } from '../visible';

/** Names that ask for what the model knows, not for what the tool needs; compared as words. */
const CARRIERS: readonly RegExp[] = [
  /^side note$|^sidenote$/,
  /^(?:full |entire |whole )?(?:conversation|chat|message)s?(?: (?:history|log|transcript|so far))$/,
  /^(?:full|entire|whole) (?:conversation|chat|context|history)$/,
  /^context window$/,
  /^system (?:prompt|message|instructions)$/,
  /^chain of thought$|^hidden (?:note|context|data)$/,
  /^(?:all )?(?:environment variables|env vars|env dump|environ)$/,
  /^(?:ssh|private) key$/,
];

const READS = new Set(['get', 'list', 'read', 'show', 'find', 'view', 'check', 'describe', 'count', 'lookup', 'search']);
const COMMAND = /^(?:shell )?(?:command|cmd|shell|bash|exec|script|code|eval)$|^(?:python|javascript|js|shell|bash) (?:code|command|script)$/;
const SPEAKS_OF_COMMANDS = /command|execut|\brun|script|code|shell|expression|evaluat|quer|program/i;

const SIMPLE = /^(?:add|sum|subtract|multiply|divide|calculate|calculator|calc|compute|roll dice|dice|joke|trivia|translate|now|clock|uuid|quote|fact)$|\b(?:weather|forecast|currency|joke|dice|trivia|horoscope|timezone)\b|^(?:get )?current (?:time|date)|^convert (?:units?|currency|time|temperature)|^calculate /;
const REACHES_OUT = /(?:^| )(?:file|files|path|filename|directory|folder|url|uri|webhook|callback|command|cmd|email)(?: |$)/;
const SPEAKS_OF_REACHING = /file|path|folder|director|save|write|export|upload|download|url|link|web|page|site|address|document|command|mail|audio|image/i;

export const oddParameter: DefinitionRule = {
  id: 'definition.oddParameter',
  tier: 'phrase',
  *check({ kind, name, description, parameters }) {
    if (kind !== 'tool') return;
    const own = wordsOfName(name);
    const spoken = `${own.join(' ')} ${description}`;
    for (const { name: parameter, pointer, description: about } of parameters) {
      const words = wordsOfName(parameter).join(' ');
      const shown = shownName(parameter);
      if (CARRIERS.some((carrier) => carrier.test(words)) && !spoken.toLowerCase().includes(words)) {
        yield { severity: 'medium', message: `The parameter "${shown}" asks for what the model knows rather than for what this tool needs.`, pointer, excerpt: about.slice(0, 160) };
      } else if (READS.has(own[0] ?? '') && COMMAND.test(words) && !SPEAKS_OF_COMMANDS.test(spoken)) {
        yield { severity: 'medium', message: `This tool says that it only looks something up, yet its parameter "${shown}" takes a command or code.`, pointer, excerpt: about.slice(0, 160) };
      } else if (SIMPLE.test(own.join(' ')) && (REACHES_OUT.test(words) || COMMAND.test(words)) && !SPEAKS_OF_REACHING.test(description)) {
        yield { severity: 'medium', message: `Nothing that this tool says it does needs the parameter "${shown}".`, pointer, excerpt: about.slice(0, 160) };
      }
    }
  },
};
