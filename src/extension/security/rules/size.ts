/** Owns finding definitions that nobody reads to the end: too long, too deep, or padded so that the rest is out of sight. */
import type { DefinitionRule } from '../findings';
import { MAX_DEPTH } from '../texts';
import { excerptOf } from '../visible';

/** Characters. The largest honest definitions have about a third. */
const MAX_TEXT = 50_000;
const MAX_ALL = 300_000;
const PADDING = /[^\S\n]{300}|(?:[^\S\n]{0,8}\n){60}/;

export const size: DefinitionRule = {
  id: 'definition.size',
  tier: 'structural',
  *check({ parts, size: total, cut }) {
    if (cut === 'deep') yield { severity: 'high', message: `This definition is nested more than ${MAX_DEPTH} levels deep. What lies deeper was not checked.`, pointer: '' };
    const long = parts.find(({ text }) => text.length > MAX_TEXT);
    if (long || cut === 'large' || total > MAX_ALL) {
      const rest = cut === 'large' ? ' Only part of it was checked.' : '';
      yield { severity: 'high', message: `This definition is far longer than a description needs to be (${total.toLocaleString('en')} characters): what it says can go unseen.${rest}`, pointer: long?.pointer ?? '' };
    }
    for (const { text, pointer, role } of parts) {
      if (role !== 'prose' || text.length < 60) continue;
      const padding = PADDING.exec(text);
      const rest = padding ? text.slice(padding.index).trimStart() : '';
      if (!padding || rest === '') continue;
      yield { severity: 'high', message: 'A long stretch of blanks moves the rest of this text out of sight.', pointer, excerpt: excerptOf(rest, 0) };
    }
  },
};
