/**
 * Owns the definitions of a server: a list of any length with what needs a look first, and a line about the chosen one
 * with its dates, its change, its approval, the calls that ran under it, and the versions before it.
 */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { DefinitionRow } from '../../../extension/contract/governance';
import type { SetupServer } from '../../../extension/contract/setup';
import { Icon } from '../../components/Icon';
import { ListScroller } from '../../components/listScroller';
import { moveByKey, VirtualList } from '../../components/VirtualList';
import { visibleLine } from '../../components/visibleText';
import { hasCalls, isUnapproved, orderedDefinitions } from '../model/sections';
import type { SetupModel } from '../model/setupModel';
import { strings } from '../strings';
import { TextButton } from './TextButton';
import { VersionsList } from './VersionsList';

const words = strings.definitions;
const ROW_HEIGHT = 22;
const MAX_ROWS = 14;
const FILTER_FROM = 15;

const icons: Readonly<Record<DefinitionRow['state'], string>> = { approved: 'pass', new: 'add', changed: 'diff-modified', gone: 'trash' };

export function DefinitionsTable({ server, model }: { readonly server: SetupServer; readonly model: SetupModel }): VNode {
  const { definitions } = server;
  const [filter, setFilter] = useState('');
  const [active, setActive] = useState<string>();
  const scroller = useMemo(() => new ListScroller(ROW_HEIGHT), []);
  const rows = useMemo(() => orderedDefinitions(definitions, filter), [definitions, filter]);
  const unapproved = useMemo(() => definitions.filter(isUnapproved), [definitions]);
  const activeIndex = rows.findIndex((row) => keyOf(row) === active);
  const chosen = rows[activeIndex];
  const select = (index: number): void => {
    const row = rows[index];
    if (!row) return;
    setActive(keyOf(row));
    scroller.reveal(index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && chosen) showDefinition(model, server, chosen);
    else {
      const next = moveByKey(event, activeIndex < 0 ? undefined : activeIndex, rows.length, scroller.space.pageRows, 'start');
      if (next === undefined) return;
      select(next);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section aria-label={words.title}>
      <div class="part-head">
        <h4>{words.title}</h4>
        {definitions.length > 0 && <span class="dim">{words.summary(definitions)}</span>}
        <span class="spacer" />
        {definitions.length >= FILTER_FROM && (
          <input type="search" class="text-box part-filter" placeholder={words.filter} aria-label={words.filter} value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        )}
        {unapproved.length > 0 && (
          <TextButton onPress={() => void approve(model, server, unapproved)}>{words.approveAll(unapproved.length)}</TextButton>
        )}
      </div>
      {definitions.length === 0 ? (
        <p class="dim">{words.none}</p>
      ) : rows.length === 0 ? (
        <p class="dim">{words.noMatch}</p>
      ) : (
        <>
          <VirtualList
            scroller={scroller}
            count={rows.length}
            label={words.title}
            class="definitions"
            columnCount={4}
            {...(activeIndex < 0 ? {} : { activeIndex })}
            style={{ flex: 'none', height: `${Math.min(rows.length, MAX_ROWS) * ROW_HEIGHT}px` }}
            onKeyDown={onKeyDown}
            renderRow={(index, id, top) => <Row key={index} row={rows[index]!} index={index} id={id} top={top} isActive={index === activeIndex} nowMs={model.nowMs.value} onSelect={() => select(index)} onOpen={() => showDefinition(model, server, rows[index]!)} />}
          />
          {chosen ? <ChosenLine row={chosen} server={server} model={model} /> : <p class="dim definition-line">{words.choose}</p>}
        </>
      )}
    </section>
  );
}

interface RowProps {
  readonly row: DefinitionRow;
  readonly index: number;
  readonly id: string;
  readonly top: number;
  readonly isActive: boolean;
  readonly nowMs: number;
  readonly onSelect: () => void;
  readonly onOpen: () => void;
}

function Row({ row, index, id, top, isActive, nowMs, onSelect, onOpen }: RowProps): VNode {
  const state = row.blocked === undefined ? words.state[row.state] : words.isBlocked;
  return (
    <div id={id} role="row" aria-rowindex={index + 1} aria-selected={isActive} class={isActive ? 'definition active' : 'definition'} style={{ top: `${top}px` }} onClick={onSelect} onDblClick={onOpen}>
      <span role="gridcell" class="definition-state" title={row.blocked === undefined ? state : words.blocked(visibleLine(row.blocked))}>
        <Icon name={row.blocked === undefined ? icons[row.state] : 'lock'} class={`definition-${row.blocked === undefined ? row.state : 'blocked'}`} />
        <span>{state}</span>
      </span>
      <span role="gridcell" class="definition-kind dim">
        {words.kind(row.kind)}
      </span>
      <span role="gridcell" class="definition-name" title={visibleLine(row.name)}>
        {visibleLine(words.name(row))}
      </span>
      <span role="gridcell" class="definition-time dim">
        {strings.ago(row.changedMs, nowMs)}
      </span>
    </div>
  );
}

function ChosenLine({ row, server, model }: { readonly row: DefinitionRow; readonly server: SetupServer; readonly model: SetupModel }): VNode {
  return (
    <div class="definition-line">
      <p>
        <strong class="selectable">{visibleLine(words.name(row))}</strong> <span class="dim">{words.dates(row, model.nowMs.value)}</span>
        {row.blocked !== undefined && <span> {words.blocked(visibleLine(row.blocked))}</span>}
      </p>
      <div class="buttons">
        <DefinitionButtons row={row} server={server} model={model} />
        {hasCalls(row.kind) && <TextButton onPress={() => void model.act('calls', () => model.host.api.showCallsUnder(row.hash))}>{words.calls}</TextButton>}
      </div>
      <VersionsList key={keyOf(row)} row={row} server={server} model={model} />
    </div>
  );
}

/** To look at one definition, and to approve it as it was shown. */
export function DefinitionButtons({ row, server, model }: { readonly row: DefinitionRow; readonly server: SetupServer; readonly model: SetupModel }): VNode {
  const show = row.state === 'changed' && row.previous !== undefined ? words.showChange : words.show;
  const of = visibleLine(words.name(row));
  return (
    <>
      <TextButton label={`${show}: ${of}`} onPress={() => showDefinition(model, server, row)}>
        {show}
      </TextButton>
      {isUnapproved(row) && (
        <TextButton label={`${words.approve}: ${of}`} onPress={() => void approve(model, server, [row])}>
          {words.approve}
        </TextButton>
      )}
    </>
  );
}

function showDefinition(model: SetupModel, server: SetupServer, row: DefinitionRow): void {
  void model.act('definition', () => model.host.api.showDefinition(server.id, row.kind, row.name));
}

/** Exactly the versions that stood here: one that has come since is not approved with them. */
export function approve(model: SetupModel, server: SetupServer, rows: readonly DefinitionRow[]): Promise<unknown> {
  return model.act(`approve ${server.id}`, () => model.host.api.approveDefinitions(server.id, rows.map(({ kind, name, hash }) => ({ kind, name, hash }))));
}

const keyOf = ({ kind, name, hash }: DefinitionRow): string => `${kind}\n${name}\n${hash}`;
