/**
 * Owns the versions that the chosen definition has had: when each was first seen, whether it is approved, its text, what changed
 * with it, and the calls that ran under it. Nothing where there is only the one the line above is about.
 */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { DefinitionRow, DefinitionVersion } from '../../../extension/contract/governance';
import type { SetupServer } from '../../../extension/contract/setup';
import { MAX_VERSIONS } from '../../../extension/contract/setupApi';
import { definitionWords } from '../../components/definitionWords';
import { formatDateTime } from '../../components/format';
import { visibleLine } from '../../components/visibleText';
import { hasCalls } from '../model/sections';
import type { SetupModel } from '../model/setupModel';
import { strings } from '../strings';
import { Paged } from './Paged';

const words = strings.definitions;
const PAGE = 5;

interface VersionsProps {
  readonly row: DefinitionRow;
  readonly server: SetupServer;
  readonly model: SetupModel;
}

export function VersionsList({ row, server, model }: VersionsProps): VNode | null {
  const { kind, name, state, approvedMs } = row;
  const { api } = model.host;
  const [versions, setVersions] = useState<readonly DefinitionVersion[]>([]);
  useEffect(() => {
    let isLeft = false;
    api.versions(server.id, kind, name).then(
      (known) => {
        if (!isLeft) setVersions(known);
      },
      // The line above says what is known without them.
      () => undefined,
    );
    return () => {
      isLeft = true;
    };
    // Approving changes what stands here, and so does going.
  }, [api, server.id, kind, name, state, approvedMs]);
  if (versions.length < 2) return null;
  const oldest = versions.at(-1);
  return (
    <div class="versions">
      <h5>{words.versions}</h5>
      <Paged
        items={versions}
        label={words.versionsOf(visibleLine(words.name(row)))}
        page={PAGE}
        render={(version) => (
          <li key={version.hash} class="version">
            <code class="selectable">{definitionWords.hash(version.hash)}</code>
            <span class="version-state">{definitionWords.state(version)}</span>
            <span class="version-time dim" title={formatDateTime(version.firstSeenMs)}>
              {words.firstSeen(version.firstSeenMs, model.nowMs.value)}
            </span>
            <span class="version-actions">
              <Action text={words.open} version={version} onPress={() => model.act('definition', () => api.showVersion(server.id, kind, name, version.hash))} />
              {hasCalls(kind) && <Action text={words.showCalls} version={version} onPress={() => model.act('calls', () => api.showCallsUnder(version.hash))} />}
              {version !== oldest && <Action text={words.compare} label={words.compareLabel} version={version} onPress={() => model.act('definition', () => api.compareVersion(server.id, kind, name, version.hash))} />}
            </span>
          </li>
        )}
      />
      {versions.length >= MAX_VERSIONS && <p class="dim">{words.noMoreVersions(MAX_VERSIONS)}</p>}
    </div>
  );
}

interface ActionProps {
  readonly text: string;
  /** Where the text alone does not say it. */
  readonly label?: string;
  readonly version: DefinitionVersion;
  readonly onPress: () => Promise<unknown>;
}

function Action({ text, label = text, version, onPress }: ActionProps): VNode {
  const whole = `${label}: ${definitionWords.hash(version.hash)}`;
  return (
    <button type="button" class="link-button" aria-label={whole} title={whole} onClick={() => void onPress()}>
      {text}
    </button>
  );
}
