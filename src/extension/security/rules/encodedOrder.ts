/**
 * Owns finding orders and code that have to be decoded before they can be read: base64, hexadecimal, percent and other
 * escapes, ROT13, data URIs; also one within another. What decodes to anything else is nobody's business.
 */
import type { DefinitionRule } from '../findings';
import { foldText } from '../fold';
import { CODE, ORDERS, ordersIn } from '../orders';
import { excerptOf, shownName } from '../visible';

const MAX_LEVELS = 3;
/** Characters decoded of one definition, all levels together. */
const MAX_DECODED = 400_000;
const MAX_PIECE = 100_000;

interface Encoding {
  readonly what: string;
  readonly pattern: RegExp;
  decode(found: string): readonly string[];
}

const ENCODINGS: readonly Encoding[] = [
  // Lines of a wrapped text belong together.
  { what: 'base64', pattern: /[A-Za-z0-9+/_-]{20,}(?:\r?\n[A-Za-z0-9+/_-]{16,})*(?:\r?\n[A-Za-z0-9+/_-]{2,})?={0,2}/g, decode: fromBase64 },
  { what: 'hexadecimal', pattern: /(?:0x)?(?:[0-9a-fA-F]{2}[ :,]?){16,}/g, decode: (found) => [Buffer.from(found.replace(/^0x|[ :,]/g, ''), 'hex').toString('utf8')] },
  { what: 'percent escapes', pattern: /(?:[\w.-]{0,20}%[0-9a-fA-F]{2}){6,}[\w.-]{0,40}/g, decode: (found) => [fromPercent(found)] },
  { what: 'hexadecimal escapes', pattern: /(?:\\x[0-9a-fA-F]{2}){8,}/g, decode: (found) => [Buffer.from(found.replaceAll('\\x', ''), 'hex').toString('utf8')] },
  { what: 'Unicode escapes', pattern: /(?:\\u[0-9a-fA-F]{4}){8,}/g, decode: (found) => [found.replace(/\\u([0-9a-fA-F]{4})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))] },
  { what: 'character references', pattern: /(?:&#(?:x[0-9a-fA-F]{1,6}|\d{1,7});){8,}/g, decode: (found) => [found.replace(/&#(x?)([0-9a-fA-F]{1,7});/g, (_all, hex: string, digits: string) => fromCode(Number.parseInt(digits, hex ? 16 : 10)))] },
];

export const encodedOrder: DefinitionRule = {
  id: 'definition.encodedOrder',
  tier: 'structural',
  *check({ parts }) {
    const budget = { left: MAX_DECODED };
    for (const { text, pointer } of parts) {
      if (text.length < 20) continue;
      const found = search(text, budget, 0) ?? searchRot13(text, budget);
      if (!found) continue;
      yield {
        severity: 'high',
        message: `This text holds ${found.what} that, decoded, ${found.says}: "${shownName(found.decoded)}"`,
        pointer,
        excerpt: excerptOf(text, found.index),
      };
    }
  },
};

interface Decoded {
  readonly what: string;
  readonly says: string;
  readonly decoded: string;
  readonly index: number;
}

function search(text: string, budget: { left: number }, level: number): Decoded | undefined {
  for (const { what, pattern, decode } of ENCODINGS) {
    for (const found of text.matchAll(pattern)) {
      if (budget.left <= 0) return undefined;
      const piece = found[0].slice(0, MAX_PIECE);
      budget.left -= piece.length;
      for (const decoded of decode(piece)) {
        if (!isReadable(decoded)) continue;
        const folded = foldText(decoded);
        const [order] = [...ordersIn(folded), ...ordersIn(folded, CODE)];
        if (order) return { what, says: order.order.says, decoded: foldText(decoded.slice(0, 400)), index: found.index };
        const inner = level < MAX_LEVELS - 1 ? search(decoded, budget, level + 1) : undefined;
        if (inner) return { ...inner, what: `${what} within which is ${inner.what}`, index: found.index };
      }
    }
  }
  return undefined;
}

/** Only what English never says by chance. */
function searchRot13(text: string, budget: { left: number }): Decoded | undefined {
  // "the", "and", "of", "you" in ROT13.
  if (!/\b(?:gur|naq|bs|lbh|nyy|ernq|hfre|svyr)\b/i.test(text) || budget.left <= 0) return undefined;
  budget.left -= text.length;
  const decoded = text.slice(0, MAX_PIECE).replace(/[a-z]/gi, (char) => {
    const base = char <= 'Z' ? 65 : 97;
    return String.fromCharCode(((char.charCodeAt(0) - base + 13) % 26) + base);
  });
  const [order] = ordersIn(foldText(decoded), ORDERS);
  return order && { what: 'ROT13', says: order.order.says, decoded: foldText(decoded).slice(order.index, order.index + 200), index: 0 };
}

/** From each of four places: letters put before it would shift the groups of four. */
function fromBase64(found: string): string[] {
  const joined = found.replace(/[\r\n]/g, '');
  return [0, 1, 2, 3].flatMap((shift) => {
    const bytes = Buffer.from(joined.slice(shift), 'base64');
    // PowerShell's is UTF-16.
    return bytes.length > 3 && bytes[1] === 0 && bytes[3] === 0 ? [bytes.toString('utf16le')] : [bytes.toString('utf8')];
  });
}

function fromPercent(found: string): string {
  const bytes = found.replace(/%([0-9a-fA-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function fromCode(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

/** Text, rather than what any bytes look like when they are decoded. */
function isReadable(text: string): boolean {
  if (text.length < 8) return false;
  const head = text.slice(0, 2000);
  const odd = head.match(/[\p{C}\ufffd]/gu)?.filter((char) => !/[\n\r\t]/.test(char)).length ?? 0;
  return odd * 20 <= head.length;
}
