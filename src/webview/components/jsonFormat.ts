/**
 * Owns laying out a JSON text in lines for reading, without parsing it: every number, string and key stays as it was written, only
 * blanks between them change. What is no JSON comes out as something like it. Pure and iterative.
 */

const INDENT = '  ';

export function jsonLines(text: string): string[] {
  const lines: string[] = [];
  let depth = 0;
  let line = '';
  const end = (): void => {
    lines.push(line);
    // Deeper than anyone follows, so that ten thousand levels do not become megabytes of blanks.
    line = INDENT.repeat(Math.min(depth, 40));
  };
  for (const [token] of text.matchAll(/"(?:[^"\\]+|\\.)*"?|[{}[\]]|,|:|[^\s"{}[\],:]+/gs)) {
    if (token === '{' || token === '[') {
      line += token;
      depth += 1;
      end();
    } else if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1);
      const isEmpty = line.trim() === '' && /[{[]$/.test(lines.at(-1) ?? '');
      if (isEmpty) line = (lines.pop() ?? '') + token;
      else {
        end();
        line += token;
      }
    } else if (token === ',') {
      line += token;
      end();
    } else line += token === ':' ? ': ' : token;
  }
  if (line.trim() !== '') lines.push(line);
  return lines;
}
