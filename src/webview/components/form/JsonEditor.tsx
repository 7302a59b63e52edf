/**
 * Owns an editor for JSON text: line numbers, colours, marks where something is wrong, indent that follows brackets, find.
 * A plain text area lies over a drawn copy of its text, so that undo, selection and input methods are the browser's own.
 */
import type { VNode } from 'preact';
import { useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { findText } from '../find';
import { FindBar } from '../FindBar';
import { Icon } from '../Icon';
import { visibleLine } from '../visibleText';
import { closeBracket, formatJson, newLine, tokensOf, type TextEdit } from './jsonEditing';
import { lineColumn } from './jsonText';
import { formStrings } from './formStrings';

export interface EditorProblem {
  readonly offset: number;
  readonly length: number;
  readonly message: string;
  /** `warning`: it is JSON, but does not fit. */
  readonly severity: 'error' | 'warning';
}

export interface JsonEditorHandle {
  format(): void;
  openFind(): void;
  focus(): void;
}

export interface JsonEditorProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly label: string;
  readonly problems?: readonly EditorProblem[];
  /** As high as its text, up to a limit, in the flow of a form. */
  readonly isInline?: boolean;
  readonly placeholder?: string;
  readonly describedBy?: string | undefined;
  readonly handle?: { current: JsonEditorHandle | null };
}

const LINE_HEIGHT = 18;
const words = formStrings.editor;
const MAX_LISTED = 20;
const NO_PROBLEMS: readonly EditorProblem[] = [];

export function JsonEditor(props: JsonEditorProps): VNode {
  const { value, onChange, label, problems = NO_PROBLEMS, isInline = false, placeholder, describedBy } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const [isFinding, setFinding] = useState(false);
  const [query, setQuery] = useState('');
  const [current, setCurrent] = useState(0);
  const matches = useMemo(() => (isFinding ? findText(value, query) : []), [value, query, isFinding]);
  const tokens = useMemo(() => tokensOf(value), [value]);
  const lines = useMemo(() => countLines(value), [value]);

  // What came from outside; what is typed is there already, and writing it again would lose the cursor.
  useLayoutEffect(() => {
    if (area.current && area.current.value !== value) area.current.value = value;
  }, [value]);

  const select = (start: number, end: number): void => {
    const element = area.current;
    if (!element) return;
    element.setSelectionRange(start, end);
    const scroller = element.closest<HTMLElement>('.json-editor-scroll');
    const top = (lineColumn(value, start).line - 1) * LINE_HEIGHT;
    if (scroller && (top < scroller.scrollTop || top > scroller.scrollTop + scroller.clientHeight - 2 * LINE_HEIGHT)) scroller.scrollTop = Math.max(0, top - scroller.clientHeight / 2);
  };
  const goTo = (start: number, end: number): void => {
    area.current?.focus();
    select(start, end);
  };
  useEffect(() => {
    const match = matches[current];
    if (match) select(match.start, match.end);
  }, [matches, current]);
  const openFind = (): void => {
    setFinding(true);
    setCurrent(0);
  };
  useImperativeHandle(props.handle as { current: JsonEditorHandle | null }, () => ({
    format: () => area.current && replace(area.current, { start: 0, end: value.length, insertion: formatJson(value), cursor: 0 }),
    openFind,
    focus: () => area.current?.focus(),
  }));

  const onKeyDown = (event: KeyboardEvent): void => {
    const element = event.currentTarget as HTMLTextAreaElement;
    const { selectionStart: start, selectionEnd: end } = element;
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
    if (event.key === 'Enter' && !isCommand && !event.isComposing) replace(element, newLine(element.value, start, end));
    else if ((event.key === '}' || event.key === ']') && !isCommand) {
      const edit = closeBracket(element.value, start, end, event.key);
      if (!edit) return;
      replace(element, edit);
    } else if (event.key === 'f' && isCommand && !event.shiftKey) openFind();
    else if (event.key.toLowerCase() === 'f' && event.shiftKey && event.altKey) replace(element, { start: 0, end: element.value.length, insertion: formatJson(element.value), cursor: 0 });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const shown = problems.slice(0, MAX_LISTED);
  return (
    <div class={isInline ? 'json-editor inline' : 'json-editor'}>
      {isFinding && (
        <FindBar
          label={words.findLabel}
          query={query}
          count={matches.length}
          current={Math.min(current, Math.max(0, matches.length - 1))}
          onQuery={(next) => {
            setQuery(next);
            setCurrent(0);
          }}
          onStep={(by) => setCurrent(matches.length === 0 ? 0 : (current + by + matches.length) % matches.length)}
          onClose={() => {
            setFinding(false);
            area.current?.focus();
          }}
        />
      )}
      <div class="json-editor-scroll">
        <div class="json-editor-gutter" aria-hidden="true">
          <pre>{Array.from({ length: lines }, (_, index) => index + 1).join('\n')}</pre>
          {shown.map((problem) => (
            <span key={`${problem.offset} ${problem.message}`} class={`json-editor-mark ${problem.severity}`} style={{ top: `${(lineColumn(value, problem.offset).line - 1) * LINE_HEIGHT}px` }} title={visibleLine(problem.message)}>
              <Icon name={problem.severity} />
            </span>
          ))}
        </div>
        <div class="json-editor-body">
          <pre class="json-editor-text" aria-hidden="true">
            {tokens.map((token, index) => (token.kind === 'plain' ? token.text : <span key={index} class={`json-token-${token.kind}`}>{token.text}</span>))}
            {'\n'}
          </pre>
          <pre class="json-editor-text json-editor-marks" aria-hidden="true">
            <Marks text={value} problems={shown} matches={matches} current={matches[current]} />
          </pre>
          <textarea
            ref={area}
            class="json-editor-input"
            aria-label={label}
            aria-describedby={describedBy}
            aria-invalid={problems.some(({ severity }) => severity === 'error') ? 'true' : undefined}
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            wrap="off"
            placeholder={placeholder}
            defaultValue={value}
            onInput={(event) => onChange(event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
        </div>
      </div>
      {shown.length > 0 && (
        <ul class="json-editor-problems" aria-label={words.problems} aria-live="polite">
          {shown.map((problem) => {
            const { line, column } = lineColumn(value, problem.offset);
            return (
              <li key={`${problem.offset} ${problem.message}`}>
                <button type="button" class="json-editor-problem" onClick={() => goTo(problem.offset, problem.offset + problem.length)}>
                  <Icon name={problem.severity} class={problem.severity} />
                  <span class="json-editor-place">{words.place(line, column)}</span>
                  <span class="json-editor-message">{visibleLine(problem.message)}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

interface Mark {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/** The text once more, unseen, with marks under it. */
function Marks({ text, problems, matches, current }: { readonly text: string; readonly problems: readonly EditorProblem[]; readonly matches: readonly { start: number; end: number }[]; readonly current: { start: number; end: number } | undefined }): VNode {
  const marks: Mark[] = [
    ...problems.map(({ offset, length, severity }) => ({ start: offset, end: Math.min(offset + length, text.length), kind: `squiggle ${severity}` })),
    ...matches.map((match) => ({ ...match, kind: match === current ? 'found current' : 'found' })),
  ].toSorted((one, other) => one.start - other.start || other.end - one.end);
  const parts: (VNode | string)[] = [];
  let at = 0;
  for (const { start, end, kind } of marks) {
    if (start < at) continue;
    parts.push(text.slice(at, start));
    // Nothing stands there (the text ends): a blank carries the mark.
    parts.push(<span key={start} class={kind}>{start === end || text[start] === '\n' ? ' ' : firstLine(text.slice(start, end))}</span>);
    at = start + (start === end || text[start] === '\n' ? 0 : firstLine(text.slice(start, end)).length);
  }
  parts.push(text.slice(at));
  return <>{parts}</>;
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** Through the browser's own editing, so that it can be undone. */
function replace(element: HTMLTextAreaElement, { start, end, insertion, cursor }: TextEdit): void {
  element.focus();
  element.setSelectionRange(start, end);
  // The only way for a page to edit with undo; deprecated, and without a successor.
  if (typeof document.execCommand !== 'function' || !document.execCommand('insertText', false, insertion)) {
    element.setRangeText(insertion, start, end, 'end');
    element.dispatchEvent(new Event('input', { bubbles: true }));
  }
  element.setSelectionRange(cursor, cursor);
}
