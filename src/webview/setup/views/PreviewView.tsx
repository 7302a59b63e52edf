/** Owns the preview of a change of files: every file with its diff, what is worth knowing, and the one button that writes. */
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PlannedChange, PlanRemark } from '../../../extension/contract/setup';
import { Icon } from '../../components/Icon';
import { ServerDot } from '../../components/ServerDot';
import { visibleLine } from '../../components/visibleText';
import type { Preview, SetupModel } from '../model/setupModel';
import { routeStrings } from '../routeStrings';
import { TextButton } from './TextButton';

const words = routeStrings.plan;
const icons: Readonly<Record<PlannedChange['kind'], string>> = { create: 'new-file', change: 'diff-modified', delete: 'trash' };

export function PreviewView({ preview, model }: { readonly preview: Preview; readonly model: SetupModel }): VNode {
  const { request, plan, stage, renewed } = preview;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), [plan.id]);
  const isApplying = stage === 'applying';
  return (
    <div class="preview" onKeyDown={(event) => event.key === 'Escape' && model.closePreview()}>
      <div class="preview-scroll">
        <div class="preview-page">
          <h2 ref={title} tabIndex={-1}>
            {words.title(request)}
          </h2>
          <p class="dim">{words.nothingYet}</p>
          {renewed !== undefined && (
            <p class="renewed" role="alert">
              <Icon name="warning" class="attention" /> {visibleLine(words.renewed(renewed))}
            </p>
          )}
          <h3>{words.files}</h3>
          {plan.files.length === 0 ? (
            <p>{words.nothing}</p>
          ) : (
            <ul class="planned" aria-label={words.files}>
              {plan.files.map((file) => (
                <PlannedFile key={file.file} file={file} plan={plan.id} model={model} />
              ))}
            </ul>
          )}
          {plan.servers.length > 0 && (
            <>
              <p class="planned-servers">
                {words.servers(plan.servers)}{' '}
                {plan.servers.map((name) => (
                  <span key={name} class="planned-server">
                    <ServerDot name={name} />
                    {visibleLine(name)}
                  </span>
                ))}
              </p>
              {request.kind === 'route' && model.state.value?.policy === 'ask' && <p class="dim">{words.asks}</p>}
            </>
          )}
          <Remarks title={words.problems} icon="warning" remarks={plan.problems} />
          <Remarks title={words.notes} icon="info" remarks={plan.notes} />
        </div>
      </div>
      <div class="chosen-bar">
        <div class="chosen-line">
          <TextButton disabled={isApplying} onPress={() => model.closePreview()}>
            {words.back}
          </TextButton>
          <span class="spacer" />
          <button type="button" class="text-button primary" disabled={isApplying || plan.files.length === 0} onClick={() => void model.apply()}>
            {isApplying ? words.applying : words.apply}
          </button>
        </div>
      </div>
    </div>
  );
}

function PlannedFile({ file, plan, model }: { readonly file: PlannedChange; readonly plan: string; readonly model: SetupModel }): VNode {
  const label = visibleLine(file.fileLabel);
  return (
    <li class="planned-file">
      <Icon name={icons[file.kind]} class={`planned-${file.kind}`} title={words.kind[file.kind]} />
      <span class="planned-name" title={visibleLine(file.file)}>
        {label}
      </span>
      <span class="dim planned-client">{visibleLine(file.client)}</span>
      <span class="planned-lines" title={words.lines(file)} role="img" aria-label={words.lines(file)}>
        <span class="added">+{file.linesAdded}</span> <span class="removed">−{file.linesRemoved}</span>
      </span>
      <TextButton label={words.showDiffOf(label)} onPress={() => void model.act('diff', () => model.host.api.showPlanned(plan, file.file))}>
        {words.showDiff}
      </TextButton>
    </li>
  );
}

function Remarks({ title, icon, remarks }: { readonly title: string; readonly icon: string; readonly remarks: readonly PlanRemark[] }): VNode | null {
  if (remarks.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="remarks" aria-label={title}>
        {remarks.map((remark, index) => (
          <li key={index} class="remark">
            <Icon name={icon} class={icon === 'warning' ? 'attention' : 'dim'} />
            <span class="selectable">
              {remark.server !== undefined && <strong>{visibleLine(remark.server)} </strong>}
              {visibleLine(remark.message)} <span class="dim">{visibleLine(remark.fileLabel)}</span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
