/**
 * Owns telling of secrets in arguments and results: in a message as it passed, and in one as it was recorded, where a
 * mark stands in place of each. The patterns are the redactor's.
 */
import type { Redactor } from '../capture/redactor';
import type { Finding } from '../contract/findings';

const MOST = 20;
const MARK = /\[redacted:([a-z][a-z0-9-]{0,39})\]/g;

/** At most `MOST` of them. `redactor`: the one the audit log is written with. */
export function secretsInMessage(text: string, redactor: Redactor): readonly Finding[] {
  const bytes = Buffer.from(text);
  const found: { start: number; end: number; kind: string }[] = [];
  for (const match of text.matchAll(MARK)) {
    if (found.length >= MOST) break;
    const start = Buffer.byteLength(text.slice(0, match.index));
    found.push({ start, end: start + match[0].length, kind: match[1] ?? '' });
  }
  for (const cut of redactor.find(bytes)) {
    if (found.length >= MOST) break;
    // The mark itself, under a name that announces a secret.
    if (found.some(({ start, end }) => cut.start < end && start < cut.end)) continue;
    found.push(cut);
  }
  return found
    .toSorted((a, b) => a.start - b.start)
    .map(({ start, end, kind }): Finding => ({
      rule: 'message.secret',
      tier: 'structural',
      severity: kind === 'value' || kind === 'key' ? 'low' : 'medium',
      message: `A secret (${kind}) passes in this message.`,
      place: { in: 'message', start, end },
      excerpt: `[redacted:${kind}]`,
    }));
}
