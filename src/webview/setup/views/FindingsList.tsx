/** Owns the findings about a server: how bad, what, where, and the text it was seen in. */
import type { VNode } from 'preact';
import type { Finding } from '../../../extension/contract/findings';
import { Icon } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { SetupModel } from '../model/setupModel';
import { strings } from '../strings';
import { FileLink } from './TextButton';

const words = strings.findings;
const icons = { high: 'error', medium: 'warning', low: 'info' } as const;
const MAX = 50;

export interface FindingsListProps {
  readonly findings: readonly Finding[];
  readonly model: SetupModel;
  /** What files are called; the host's word for them. */
  readonly labelOf: (file: string) => string;
  /** Id of the server, whose definitions can be shown. */
  readonly server?: string;
}

export function FindingsList({ findings, model, labelOf, server }: FindingsListProps): VNode {
  return (
    <>
      <ul class="findings" aria-label={words.title}>
        {findings.slice(0, MAX).map((finding, index) => (
          <li key={index} class="finding">
            <Icon name={icons[finding.severity]} class={`severity-${finding.severity}`} title={words.severity[finding.severity]} />
            <div class="finding-text">
              <p class="selectable">{visibleLine(finding.message)}</p>
              {finding.excerpt !== undefined && <p class="excerpt selectable">{visibleLine(finding.excerpt)}</p>}
              <p class="finding-place">
                <FindingPlace finding={finding} model={model} labelOf={labelOf} server={server} />
                <span class="dim">
                  {finding.rule}, {words.tier[finding.tier]}
                </span>
              </p>
            </div>
          </li>
        ))}
      </ul>
      {findings.length > MAX && <p class="dim">{words.more(findings.length - MAX)}</p>}
    </>
  );
}

function FindingPlace({ finding: { place }, model, labelOf, server }: { readonly finding: Finding; readonly model: SetupModel; readonly labelOf: (file: string) => string; readonly server: string | undefined }): VNode | null {
  if (place.in === 'config') return <FileLink model={model} file={place.file} line={place.line} label={labelOf(place.file)} />;
  if (place.in !== 'definition') return null;
  const name = `${strings.definitions.kind(place.kind)} ${visibleLine(place.name)}`;
  if (server === undefined) return <span>{name}</span>;
  return (
    <button type="button" class="link-button file-link" onClick={() => void model.act('definition', () => model.host.api.showDefinition(server, place.kind, place.name))}>
      {name}
    </button>
  );
}
