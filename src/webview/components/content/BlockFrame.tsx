/** Owns what stands around a content block: what it is, its type and size, for whom it is meant, and what can be done with it. */
import type { ComponentChildren, VNode } from 'preact';
import { IconButton } from '../Icon';
import { visibleLine } from '../visibleText';
import type { ContentActions } from './contentActions';
import type { Annotations } from './contentModel';
import { contentWords as words } from './contentStrings';

export interface BlockFacts {
  /** What it is, such as "Text". */
  readonly label: string;
  readonly pointer: string;
  readonly mimeType?: string;
  readonly uri?: string;
  readonly annotations?: Annotations;
  /** More that is known, such as the size. */
  readonly notes?: readonly string[];
}

export interface BlockFrameProps {
  readonly facts: BlockFacts;
  readonly actions: ContentActions;
  readonly controls?: ComponentChildren;
  readonly onCopy?: () => void;
  /** Whether the data can be opened and saved. */
  readonly hasData?: boolean;
  readonly children: ComponentChildren;
}

export function BlockFrame({ facts, actions, controls, onCopy, hasData = false, children }: BlockFrameProps): VNode {
  const { openContent } = actions;
  const notes = [facts.mimeType, ...(facts.notes ?? []), ...annotationNotes(facts.annotations)].filter((note) => note !== undefined);
  return (
    <div class="content-block" role="group" aria-label={facts.label}>
      <div class="content-head">
        <span class="content-label">{facts.label}</span>
        {facts.uri !== undefined && (
          <bdi class="content-uri selectable" title={visibleLine(facts.uri)}>
            {visibleLine(facts.uri)}
          </bdi>
        )}
        {notes.map((note, index) => (
          <span key={index} class="content-fact">
            {visibleLine(note)}
          </span>
        ))}
        <span class="content-tools">
          {controls}
          {onCopy && <IconButton icon="copy" label={words.copy} onPress={onCopy} />}
          {hasData && openContent && (
            <>
              <IconButton icon="go-to-file" label={words.open} onPress={() => openContent(facts.pointer, 'open')} />
              <IconButton icon="save" label={words.save} onPress={() => openContent(facts.pointer, 'save')} />
            </>
          )}
        </span>
      </div>
      {children}
    </div>
  );
}

function annotationNotes(annotations: Annotations | undefined): string[] {
  if (!annotations) return [];
  const { audience, priority, lastModified } = annotations;
  return [
    ...(audience ? [words.audience(audience.join(', '))] : []),
    ...(priority === undefined ? [] : [words.priority(priority)]),
    ...(lastModified === undefined ? [] : [words.modified(lastModified)]),
  ];
}
