/** Owns finding definitions that give orders about another server's tool: "when send_email is called, always …". */
import type { CatalogEntry, CatalogRule } from '../findings';
import { foldText } from '../fold';
import { excerptOf, shownName } from '../visible';

const ORDERS = /(?<![\p{L}\p{N}_])(?:when|whenever|if|before|after|prior to|instead of|rather than|replaces?|must|always|never|do not|don't|deprecated|use this|note for|afterwards|has changed|overrides?|supersedes?|first|every time|fails?|should|invokes?|calls?|triggers?|re-?routes?|redirects?|modif(?:y|ies)|replace)(?![\p{L}\p{N}_])/u;
const AROUND = 160;
/** Names of other tools looked at closely in one text. */
const MOST = 50;

export const shadow: CatalogRule = {
  id: 'catalog.shadow',
  tier: 'phrase',
  *check(entries) {
    const owners = new Map<string, CatalogEntry[]>();
    const own = new Map<string, Set<string>>();
    for (const entry of entries) {
      if (entry.ref.kind !== 'tool') continue;
      const name = entry.ref.name.toLowerCase();
      (own.get(entry.ref.server) ?? own.set(entry.ref.server, new Set()).get(entry.ref.server))?.add(name);
      if (!isTelling(entry.ref.name)) continue;
      const list = owners.get(name) ?? [];
      if (list.length < MOST) list.push(entry);
      owners.set(name, list);
    }
    for (const entry of entries) {
      const { server } = entry.ref;
      for (const { text, pointer, role } of entry.texts.parts) {
        if (role === 'key' || role === 'name' || text.length < 10) continue;
        const isOwn = (name: string): boolean => own.get(server)?.has(name) === true;
        const found = orderAbout(text, (name) => !isOwn(name) && owners.get(name)?.find((other) => other.ref.server !== server));
        if (!found) {
          const excerpt = orderAboutUnknown(text, isOwn);
          if (excerpt === undefined) continue;
          yield { entry, severity: 'medium', message: 'This text gives orders about a tool that its own server does not have.', pointer, excerpt };
          break;
        }
        const { ref } = found.other;
        yield { entry, related: ref, severity: 'medium', message: `This text gives orders about the tool "${shownName(ref.name)}", which belongs to server "${shownName(ref.server)}".`, pointer, excerpt: found.excerpt };
        break;
      }
    }
  },
};

/** A word of prose is no name: only what is written like one is taken for one. */
function isTelling(name: string): boolean {
  return name.length >= 6 && /[_.-]|[a-z][A-Z]/.test(name);
}

function orderAbout(text: string, ownerOf: (name: string) => CatalogEntry | false | undefined): { other: CatalogEntry; excerpt: string } | undefined {
  let looked = 0;
  for (const found of text.matchAll(/[A-Za-z][A-Za-z0-9_.-]{5,127}/g)) {
    const word = found[0].replace(/[.-]+$/, '');
    const other = ownerOf(word.toLowerCase());
    if (!other) continue;
    if (++looked > MOST) return undefined;
    const around = foldText(text.slice(Math.max(0, found.index - AROUND), found.index + word.length + AROUND)).replaceAll(word.toLowerCase(), ' ');
    if (ORDERS.test(around)) return { other, excerpt: excerptOf(text, found.index, found.index + word.length) };
  }
  return undefined;
}

const NAME = '["\'`]?([a-z][a-z0-9]{1,30}(?:[_-][a-z0-9]{1,30}){1,5})["\'`]?';
/** What is only said of another tool to change what becomes of it. */
const STRONG: readonly RegExp[] = [
  new RegExp(`\\b(?:when|whenever|every time|each time|before|after) (?:the )?${NAME}(?: tool| function)? (?:is|gets|has been|was) (?:called|invoked|executed|triggered|used|run)\\b`),
  new RegExp(`\\b(?:modif(?:y|ies)|changes?|alters?|overrides?|replaces?) (?:the )?(?:behaviou?r|output|result|results|recipient|arguments?) of (?:the )?${NAME}`),
  new RegExp(`\\b(?:supersedes|replaces|shadows|takes over) (?:the )?${NAME}`),
  new RegExp(`\\bthe ${NAME} tool [^.]{0,80}?\\b(?:always|instead|replace its)\\b`),
];

/** The same of a tool that no server is known to have: it may come later. */
function orderAboutUnknown(text: string, isOwn: (name: string) => boolean): string | undefined {
  const folded = foldText(text.slice(0, 100_000));
  for (const pattern of STRONG) {
    const found = pattern.exec(folded);
    if (found?.[1] !== undefined && !isOwn(found[1])) return excerptOf(folded, found.index, found.index + found[0].length);
  }
  return undefined;
}
