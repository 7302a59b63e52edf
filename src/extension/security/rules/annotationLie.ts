/** Owns finding annotations that contradict the definition: read-only and yet deleting, harmless and yet dropping, closed and yet on the network. */
import { isJsonObject } from '../../util/json';
import type { DefinitionRule } from '../findings';
import { foldText, wordsOfName } from '../fold';

const DESTROYS = new Set(['delete', 'remove', 'drop', 'erase', 'wipe', 'purge', 'destroy', 'truncate', 'uninstall', 'revoke', 'kill', 'terminate', 'format', 'overwrite']);
const CHANGES = new Set([...DESTROYS, 'write', 'create', 'update', 'insert', 'modify', 'edit', 'rename', 'move', 'send', 'upload', 'publish', 'install', 'exec', 'execute', 'pay', 'transfer', 'deploy', 'commit', 'push', 'merge', 'append', 'patch', 'save']);
/** What is executed may well only read. */
const ONLY_QUERIES = /quer|select|read-?only|sql|search|explain|aggregate|find|graphql|without (?:changing|modifying)/i;
const OPEN_WORLD = /\b(?:internet|web ?site|web ?page|webhook|the web|https?:\/\/|online|remote (?:api|server)|e-?mails?)\b/i;
const ADDRESS = new Set(['url', 'uri', 'webhook', 'endpoint', 'website']);

export const annotationLie: DefinitionRule = {
  id: 'definition.annotationLie',
  tier: 'phrase',
  *check({ kind, name, value, description, parameters }) {
    const annotations = kind === 'tool' && isJsonObject(value) ? value['annotations'] : undefined;
    if (!isJsonObject(annotations)) return;
    const verbs = [wordsOfName(name)[0] ?? '', verbOf(description)];
    const says = (set: ReadonlySet<string>): string | undefined => verbs.find((verb) => set.has(verb));
    const { readOnlyHint, destructiveHint, openWorldHint } = annotations;
    if (readOnlyHint === true) {
      const verb = says(CHANGES);
      const mayQuery = verb === 'execute' || verb === 'exec';
      if (verb !== undefined && !(mayQuery && ONLY_QUERIES.test(`${name} ${description}`))) {
        yield { severity: 'medium', message: `This tool is marked as only reading ("readOnlyHint"), but by what it says it can ${verb}.`, pointer: '/annotations/readOnlyHint' };
      }
    } else if (destructiveHint === false) {
      const verb = says(DESTROYS);
      if (verb !== undefined) yield { severity: 'medium', message: `This tool is marked as harmless ("destructiveHint": false), but by what it says it can ${verb}.`, pointer: '/annotations/destructiveHint' };
    }
    if (openWorldHint === false) {
      const address = parameters.find((parameter) => wordsOfName(parameter.name).some((word) => ADDRESS.has(word)));
      if (address && OPEN_WORLD.test(description)) {
        yield { severity: 'low', message: 'This tool is marked as staying within its own world ("openWorldHint": false), but it takes an address and speaks of the network.', pointer: '/annotations/openWorldHint' };
      }
    }
  },
};

/** The verb a description begins with, without its ending: "Deletes a branch". */
function verbOf(description: string): string {
  const word = /\p{L}+/u.exec(foldText(description.slice(0, 200)))?.[0] ?? '';
  for (const verb of CHANGES) if (word === verb || word === `${verb}s` || word === `${verb}es`) return verb;
  return word;
}
