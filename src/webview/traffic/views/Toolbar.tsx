/**
 * Owns the top of the view: the filter with its line, saved filters, how calls are arranged and of which windows, pausing
 * of view and recording, columns, export, and the switch for routing. Where there is too little room, what is needed least
 * goes behind one button.
 */
import type { VNode } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { TRAFFIC_LAYOUTS } from '../model/viewSettings';
import { Icon, IconButton } from '../../components/Icon';
import type { MenuController, MenuEntry } from '../../components/Menu';
import { Segmented } from '../../components/Segmented';
import { useWidth } from '../../components/useWidth';
import { visibleLine } from '../../components/visibleText';
import type { TrafficModel } from '../model/trafficModel';
import { layoutNames, listStrings } from '../listStrings';
import { strings } from '../strings';
import { FilterBox } from './FilterBox';
import { FilterLine } from './FilterLine';
import { columnMenu } from './columnMenu';
import { exportMenu } from './exportMenu';

const words = listStrings.toolbar;
/** From these widths on: layouts side by side, in words; the other buttons each for itself. */
const LAYOUT_WORDS_FROM = 1_100;
const LAYOUTS_FROM = 700;
const BUTTONS_FROM = 520;

export const LAYOUT_ICONS = { list: 'list-flat', session: 'vm-connect', server: 'server', prompt: 'comment-discussion', timeline: 'graph-left' } as const;

export interface ToolbarProps {
  readonly model: TrafficModel;
  readonly menus: MenuController;
  readonly onFilterInput: (element: HTMLInputElement | null) => void;
  readonly onRefocus: () => void;
  /** The user is done with the filter and wants back to the list. */
  readonly onLeave: () => void;
}

export function Toolbar({ model, menus, onFilterInput, onRefocus, onLeave }: ToolbarProps): VNode {
  const lineId = useId();
  const bar = useRef<HTMLDivElement>(null);
  const width = useWidth(bar, 1_000);
  const [isNaming, setNaming] = useState(false);
  const filter = model.filter.text.value.trim();
  const isSaved = model.settings.savedFilters.value.some((saved) => saved.filter === filter);
  const onNamed = (name: string | undefined): void => {
    setNaming(false);
    if (name !== undefined) model.settings.saveFilter(name, model.filter.text.peek().trim());
    onRefocus();
  };
  const menu = (icon: string, label: string, entries: () => readonly MenuEntry[]): VNode => <MenuButton menus={menus} icon={icon} label={label} entries={entries} />;
  const isRoomy = width >= BUTTONS_FROM;
  return (
    <header class="toolbar-area">
      <div class="toolbar" ref={bar}>
        <FilterBox filter={model.filter} describedBy={lineId} onInputElement={onFilterInput} onLeave={onLeave} />
        {menu(isSaved && filter !== '' ? 'star-full' : 'star-empty', strings.filter.saved, () => savedEntries(model, () => setNaming(true)))}
        <LayoutSwitch model={model} menus={menus} width={width} />
        <RecordingSwitches model={model} isWordy={width >= LAYOUTS_FROM} />
        {isRoomy && <ScopeButton model={model} menus={menus} isWordy={width >= LAYOUT_WORDS_FROM} />}
        {isRoomy && menu('table', strings.columnsButton, () => columnMenu(model))}
        {isRoomy && menu('export', strings.actions.exportMenu, () => exportMenu(model))}
        {isRoomy ? <RoutingSwitch model={model} /> : menu('ellipsis', words.more, () => moreEntries(model))}
      </div>
      <FilterLine model={model} id={lineId} isNaming={isNaming} onNamed={onNamed} onRefocus={onRefocus} />
    </header>
  );
}

interface MenuButtonProps {
  readonly menus: MenuController;
  readonly icon: string;
  readonly label: string;
  readonly entries: () => readonly MenuEntry[];
}

function MenuButton({ menus, icon, label, entries }: MenuButtonProps): VNode {
  const button = useRef<HTMLButtonElement>(null);
  return <IconButton icon={icon} label={label} buttonRef={button} onPress={() => button.current && menus.openBelow(button.current, label, entries())} />;
}

function LayoutSwitch({ model, menus, width }: { readonly model: TrafficModel; readonly menus: MenuController; readonly width: number }): VNode {
  const layout = model.settings.layout.value;
  const tooltip = (id: (typeof TRAFFIC_LAYOUTS)[number]): string => words.layoutTooltip(id, TRAFFIC_LAYOUTS.indexOf(id) + 1);
  if (width < LAYOUTS_FROM) {
    return <MenuButton menus={menus} icon={LAYOUT_ICONS[layout]} label={`${words.layout} ${layoutNames[layout].toLowerCase()}`} entries={() => layoutEntries(model)} />;
  }
  const isWordy = width >= LAYOUT_WORDS_FROM;
  return (
    <Segmented
      label={words.layout}
      options={TRAFFIC_LAYOUTS.map((id) => ({ id, label: layoutNames[id], tooltip: tooltip(id), ...(isWordy ? {} : { icon: LAYOUT_ICONS[id] }) }))}
      selected={layout}
      onSelect={(id) => model.setLayout(id)}
    />
  );
}

function RecordingSwitches({ model, isWordy }: { readonly model: TrafficModel; readonly isWordy: boolean }): VNode {
  const isPaused = model.layouts.isPaused.value;
  const recording = model.status.value?.recording;
  const isRecording = recording?.kind !== 'paused';
  const label = isRecording ? words.pauseRecording : words.resumeRecording;
  return (
    <>
      <IconButton icon={isPaused ? 'debug-continue' : 'debug-pause'} label={isPaused ? words.resumeView : words.pauseView} pressed={isPaused} {...(isPaused ? { class: 'standing-still' } : {})} onPress={() => model.setPaused(!isPaused)} />
      {recording && (
        <button
          type="button"
          class={isRecording ? 'icon-button recording' : 'icon-button not-recording'}
          title={label}
          aria-label={label}
          aria-pressed={isRecording}
          onClick={() => model.actions.setRecording(!isRecording)}
        >
          <Icon name={isRecording ? 'record' : 'circle-large'} />
          {!isRecording && isWordy && <span>{words.notRecording}</span>}
        </button>
      )}
    </>
  );
}

function ScopeButton({ model, menus, isWordy }: { readonly model: TrafficModel; readonly menus: MenuController; readonly isWordy: boolean }): VNode {
  const button = useRef<HTMLButtonElement>(null);
  const scope = model.settings.scope.value;
  const open = (): void => {
    if (button.current) menus.openBelow(button.current, words.scopeLabel, scopeEntries(model));
  };
  const icon = scope === 'window' ? 'window' : 'multiple-windows';
  if (!isWordy) return <IconButton icon={icon} label={words.scopeTooltip(scope)} buttonRef={button} onPress={open} />;
  return (
    <button type="button" class="scope-button" ref={button} title={words.scopeTooltip(scope)} aria-haspopup="menu" onClick={open}>
      <Icon name={icon} />
      <span>{words.scope[scope]}</span>
      <Icon name="chevron-down" />
    </button>
  );
}

/** Configuration and log stand in the editor's own title bar (package.json, editor/title). */
function RoutingSwitch({ model }: { readonly model: TrafficModel }): VNode | null {
  const status = model.status.value;
  if (!status) return null;
  return (
    <IconButton
      icon={status.routing ? 'plug' : 'debug-disconnect'}
      label={status.routing ? strings.toolbar.routingOn : strings.toolbar.routingOff}
      pressed={status.routing}
      disabled={!status.trusted}
      onPress={() => model.actions.setRouting(!status.routing)}
    />
  );
}

function layoutEntries(model: TrafficModel): MenuEntry[] {
  return TRAFFIC_LAYOUTS.map((id, index) => ({
    label: layoutNames[id],
    hint: String(index + 1),
    checked: model.settings.layout.peek() === id,
    isChoice: true,
    onSelect: () => model.setLayout(id),
  }));
}

function scopeEntries(model: TrafficModel): MenuEntry[] {
  return (['window', 'all'] as const).map((scope) => ({
    label: words.scope[scope],
    checked: model.settings.scope.peek() === scope,
    isChoice: true,
    onSelect: () => model.settings.setScope(scope),
  }));
}

/** Everything that has no button of its own where there is too little room. */
function moreEntries(model: TrafficModel): MenuEntry[] {
  const status = model.status.peek();
  return [
    { heading: words.scopeLabel },
    ...scopeEntries(model),
    'separator',
    ...exportMenu(model),
    'separator',
    ...columnMenu(model),
    ...(status
      ? [
          'separator' as const,
          {
            label: status.routing ? strings.toolbar.routingOn : strings.toolbar.routingOff,
            disabled: !status.trusted,
            onSelect: () => model.actions.setRouting(!status.routing),
          },
        ]
      : []),
  ];
}

function savedEntries(model: TrafficModel, onName: () => void): MenuEntry[] {
  const { settings, filter } = model;
  const filterWords = strings.filter;
  const text = filter.text.peek().trim();
  const all = settings.savedFilters.peek();
  const current = all.filter((saved) => saved.filter === text);
  return [
    ...(all.length === 0 ? [{ heading: filterWords.noneSaved }] : []),
    ...all.map((saved) => ({
      label: visibleLine(saved.name),
      hint: visibleLine(saved.filter),
      checked: saved.filter === text,
      isChoice: true,
      onSelect: () => filter.set(saved.filter),
    })),
    'separator' as const,
    { label: filterWords.saveAs, disabled: text === '' || filter.description.peek() === undefined, onSelect: onName },
    ...current.map(({ name }) => ({ label: filterWords.forget(visibleLine(name)), onSelect: () => settings.forgetFilter(name) })),
  ];
}
