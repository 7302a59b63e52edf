/** Owns the list of the view: its sections, which of them there are, and the table of contents beside them. */
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { formatCount } from '../../components/format';
import { Stage } from '../../components/Stage';
import type { SectionId, Sections } from '../model/sections';
import type { SetupModel } from '../model/setupModel';
import { strings } from '../strings';
import { ChangesSection } from './ChangesSection';
import { ClientsSection } from './ClientsSection';
import { FoundSection } from './FoundSection';
import { Paged } from './Paged';
import { ServerRow } from './ServerRow';
import { ChangedCard, WaitingCard } from './WaitingCard';

interface Shown {
  readonly id: SectionId;
  readonly count?: number;
  readonly content: ComponentChildren;
}

const CARDS = 20;
const headingId = (id: SectionId): string => `section-${id}`;

export function SectionList({ model, sections }: { readonly model: SetupModel; readonly sections: Sections }): VNode {
  const scroll = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState<SectionId>();
  const shown = shownSections(model, sections);
  useEffect(() => {
    const element = scroll.current;
    if (!element) return undefined;
    const follow = (): void => setCurrent(sectionAt(element));
    follow();
    element.addEventListener('scroll', follow, { passive: true });
    return () => element.removeEventListener('scroll', follow);
  }, [shown.map(({ id }) => id).join(' ')]);
  if (shown.length === 0) {
    return (
      <Stage title={strings.noMatchTitle} text={strings.noMatchText(model.search.value)}>
        <button type="button" class="text-button" onClick={() => (model.search.value = '')}>
          {strings.clearSearch}
        </button>
      </Stage>
    );
  }
  return (
    <div class="setup-body">
      <nav class="toc" aria-label={strings.toc}>
        {shown.map(({ id, count }) => (
          <button key={id} type="button" class={id === current ? 'toc-item current' : 'toc-item'} aria-current={id === current ? 'true' : undefined} onClick={() => goTo(id)}>
            <span class="toc-name">{strings.sections[id]}</span>
            {count !== undefined && <span class="toc-count">{formatCount(count)}</span>}
          </button>
        ))}
      </nav>
      <div class="setup-scroll" ref={scroll} tabIndex={-1}>
        <div class="setup-page">
          {shown.map(({ id, count, content }) => (
            <section key={id} class="section" aria-labelledby={headingId(id)} data-section={id}>
              <h2 id={headingId(id)} tabIndex={-1}>
                {strings.sections[id]} {count !== undefined && <span class="section-count">{formatCount(count)}</span>}
              </h2>
              {content}
            </section>
          ))}
        </div>
      </div>
    </div>
  );
}

function shownSections(model: SetupModel, { waiting, changed, approved, off, found, clients }: Sections): readonly Shown[] {
  const isSearching = model.search.value.trim() !== '';
  const expanded = model.expanded.value;
  const row = (server: Sections['approved'][number]): VNode => <ServerRow key={server.id} server={server} model={model} isOpen={expanded.has(`server ${server.id}`)} />;
  const wasFound = model.found.value !== undefined;
  return [
    ...(waiting.length + changed.length > 0
      ? [
          {
            id: 'waiting' as const,
            count: waiting.length + changed.length,
            content: (
              <>
                {waiting.length > 0 && <Paged items={waiting} page={CARDS} label={strings.sections.waiting} class="cards" render={(one) => <WaitingCard key={one.pending.id} waiting={one} model={model} />} />}
                {changed.length > 0 && <Paged items={changed} page={CARDS} label={strings.definitions.title} class="cards" render={(server) => <ChangedCard key={server.id} server={server} model={model} />} />}
              </>
            ),
          },
        ]
      : []),
    ...(approved.length > 0 || !isSearching
      ? [
          {
            id: 'approved' as const,
            count: approved.length,
            content: approved.length === 0 ? <p class="section-empty dim">{model.state.value?.pending.length ? strings.server.noneApproved : strings.server.none}</p> : <Paged items={approved} label={strings.sections.approved} class="rows" render={row} />,
          },
        ]
      : []),
    ...(found.length > 0 || !isSearching ? [{ id: 'found' as const, ...(wasFound ? { count: found.length } : {}), content: <FoundSection model={model} groups={found} /> }] : []),
    ...(off.length > 0 ? [{ id: 'off' as const, count: off.length, content: <Paged items={off} label={strings.sections.off} class="rows" render={row} /> }] : []),
    ...(clients.length > 0 ? [{ id: 'clients' as const, count: clients.length, content: <ClientsSection model={model} clients={clients} /> }] : []),
    ...(isSearching ? [] : [{ id: 'changes' as const, count: model.state.value?.done.length ?? 0, content: <ChangesSection model={model} /> }]),
  ];
}

function goTo(id: SectionId): void {
  const heading = document.getElementById(headingId(id));
  heading?.scrollIntoView({ block: 'start' });
  heading?.focus({ preventScroll: true });
}

/** The last section whose heading has passed the top. */
function sectionAt(scroll: HTMLElement): SectionId | undefined {
  const sections = [...scroll.querySelectorAll<HTMLElement>('[data-section]')];
  const isAtEnd = scroll.scrollTop > 0 && scroll.scrollTop + scroll.clientHeight >= scroll.scrollHeight - 2;
  const passed = sections.findLast((section) => section.offsetTop - scroll.offsetTop <= scroll.scrollTop + 40) ?? sections[0];
  return (isAtEnd ? sections.at(-1) : passed)?.dataset['section'] as SectionId | undefined;
}
