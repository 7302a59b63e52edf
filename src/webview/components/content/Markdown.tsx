/**
 * Owns drawing Markdown from anyone (CommonMark with GitHub's additions) as elements of its own choosing: never as
 * markup. HTML stays text, nothing is loaded (a picture is a link to it), a link asks first, depth and size are bounded.
 */
import type { ComponentChildren, VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Nodes, PhrasingContent, RootContent, Root, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { visibleBlock, visibleLine } from '../visibleText';
import type { ContentActions } from './contentActions';
import { contentWords as words } from './contentStrings';
import { LinkText } from './LinkText';

/** Deeper than this is drawn as its text. */
const MAX_DEPTH = 40;
const MAX_NODES = 20_000;

interface Drawing {
  readonly actions: Pick<ContentActions, 'openLink'>;
  /** Targets of `[label]`, by label. */
  readonly definitions: ReadonlyMap<string, string>;
  left: number;
}

/** `text` must be cheap (`isCheapMarkdown`). */
export function Markdown({ text, actions }: { readonly text: string; readonly actions: Pick<ContentActions, 'openLink'> }): VNode {
  const root = useMemo(() => parse(text), [text]);
  if (!root) return <p class="content-note">{words.tooDeep}</p>;
  const drawing: Drawing = { actions, definitions: definitionsOf(root), left: MAX_NODES };
  return <div class="markdown selectable">{drawAll(root.children, drawing, 0)}</div>;
}

function parse(text: string): Root | undefined {
  try {
    return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  } catch {
    return undefined; // nested beyond the stack
  }
}

function definitionsOf(root: Root): Map<string, string> {
  const found = new Map<string, string>();
  // They may stand in quotes and lists; those that stand deeper than anyone writes are not looked for.
  const look = (nodes: readonly Nodes[], depth: number): void => {
    for (const node of nodes) {
      if (node.type === 'definition' && !found.has(node.identifier)) found.set(node.identifier, node.url);
      else if ('children' in node && depth < 10) look(node.children, depth + 1);
    }
  };
  look(root.children, 0);
  return found;
}

function drawAll(nodes: readonly (RootContent | PhrasingContent)[], drawing: Drawing, depth: number): ComponentChildren[] {
  return nodes.map((node, index) => draw(node, index, drawing, depth));
}

function draw(node: RootContent | PhrasingContent, key: number, drawing: Drawing, depth: number): ComponentChildren {
  drawing.left -= 1;
  if (drawing.left < 0) return null;
  if (depth > MAX_DEPTH) return <span key={key}>{visibleBlock(plainText(node, 0))}</span>;
  const inside = (): ComponentChildren[] => ('children' in node ? drawAll(node.children as PhrasingContent[], drawing, depth + 1) : []);
  switch (node.type) {
    case 'text':
      return visibleBlock(node.value);
    case 'paragraph':
      return <p key={key}>{inside()}</p>;
    case 'heading': {
      // The page has headings of its own above these.
      const level = Math.min(6, node.depth + 2);
      return (
        <div key={key} role="heading" aria-level={level} class={`markdown-heading level-${node.depth}`}>
          {inside()}
        </div>
      );
    }
    case 'emphasis':
      return <em key={key}>{inside()}</em>;
    case 'strong':
      return <strong key={key}>{inside()}</strong>;
    case 'delete':
      return <del key={key}>{inside()}</del>;
    case 'blockquote':
      return <blockquote key={key}>{inside()}</blockquote>;
    case 'list':
      return node.ordered ? (
        <ol key={key} start={node.start ?? 1}>
          {inside()}
        </ol>
      ) : (
        <ul key={key}>{inside()}</ul>
      );
    case 'listItem':
      return (
        <li key={key} class={typeof node.checked === 'boolean' ? 'task' : undefined}>
          {typeof node.checked === 'boolean' && (
            <span class={`codicon codicon-${node.checked ? 'check' : 'circle-large-outline'} task-mark`} role="img" aria-label={node.checked ? words.done : words.notDone} />
          )}
          {inside()}
        </li>
      );
    case 'break':
      return <br key={key} />;
    case 'thematicBreak':
      return <hr key={key} />;
    case 'inlineCode':
      return <code key={key}>{visibleLine(node.value)}</code>;
    case 'code':
      return (
        <pre key={key} class="markdown-code" tabIndex={0}>
          {visibleBlock(node.value)}
        </pre>
      );
    case 'html':
      return (
        <code key={key} class="markdown-html">
          {visibleBlock(node.value)}
        </code>
      );
    case 'link':
      return (
        <LinkText key={key} url={node.url} text={plainText(node, 0)} onOpen={drawing.actions.openLink}>
          {inside()}
        </LinkText>
      );
    case 'linkReference': {
      const url = drawing.definitions.get(node.identifier);
      if (url === undefined) return <span key={key}>[{inside()}]</span>;
      return (
        <LinkText key={key} url={url} text={plainText(node, 0)} onOpen={drawing.actions.openLink}>
          {inside()}
        </LinkText>
      );
    }
    case 'image':
    case 'imageReference': {
      const url = node.type === 'image' ? node.url : (drawing.definitions.get(node.identifier) ?? '');
      const text = words.remoteImage(visibleLine(node.alt ?? ''));
      return (
        <LinkText key={key} url={url} text={text} onOpen={drawing.actions.openLink}>
          {text}
        </LinkText>
      );
    }
    case 'table':
      return <MarkdownTable key={key} table={node} drawing={drawing} depth={depth} />;
    case 'footnoteReference':
      return <sup key={key}>{words.footnote(visibleLine(node.identifier))}</sup>;
    case 'footnoteDefinition':
      return (
        <div key={key} class="markdown-footnote">
          <sup>{words.footnote(visibleLine(node.identifier))}</sup>
          <div>{inside()}</div>
        </div>
      );
    case 'definition':
      return null;
    default:
      return <span key={key}>{visibleBlock(plainText(node, 0))}</span>;
  }
}

function MarkdownTable({ table, drawing, depth }: { readonly table: Table; readonly drawing: Drawing; readonly depth: number }): VNode {
  const [head, ...rows] = table.children;
  const align = (index: number): { class?: string } => {
    const side = table.align?.[index];
    return side ? { class: `align-${side}` } : {};
  };
  return (
    <div class="markdown-table" tabIndex={0} role="region" aria-label="Table">
      <table>
        {head && (
          <thead>
            <tr>
              {head.children.map((cell, index) => (
                <th key={index} scope="col" {...align(index)}>
                  {drawAll(cell.children, drawing, depth + 3)}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map((row, place) => (
            <tr key={place}>
              {row.children.map((cell, index) => (
                <td key={index} {...align(index)}>
                  {drawAll(cell.children, drawing, depth + 3)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What a reader would read, marks left out. */
function plainText(node: Nodes, depth: number): string {
  if ('value' in node) return node.value;
  if ('alt' in node) return node.alt ?? '';
  if (!('children' in node) || depth > 200) return '';
  return node.children.map((child) => plainText(child, depth + 1)).join('');
}
