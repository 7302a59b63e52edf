// Owns Markdown tables and the way numbers are written in them. Knows no benchmark.

/** `rows` are arrays of texts; the first column is left-aligned, the others right-aligned. */
export function table(head, rows) {
  const widths = head.map((cell, index) => Math.max(cell.length, 3, ...rows.map((row) => row[index].length)));
  const line = (cells) =>
    `| ${cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]) : cell.padStart(widths[index]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

export const number = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits) : '–');
export const milliseconds = (value) => number(value, value < 10 ? 2 : value < 100 ? 1 : 0);
export const whole = (value) =>
  Number.isFinite(value) ? String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',') : '–';
export const ratio = (value) => (Number.isFinite(value) ? `${value.toFixed(2)} ×` : '–');
export const megabytes = (bytes) => number(bytes / 1e6, 1);
export const signedMegabytes = (bytes) => (Number.isFinite(bytes) ? `${bytes < 0 ? '−' : '+'}${megabytes(Math.abs(bytes))}` : '–');
