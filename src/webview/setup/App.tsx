/** Owns the arrangement of the Setup view: search on top, what is to be known, the list; or one preview; and its keys. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { IconButton } from '../components/Icon';
import { MenuController, MenuHost } from '../components/Menu';
import { ALL_SERVERS, type SetupModel } from './model/setupModel';
import { strings } from './strings';
import { DoctorReportView } from './views/DoctorReportView';
import { ChosenBar } from './views/FoundSection';
import { FailureLine, Notices } from './views/Notices';
import { PreviewView } from './views/PreviewView';
import { SectionList } from './views/Sections';
import { GoneStage, UntrustedStage, Welcome } from './views/Stage';

export function App({ model }: { readonly model: SetupModel }): VNode {
  const root = useRef<HTMLDivElement>(null);
  const menus = useMemo(() => new MenuController(), []);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const isTyping = event.composedPath().some((target) => target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement);
      const isFind = event.key === 'f' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      if (!isFind && (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey)) return;
      const search = root.current?.querySelector<HTMLInputElement>('.setup-search input');
      if (!search) return;
      search.focus();
      search.select();
      event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
  return (
    <div class="setup" ref={root}>
      <FailureLine model={model} />
      <Body model={model} menus={menus} />
      <MenuHost menus={menus} />
    </div>
  );
}

function Body({ model, menus }: { readonly model: SetupModel; readonly menus: MenuController }): VNode {
  const state = model.state.value;
  const sections = model.sections.value;
  const preview = model.preview.value;
  if (!state || !sections) return model.gone.value === undefined ? <p class="loading dim delayed">{strings.loading}</p> : <GoneStage model={model} />;
  if (!state.isTrusted) return <UntrustedStage model={model} />;
  if (preview) return <PreviewView preview={preview} model={model} />;
  const isFirst = state.servers.length + state.pending.length + state.done.length + state.problems.length === 0 && model.found.value === undefined;
  const report = model.reports.value.get(ALL_SERVERS);
  return (
    <>
      {!isFirst && <Bar model={model} menus={menus} />}
      <Notices model={model} />
      {report && (
        <div class="report-all">
          <DoctorReportView report={report} server={ALL_SERVERS} model={model} />
        </div>
      )}
      {isFirst ? <Welcome model={model} /> : <SectionList model={model} sections={sections} />}
      <ChosenBar model={model} />
    </>
  );
}

function Bar({ model, menus }: { readonly model: SetupModel; readonly menus: MenuController }): VNode {
  const { api } = model.host;
  const search = model.search.value;
  const isChecking = model.busy.value.has(`examine ${ALL_SERVERS}`);
  return (
    <div class="setup-bar">
      <div class="setup-search">
        <input
          type="search"
          class="text-box"
          placeholder={strings.search}
          aria-label={strings.search}
          value={search}
          onInput={(event) => (model.search.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') model.search.value = '';
            else if (event.key === 'ArrowDown') (event.currentTarget.closest('.setup')?.querySelector<HTMLElement>('.setup-scroll .row-toggle') ?? undefined)?.focus();
            else return;
            event.preventDefault();
          }}
        />
        {search !== '' && <IconButton icon="close" label={strings.clearSearch} onPress={() => (model.search.value = '')} />}
      </div>
      <IconButton icon={isChecking ? 'loading codicon-modifier-spin' : 'pulse'} label={isChecking ? strings.server.checking : strings.checkAll} disabled={isChecking} onPress={() => void model.examine(ALL_SERVERS)} />
      <button
        type="button"
        class="icon-button"
        title={strings.more}
        aria-label={strings.more}
        aria-haspopup="menu"
        onClick={(event) =>
          menus.openBelow(event.currentTarget, strings.more, [
            { heading: strings.inventory },
            ...(['markdown', 'csv', 'json'] as const).map((format) => ({ label: strings.exportAs[format], onSelect: () => void model.act('inventory', () => api.exportInventory(format)) })),
            'separator',
            { label: strings.openPolicy, onSelect: () => void model.act('setting', () => api.openSetting('mcpShark.policy')) },
          ])
        }
      >
        <span class="codicon codicon-ellipsis" aria-hidden="true" />
      </button>
    </div>
  );
}
