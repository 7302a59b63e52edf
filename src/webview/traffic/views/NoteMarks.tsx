/**
 * Owns how notes on a call look wherever it stands: a pin, a mark whose shape tells its colour to who cannot see it, a
 * speech bubble with the comment in its tooltip; and the flask of what was run in the Playground.
 */
import type { VNode } from 'preact';
import type { CallNote, NoteColor } from '../../../extension/contract/traffic';
import { listStrings } from '../listStrings';
import { Icon } from '../../components/Icon';
import { visibleBlock } from '../../components/visibleText';

const words = listStrings.notes;

/** One shape per colour. */
export const NOTE_ICONS: Readonly<Record<NoteColor, string>> = {
  red: 'circle-filled',
  orange: 'triangle-up',
  yellow: 'star-full',
  green: 'primitive-square',
  blue: 'debug-breakpoint-log',
  purple: 'heart-filled',
};

export function NoteMarks({ note, isPlayground = false }: { readonly note: CallNote | undefined; readonly isPlayground?: boolean | undefined }): VNode | null {
  if (!isPlayground && !note?.isPinned && !note?.color && !note?.comment) return null;
  return (
    <span class="note-marks">
      {isPlayground && <Icon name="beaker" class="note-playground" title={words.fromPlayground} />}
      {note?.color && <Icon name={NOTE_ICONS[note.color]} class={`note-mark note-${note.color}`} title={words.marked(note.color)} />}
      {note?.isPinned && <Icon name="pinned" class="note-pin" title={words.pinned} />}
      {note?.comment && <Icon name="comment" class="note-comment" title={visibleBlock(note.comment.slice(0, 500))} />}
    </span>
  );
}
