/** Owns drawing a list of MCP content blocks: text, pictures, audio, resources, links, in messages with their roles. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { JsonValue } from '../../../extension/util/json';
import { formatBytes } from '../format';
import { Icon } from '../Icon';
import { JsonTree } from '../JsonTree';
import { visibleBlock, visibleLine } from '../visibleText';
import { BlockFrame, type BlockFacts } from './BlockFrame';
import type { ContentActions } from './contentActions';
import { omittedOf, readBlocks, readResult, type ContentBlock } from './contentModel';
import { contentWords as words } from './contentStrings';
import { LinkText } from './LinkText';
import { MediaContent } from './MediaContent';
import { TextContent } from './TextContent';

/** Blocks drawn before the reader asks for more. */
const FIRST_BLOCKS = 20;
const MORE_BLOCKS = 50;
/** Results of tools inside of messages, inside of results. */
const MAX_NESTING = 3;

export interface ContentBlocksProps {
  /** A list of blocks, one block, or messages; anything else is shown as JSON. */
  readonly blocks: unknown;
  /** JSON Pointer to `blocks` in the message it was taken from. */
  readonly pointer?: string;
  readonly actions: ContentActions;
}

export function ContentBlocks({ blocks, pointer = '', actions }: ContentBlocksProps): VNode {
  const read = useMemo(() => readBlocks(blocks, pointer), [blocks, pointer]);
  return <BlockList blocks={read} omitted={omittedOf(blocks)} actions={actions} nesting={0} />;
}

export interface BlockListProps {
  readonly blocks: readonly ContentBlock[];
  /** Blocks that are there and were not read. */
  readonly omitted?: number;
  readonly actions: ContentActions;
  readonly nesting: number;
}

export function BlockList({ blocks, omitted = 0, actions, nesting }: BlockListProps): VNode {
  const [limit, setLimit] = useState(FIRST_BLOCKS);
  useEffect(() => setLimit(FIRST_BLOCKS), [blocks]);
  const shown = blocks.slice(0, limit);
  return (
    <div class="content-blocks">
      {shown.map((block, index) => (
        <div key={block.pointer}>
          {block.role !== undefined && block.role !== shown[index - 1]?.role && <p class="content-role">{visibleLine(block.role)}</p>}
          <Block block={block} actions={actions} nesting={nesting} />
        </div>
      ))}
      {blocks.length <= limit && omitted > 0 && <p class="content-note">{words.omitted(omitted)}</p>}
      {blocks.length > limit && (
        <button type="button" class="link-button" onClick={() => setLimit(limit + MORE_BLOCKS)}>
          {words.moreBlocks(blocks.length + omitted - limit)}
        </button>
      )}
    </div>
  );
}

function factsOf(block: ContentBlock, label: string): BlockFacts {
  return {
    label,
    pointer: block.pointer,
    ...(block.mimeType === undefined ? {} : { mimeType: block.mimeType }),
    ...(block.uri === undefined || block.kind === 'link' ? {} : { uri: block.uri }),
    ...(block.annotations ? { annotations: block.annotations } : {}),
  };
}

interface BlockProps {
  readonly block: ContentBlock;
  readonly actions: ContentActions;
  readonly nesting: number;
}

function Block({ block, actions, nesting }: BlockProps): VNode {
  switch (block.kind) {
    case 'text':
      return <TextContent text={block.text} facts={factsOf(block, block.uri === undefined ? words.text : words.resource)} actions={actions} />;
    case 'image':
    case 'audio':
    case 'blob':
      return <MediaContent kind={block.kind} data={block.data} facts={factsOf(block, words[block.kind])} actions={actions} />;
    case 'link':
      return <Link block={block} actions={actions} />;
    case 'toolUse':
      return (
        <BlockFrame facts={{ ...factsOf(block, words.toolUse), notes: [block.name] }} actions={actions}>
          <Tree value={block.input} label={words.toolUse} />
        </BlockFrame>
      );
    case 'toolResult':
      return <ToolResultBlock block={block} actions={actions} nesting={nesting} />;
    case 'json':
      return (
        <BlockFrame facts={factsOf(block, words.unknown)} actions={actions}>
          <Tree value={block.value} label={words.unknown} />
        </BlockFrame>
      );
  }
}

function ToolResultBlock({ block, actions, nesting }: BlockProps & { readonly block: Extract<ContentBlock, { kind: 'toolResult' }> }): VNode {
  const inner = useMemo(() => readResult(block.value, block.pointer), [block]);
  const id = block.value['toolUseId'];
  return (
    <BlockFrame facts={{ ...factsOf(block, words.toolResult), notes: typeof id === 'string' ? [id] : [] }} actions={actions}>
      {inner.isError && <p class="content-warning">{words.isError}</p>}
      {nesting < MAX_NESTING ? <BlockList blocks={inner.blocks} actions={actions} nesting={nesting + 1} /> : <Tree value={block.value} label={words.toolResult} />}
      {inner.structured && <Tree value={inner.structured.value} label={words.structured} />}
    </BlockFrame>
  );
}

function Link({ block, actions }: { readonly block: Extract<ContentBlock, { kind: 'link' }>; readonly actions: ContentActions }): VNode {
  const { openResource } = actions;
  const title = block.title ?? block.name ?? block.uri;
  const notes = [...(block.title !== undefined && block.name !== undefined && block.name !== block.title ? [block.name] : []), ...(block.size === undefined ? [] : [formatBytes(block.size)])];
  return (
    <BlockFrame facts={{ ...factsOf(block, words.link), notes }} actions={actions} onCopy={() => actions.copyText(block.uri)}>
      <p class="resource-link">
        <Icon name="link" />
        <span class="resource-name selectable">{visibleLine(title)}</span>
        <LinkText url={block.uri} text={block.uri} onOpen={actions.openLink}>
          <bdi class="resource-uri">{visibleLine(block.uri)}</bdi>
        </LinkText>
        {openResource && (
          <button type="button" class="link-button" onClick={() => openResource(block.uri)}>
            {words.openResource}
          </button>
        )}
      </p>
      {block.description !== undefined && <p class="content-note selectable">{visibleBlock(block.description.slice(0, 2_000))}</p>}
    </BlockFrame>
  );
}

export function Tree({ value, label }: { readonly value: JsonValue; readonly label: string }): VNode {
  return <JsonTree value={value} label={label} words={words.tree} isInline openLevels={2} />;
}
