/**
 * Owns drawing a whole result: its content, its structured content with what the check against the output schema said, and what
 * else is in it. Takes parameters that carry content (sampling, elicitation) as well.
 */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { SchemaCheck, SchemaProblem } from '../../../extension/contract/trafficApi';
import { Icon } from '../Icon';
import type { JsonMatch } from '../jsonFind';
import { JsonTree } from '../JsonTree';
import { visibleBlock, visibleLine } from '../visibleText';
import { BlockList, Tree } from './ContentBlocks';
import type { ContentActions } from './contentActions';
import { readResult, type ResultContent } from './contentModel';
import { contentWords as words } from './contentStrings';
import { treePlace } from './jsonPointer';
import { PlainText } from './TextContent';

const MAX_PROBLEMS = 50;
/** Values up to this length stand in the flow of the page. */
const SHORT = 200;

export interface ToolResultViewProps {
  /** The `result` of an answer, or `params`; of any form. */
  readonly result: unknown;
  /** What checking the structured content said; absent where there is no schema or no answer yet. */
  readonly outputCheck?: SchemaCheck | undefined;
  /** The check is under way. */
  readonly isChecking?: boolean;
  /** JSON Pointer to `result` in the message, such as `/result`. */
  readonly pointer?: string;
  readonly actions: ContentActions;
}

export function ToolResultView({ result, outputCheck, isChecking = false, pointer = '', actions }: ToolResultViewProps): VNode {
  const read = useMemo(() => readResult(result, pointer), [result, pointer]);
  const isEmpty = read.blocks.length === 0 && !read.structured && read.rest === undefined && read.facts.length === 0 && read.description === undefined;
  return (
    <div class="tool-result">
      {read.isError && (
        <p class="content-warning failed">
          <Icon name="error" />
          <span>{words.isError}</span>
        </p>
      )}
      <Facts read={read} />
      {isEmpty && <p class="content-note">{words.empty}</p>}
      {read.blocks.length > 0 && <BlockList blocks={read.blocks} omitted={read.omitted} actions={actions} nesting={0} />}
      {read.structured && <Structured read={read.structured} check={outputCheck} isChecking={isChecking} />}
      {!read.structured && outputCheck && outputCheck.kind !== 'fits' && <CheckLine check={outputCheck} onGo={() => undefined} />}
      {read.rest !== undefined && (
        <div class="content-block" role="group" aria-label={words.rest}>
          {(read.blocks.length > 0 || read.structured) && (
            <div class="content-head">
              <span class="content-label">{words.rest}</span>
            </div>
          )}
          <Tree value={read.rest} label={words.rest} />
        </div>
      )}
    </div>
  );
}

function Facts({ read }: { readonly read: ResultContent }): VNode | null {
  const { facts, description } = read;
  if (facts.length === 0 && description === undefined) return null;
  return (
    <dl class="facts content-facts">
      {description !== undefined && (
        <>
          <dt>{words.description}</dt>
          <dd>{visibleBlock(description.slice(0, 2_000))}</dd>
        </>
      )}
      {facts.map(([name, value]) => (
        <>
          <dt>{words.facts[name] ?? name}</dt>
          <dd>
            {value.length > SHORT || value.includes('\n') ? <PlainText text={value} /> : visibleLine(value)}
          </dd>
        </>
      ))}
    </dl>
  );
}

interface StructuredProps {
  readonly read: NonNullable<ResultContent['structured']>;
  readonly check: SchemaCheck | undefined;
  readonly isChecking: boolean;
}

function Structured({ read, check, isChecking }: StructuredProps): VNode {
  const [goTo, setGoTo] = useState<JsonMatch>();
  return (
    <div class="content-block" role="group" aria-label={words.structured}>
      <div class="content-head">
        <span class="content-label">{words.structured}</span>
      </div>
      {isChecking && !check && <p class="content-note delayed">{words.checking}</p>}
      {check && <CheckLine check={check} onGo={(path) => setGoTo(treePlace(path))} />}
      <JsonTree value={read.value} label={words.structured} words={words.tree} isInline openLevels={2} goTo={goTo} />
    </div>
  );
}

/** What a check against a schema said, with a way to each place. */
export function CheckLine({ check, onGo }: { readonly check: SchemaCheck; readonly onGo: (path: string) => void }): VNode {
  switch (check.kind) {
    case 'fits':
      return (
        <div class="content-check">
          <p class="fits">
            <Icon name="check" />
            <span>{words.fits}</span>
          </p>
          <Notes notes={check.notes} />
        </div>
      );
    case 'unusable':
      return (
        <p class="content-warning">
          <Icon name="warning" />
          <span>{words.unusable(visibleLine(check.message))}</span>
        </p>
      );
    case 'problems':
      return (
        <div class="content-check">
          <p class="content-warning failed">
            <Icon name="error" />
            <span>{words.problems(check.problems.length)}</span>
          </p>
          <ul class="problems">
            {check.problems.slice(0, MAX_PROBLEMS).map((problem, index) => (
              <Problem key={index} problem={problem} onGo={onGo} />
            ))}
          </ul>
          {check.problems.length > MAX_PROBLEMS && <p class="content-note">{words.moreProblems(check.problems.length - MAX_PROBLEMS)}</p>}
          <Notes notes={check.notes} />
        </div>
      );
  }
}

/** What was not checked. */
function Notes({ notes = [] }: { readonly notes: readonly string[] | undefined }): VNode {
  return (
    <>
      {notes.map((note) => (
        <p key={note} class="content-note">
          {visibleLine(note)}
        </p>
      ))}
    </>
  );
}

function Problem({ problem: { path, message }, onGo }: { readonly problem: SchemaProblem; readonly onGo: (path: string) => void }): VNode {
  const where = path === '' ? words.wholeValue : visibleLine(path);
  return (
    <li>
      <button type="button" class="link-button" title={words.goToProblem(where)} onClick={() => onGo(path)}>
        {where}
      </button>{' '}
      <span class="selectable">{visibleLine(message)}</span>
    </li>
  );
}
