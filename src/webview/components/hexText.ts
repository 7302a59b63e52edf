/** Owns writing bytes for people: hexadecimal, and what can be read of them. Pure. */

/** Groups of eight, padded to a full row. */
export function hex(bytes: Uint8Array, perRow: number): string {
  const all = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  while (all.length < perRow) all.push('  ');
  const groups: string[] = [];
  for (let start = 0; start < all.length; start += 8) groups.push(all.slice(start, start + 8).join(' '));
  return groups.join('  ');
}

export function readable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
}

/** A few bytes as lines of text: offset, hexadecimal, readable. */
export function bytesText(bytes: Uint8Array, perRow = 16): string {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += perRow) {
    const row = bytes.subarray(start, start + perRow);
    lines.push(`${start.toString(16).padStart(8, '0')}  ${hex(row, perRow)}  ${readable(row)}`);
  }
  return lines.join('\n');
}
