/** Owns what was changed and can be undone, and the backups of files from before. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { BackupView } from '../../../extension/contract/setup';
import { formatBytes, formatDateTime } from '../../components/format';
import { Icon } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { SetupModel } from '../model/setupModel';
import { routeStrings } from '../routeStrings';
import { strings } from '../strings';
import { Paged } from './Paged';
import { TextButton } from './TextButton';

const words = routeStrings.changes;

export function ChangesSection({ model }: { readonly model: SetupModel }): VNode {
  const done = model.state.value?.done ?? [];
  const backups = model.backups.value;
  const nowMs = model.nowMs.value;
  return (
    <>
      {done.length === 0 ? (
        <p class="section-empty dim">{words.none}</p>
      ) : (
        <>
          <Paged
            items={done}
            label={strings.sections.changes}
            class="rows"
            render={(change) => {
              const what = visibleLine(words.what(change));
              return (
                <li key={change.id} class="row">
                  <div class="change-line">
                    <Icon name={change.kind === 'route' ? 'arrow-swap' : 'link'} class="dim" />
                    <span class="change-what">{what}</span>
                    <span class="change-files dim" title={change.files.map(({ file }) => visibleLine(file)).join('\n')}>
                      {change.files.map(({ fileLabel }) => visibleLine(fileLabel)).join(', ')}
                    </span>
                    <span class="dim" title={formatDateTime(change.atMs)}>
                      {strings.ago(change.atMs, nowMs)}
                    </span>
                    <TextButton label={words.undoLabel(what)} onPress={() => void model.undo([change.id])}>
                      {words.undo}
                    </TextButton>
                  </div>
                </li>
              );
            }}
          />
          {done.length > 1 && (
            <div class="more-line">
              <TextButton onPress={() => void model.undo('all')}>{words.undoAll}</TextButton>
            </div>
          )}
        </>
      )}
      <div class="section-empty">
        <div class="part-head">
          <h3>{words.backups}</h3>
          <span class="dim">{backups ? (backups.length === 0 ? words.noBackups : words.backupsHint) : ''}</span>
          <span class="spacer" />
          {!backups && <TextButton onPress={() => void model.loadBackups()}>{words.showBackups}</TextButton>}
        </div>
        {backups && backups.length > 0 && <Paged items={backups} label={words.backups} class="backups" render={(backup) => <Backup key={backup.id} backup={backup} model={model} />} />}
      </div>
    </>
  );
}

function Backup({ backup, model }: { readonly backup: BackupView; readonly model: SetupModel }): VNode {
  const [isDeleting, setDeleting] = useState(false);
  const { id, fileLabel, atMs, bytes, isNeeded } = backup;
  const what = `${visibleLine(fileLabel)}, ${strings.ago(atMs, model.nowMs.value)}`;
  return (
    <li class="change-line">
      <span class="change-what" title={visibleLine(backup.file)}>
        {visibleLine(fileLabel)}
      </span>
      <span class="dim number">{formatBytes(bytes)}</span>
      <span class="dim" title={formatDateTime(atMs)}>
        {strings.ago(atMs, model.nowMs.value)}
      </span>
      {isDeleting ? (
        <>
          <span role="alert">{words.confirmDelete}</span>
          <TextButton onPress={() => void model.deleteBackup(id)}>{words.confirm}</TextButton>
          <TextButton onPress={() => setDeleting(false)}>{words.keep}</TextButton>
        </>
      ) : (
        <>
          <TextButton label={words.viewOf(what)} onPress={() => void model.act('backup', () => model.host.api.showBackup(id))}>
            {words.view}
          </TextButton>
          <TextButton label={words.restoreOf(what)} onPress={() => void model.plan({ kind: 'restore', backup: id })}>
            {words.restore}
          </TextButton>
          <TextButton label={words.deleteOf(what)} title={isNeeded ? words.needed : words.deleteOf(what)} disabled={isNeeded} onPress={() => setDeleting(true)}>
            {words.delete}
          </TextButton>
        </>
      )}
    </li>
  );
}
