/** Owns the bytes of a text: offset, hexadecimal, and what can be read of it. */
import type { VNode } from 'preact';
import { ByteRows } from './ByteRows';
import type { ByteSource } from './byteSource';
import { hex, readable } from './hexText';

const ROW_HEIGHT = 20;
/** Gaps between the columns and at both ends, in pixels. */
const GAPS = 56;

export interface HexViewProps {
  readonly bytes: ByteSource;
  readonly label: string;
  /** A place to go to: its row becomes the active one. */
  readonly goTo?: { readonly offset: number } | undefined;
}

export function HexView({ bytes, label, goTo }: HexViewProps): VNode {
  const cells = (start: number, perRow: number): VNode => {
    const part = bytes.read(start, Math.min(start + perRow, bytes.length));
    return (
      <>
        <span role="gridcell" class="hex-offset">
          {start.toString(16).padStart(8, '0')}
        </span>
        <span role="gridcell" class="hex-bytes">
          {hex(part ?? new Uint8Array(), perRow)}
        </span>
        <span role="gridcell" class="hex-text">
          {part ? readable(part) : '…'}
        </span>
      </>
    );
  };
  return <ByteRows bytes={bytes} label={label} class="hex-view" rowClass="hex-row" rowHeight={ROW_HEIGHT} columnCount={3} perRowOf={bytesPerRow} goTo={goTo} cells={cells} />;
}

/** As many bytes as fit whole: offset, three characters per byte and one for what it reads as. */
export function bytesPerRow(width: number, character: number): number {
  return [16, 8].find((count) => (8 + 4 * count) * character + GAPS <= width) ?? 4;
}
