/** Owns the catalogue as a tree: drawn a window at a time, found by search, used with mouse or keyboard. */
import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CatalogKind } from '../../../extension/contract/playgroundCatalog';
import { isRaw } from '../../../extension/contract/playgroundRuns';
import { formatCount } from '../../components/format';
import { Icon, IconButton } from '../../components/Icon';
import { ListScroller } from '../../components/listScroller';
import { MarkedLine } from '../../components/Marked';
import type { MenuController, MenuEntry } from '../../components/Menu';
import { ServerDot } from '../../components/ServerDot';
import { Stage } from '../../components/Stage';
import { moveByKey, VirtualList } from '../../components/VirtualList';
import { visibleBlock, visibleLine } from '../../components/visibleText';
import { itemKey, parentIndex, serverKey, type CatalogNote, type CatalogRow } from '../model/catalogTree';
import type { PlaygroundModel } from '../model/playgroundModel';
import { strings } from '../strings';
import { Badges } from './Badges';

const ROW_HEIGHT = 22;
const words = strings.catalog;
export const kindIcons: Readonly<Record<CatalogKind | 'request' | 'notification', string>> = { tool: 'tools', prompt: 'comment', resource: 'file', template: 'file-code', request: 'json', notification: 'json' };

export function CatalogView({ model, menus }: { readonly model: PlaygroundModel; readonly menus: MenuController }): VNode {
  const { catalog } = model;
  const rows = catalog.rows.value;
  const search = catalog.search.value;
  const scroller = useMemo(() => new ListScroller(ROW_HEIGHT), []);
  const tree = useRef<HTMLDivElement | null>(null);
  const [active, setActive] = useState(0);
  const selected = selectedKey(model);
  const current = Math.min(active, Math.max(0, rows.length - 1));
  const setTree = useCallback((element: HTMLDivElement | null) => {
    tree.current = element;
  }, []);
  // What is selected from elsewhere is gone to, once.
  useEffect(() => {
    const index = rows.findIndex(({ key }) => key === selected);
    if (index < 0) return;
    setActive(index);
    scroller.reveal(index);
  }, [selected, scroller]);

  const go = (index: number): void => {
    setActive(index);
    scroller.reveal(index);
  };
  const toggle = (row: CatalogRow, isOpen: boolean): void => {
    if (row.kind === 'server') model.toggleServer(row.server, isOpen);
    else catalog.toggle(row.key, isOpen);
  };
  const choose = (row: CatalogRow): void => {
    if (row.kind === 'item') model.select({ kind: 'target', target: { server: row.server, kind: row.item.kind, name: row.item.name } });
    else if (row.kind === 'raw') model.select({ kind: 'target', target: { server: row.server, kind: 'request', name: '' } });
    else if (row.kind === 'server') {
      model.select({ kind: 'server', server: row.server.name });
      // Nothing of it is known before it is connected.
      if (row.server.connection.kind === 'idle' && row.isOpen === false) model.toggleServer(row.server, true);
    }
    else if (row.kind === 'group') toggle(row, row.isOpen !== true);
    else if (row.note.kind === 'state') model.select({ kind: 'server', server: row.server });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[current];
    const isLetter = event.key.length === 1;
    const moved = isLetter ? undefined : moveByKey(event, current, rows.length, scroller.space.pageRows);
    if (moved !== undefined) go(moved);
    else if (!row) return;
    else if (event.key === 'ArrowRight' && row.isOpen !== undefined) {
      if (row.isOpen) go(Math.min(current + 1, rows.length - 1));
      else toggle(row, true);
    } else if (event.key === 'ArrowLeft') {
      if (row.isOpen) toggle(row, false);
      else go(parentIndex(rows, current));
    } else if ((event.key === 'Enter' && !event.ctrlKey && !event.metaKey) || event.key === ' ') choose(row);
    else if (isLetter && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== '/') typeAhead(event.key);
    else return;
    event.preventDefault();
  };
  /** The next row that begins with the letter, as in VS Code's own trees. */
  const typeAhead = (letter: string): void => {
    for (let step = 1; step <= rows.length; step += 1) {
      const index = (current + step) % rows.length;
      if (labelOf(rows[index]!).toLowerCase().startsWith(letter.toLowerCase())) {
        go(index);
        return;
      }
    }
  };

  return (
    <>
      <div class="catalog-search">
        <input
          type="text"
          class="text-box"
          role="searchbox"
          aria-label={words.search}
          placeholder={words.search}
          value={search}
          spellcheck={false}
          onInput={(event) => catalog.type(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && search !== '') catalog.type('');
            else if (event.key === 'ArrowDown') tree.current?.focus();
            else return;
            event.preventDefault();
          }}
        />
        {search !== '' && <IconButton icon="close" label={words.clear} onPress={() => catalog.type('')} />}
        <MenuButton menus={menus} label={strings.saved.more} entries={() => catalogMenu(model)} />
      </div>
      {rows.length === 0 && search.trim() !== '' ? (
        <Stage title={words.noMatchTitle} text={words.noMatchText(visibleLine(search.trim()))}>
          <button type="button" class="text-button" onClick={() => catalog.type('')}>
            {words.clearSearch}
          </button>
        </Stage>
      ) : (
        <VirtualList
          scroller={scroller}
          count={rows.length}
          label={words.label}
          role="tree"
          class="catalog-tree"
          activeIndex={current}
          elementRef={setTree}
          onKeyDown={onKeyDown}
          renderRow={(index, rowId, offset) => {
            const row = rows[index]!;
            const isSelected = row.key === selected;
            return (
              <div
                key={row.key}
                id={rowId}
                role="treeitem"
                aria-level={row.level}
                aria-expanded={row.isOpen}
                aria-selected={isSelected}
                {...({ 'aria-description': factsOf(row) } as object)}
                class={`catalog-row ${row.kind}${isSelected ? ' selected' : ''}${index === current ? ' active' : ''}`}
                style={{ top: `${offset}px`, paddingInlineStart: `${(row.level - 1) * 12 + 4}px` }}
                onClick={() => {
                  setActive(index);
                  choose(row);
                }}
              >
                <span
                  class={`catalog-twistie codicon${row.isOpen === undefined ? '' : ` codicon-chevron-${row.isOpen ? 'down' : 'right'}`}`}
                  aria-hidden="true"
                  onClick={(event) => {
                    if (row.isOpen === undefined) return;
                    event.stopPropagation();
                    toggle(row, !row.isOpen);
                  }}
                />
                <RowContent row={row} search={search.trim()} />
              </div>
            );
          }}
        />
      )}
    </>
  );
}

function RowContent({ row, search }: { readonly row: CatalogRow; readonly search: string }): VNode {
  switch (row.kind) {
    case 'server':
      return (
        <>
          <ServerDot name={row.server.name} />
          <span class="catalog-name">{visibleLine(row.server.name)}</span>
          {row.server.connection.kind === 'ready' && !row.isOpen && <Tokens text={words.tokens(row.server.tokens.tool)} tooltip={words.toolTokensTooltip} />}
          {row.server.connection.kind === 'idle' && <span class="catalog-count">{words.connection(row.server.connection)}</span>}
          {row.server.connection.kind === 'connecting' && <Icon name="loading codicon-modifier-spin" title={words.connection(row.server.connection)} />}
          {row.server.connection.kind === 'failed' && <Icon name="error" class="failed" title={words.connection(row.server.connection)} />}
          {row.server.connection.kind === 'unavailable' && <Icon name="lock" title={words.connection(row.server.connection)} />}
        </>
      );
    case 'group':
      return (
        <>
          <span class="catalog-group">{words.groups[row.group]}</span>
          <span class="catalog-count">{row.count}</span>
          <Tokens text={words.tokens(row.tokens)} tooltip={words.sumTooltip} />
        </>
      );
    case 'item': {
      const { item } = row;
      return (
        <>
          <Icon name={kindIcons[item.kind]} />
          <span class="catalog-name" title={visibleBlock(words.tooltip(item))}>
            <MarkedLine text={labelOf(row)} query={search} />
          </span>
          <Badges item={item} isShort />
          <Tokens text={formatCount(item.tokens)} tooltip={words.tokensTooltip} />
        </>
      );
    }
    case 'raw':
      return (
        <>
          <Icon name="json" />
          <span class="catalog-name" title={words.rawTooltip}>
            {words.raw}
          </span>
        </>
      );
    case 'note':
      return (
        <span class={`catalog-note${row.note.kind === 'state' && row.note.connection.kind === 'failed' ? ' failed' : ''}`} title={noteText(row.note)}>
          {noteText(row.note)}
        </span>
      );
  }
}

/** Drawn by the style sheet, where there is room; the row's description says the same. */
function Tokens({ text, tooltip }: { readonly text: string; readonly tooltip: string }): VNode {
  return <span class="catalog-tokens" data-text={text} title={tooltip} aria-hidden="true" />;
}

/** What is known of a row beside its name. */
function factsOf(row: CatalogRow): string | undefined {
  switch (row.kind) {
    case 'server':
      return row.server.connection.kind === 'ready' ? words.tokens(row.server.tokens.tool) : undefined;
    case 'group':
      return words.tokens(row.tokens);
    case 'item':
      return words.facts(row.item).join(', ');
    default:
      return undefined;
  }
}

function noteText(note: CatalogNote): string {
  switch (note.kind) {
    case 'state':
      return visibleLine(words.connection(note.connection));
    case 'loading':
      return words.loading;
    case 'empty':
      return words.empty;
    case 'noMatch':
      return words.noMatchTitle;
    case 'more':
      return words.more(note.count);
  }
}

function labelOf(row: CatalogRow): string {
  switch (row.kind) {
    case 'server':
      return row.server.name;
    case 'group':
      return words.groups[row.group];
    case 'item':
      // A resource is known by its name for people where it has one; its URI stands in the tooltip.
      return visibleLine(row.item.kind === 'resource' || row.item.kind === 'template' ? (row.item.title ?? row.item.name) : row.item.name);
    case 'raw':
      return words.raw;
    case 'note':
      return '';
  }
}

function selectedKey(model: PlaygroundModel): string | undefined {
  const selection = model.selection.value;
  if (selection?.kind === 'server') return serverKey(selection.server);
  if (selection?.kind !== 'target') return undefined;
  const { server, kind, name } = selection.target;
  return isRaw(kind) ? itemKey(server, 'request', '') : itemKey(server, kind, name);
}

function catalogMenu(model: PlaygroundModel): MenuEntry[] {
  const servers = model.state.peek()?.servers ?? [];
  return [
    { label: strings.roots.open, onSelect: () => model.select({ kind: 'roots' }) },
    'separator',
    ...servers.filter(({ connection }) => connection.kind === 'ready').map(({ name }) => ({ label: `${strings.server.refresh}: ${visibleLine(name)}`, onSelect: () => void model.act(() => model.host.api.refresh(name)) })),
  ];
}

export function MenuButton({ menus, label, entries, icon = 'ellipsis' }: { readonly menus: MenuController; readonly label: string; readonly entries: () => readonly MenuEntry[]; readonly icon?: string }): VNode {
  return (
    <button type="button" class="icon-button" title={label} aria-label={label} aria-haspopup="menu" onClick={(event) => menus.openBelow(event.currentTarget, label, entries())}>
      <Icon name={icon} />
    </button>
  );
}
