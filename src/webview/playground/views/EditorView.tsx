/**
 * Owns the arguments of one target: what it is, the form or the JSON of its arguments, what is wrong with them, and Run.
 */
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Icon, IconButton } from '../../components/Icon';
import { formStrings } from '../../components/form/formStrings';
import { JsonEditor, type JsonEditorHandle } from '../../components/form/JsonEditor';
import { SchemaForm } from '../../components/form/SchemaForm';
import type { MenuController } from '../../components/Menu';
import { Segmented } from '../../components/Segmented';
import { ServerDot } from '../../components/ServerDot';
import { visibleBlock, visibleLine } from '../../components/visibleText';
import type { ArgumentEditor } from '../model/argumentEditor';
import type { PlaygroundModel } from '../model/playgroundModel';
import { argumentForms, type ArgumentForm } from '../model/viewState';
import { strings } from '../strings';
import { Badges } from './Badges';
import { kindIcons, MenuButton } from './CatalogView';
import { DefinitionView } from './DefinitionView';
import { SaveCallForm } from './SaveCallForm';
import { SubscriptionLine } from './SubscriptionLine';

const words = strings.editor;
const LONG_DESCRIPTION = 240;
/** Characters of why a schema is of no use: the server's own words are in it, and the arguments need the room. */
const MAX_WHY = 300;

interface EditorProps {
  readonly editor: ArgumentEditor;
  readonly model: PlaygroundModel;
  readonly menus: MenuController;
}

export function EditorView({ editor, model, menus }: EditorProps): VNode {
  const json = useRef<JsonEditorHandle | null>(null);
  const [isSaving, setSaving] = useState(false);
  const [isDefinition, setDefinition] = useState(false);
  const { target, definition, draft } = editor;
  const isRawCall = definition === undefined;
  const hasForm = !isRawCall && draft.form !== undefined && editor.schemaProblem.value === undefined;
  const isForm = hasForm && model.form.value === 'form';
  const hasArguments = definition?.inputSchema !== undefined || isRawCall;
  const item = definition?.item;
  return (
    <>
      <header class="pane-head">
        <Icon name={kindIcons[target.kind]} title={strings.kind(target.kind)} />
        <h2 class="pane-title" title={visibleLine(target.name)}>{isRawCall ? strings.catalog.raw : visibleLine(item?.title !== undefined && target.kind !== 'tool' ? item.title : target.name)}</h2>
        <span class="pane-server" title={visibleLine(target.server)}>
          <ServerDot name={target.server} />
          {visibleLine(target.server)}
        </span>
        <span class="spacer" />
        {definition && !item?.isUnlisted && <IconButton icon="code" label={isDefinition ? words.hideDefinition : words.definition} pressed={isDefinition} onPress={() => setDefinition(!isDefinition)} />}
        {!isRawCall || editor.method.value !== '' ? <IconButton icon="save" label={words.save} pressed={isSaving} onPress={() => setSaving(!isSaving)} /> : null}
        <MenuButton
          menus={menus}
          label={strings.saved.more}
          entries={() => [
            { label: words.copy, onSelect: () => void model.act(() => model.host.api.copyText(draft.text.peek())) },
            {
              label: words.reset,
              onSelect: () => {
                draft.setText(draft.startText());
                editor.saved.value = undefined;
              },
            },
          ]}
        />
      </header>
      {isSaving && <SaveCallForm editor={editor} model={model} onClose={() => setSaving(false)} />}
      {definition && (
        <div class="target-facts">
          {item?.title !== undefined && target.kind === 'tool' && item.title !== target.name && <p class="target-title">{visibleLine(item.title)}</p>}
          {target.kind !== 'tool' && target.kind !== 'prompt' && <p class="target-uri">{visibleLine(target.name)}</p>}
          {definition.description && <Description text={definition.description} />}
          {item?.isUnlisted && <p class="target-description">{words.unlisted(visibleLine(target.server))}</p>}
          {item && !(item.isUnlisted && item.lastUsedMs === undefined) && (
            <p class="target-badges">
              <Badges item={item} />
              {!item.isUnlisted && (
                <span class="dim" title={strings.catalog.tokensTooltip}>
                  {strings.catalog.tokens(item.tokens)}
                </span>
              )}
              {item.lastUsedMs !== undefined && <span class="dim">{strings.catalog.used(strings.ago(Date.now() - item.lastUsedMs))}</span>}
            </p>
          )}
          {target.kind === 'resource' && !isOpen(editor) && <SubscriptionLine model={model} server={target.server} uri={target.name} />}
        </div>
      )}
      {isDefinition && definition ? (
        <DefinitionView definition={definition} model={model} />
      ) : (
        <>
          {isRawCall && <RawHead editor={editor} />}
          {hasArguments && !isRawCall && (
            <div class="pane-tools">
              {hasForm ? (
                <>
                  <Segmented<ArgumentForm> label={words.formLabel} options={argumentForms.map((id) => ({ id, label: words.forms[id] }))} selected={model.form.value} onSelect={(form) => (model.form.value = form)} />
                  <span class="spacer" />
                </>
              ) : (
                <NoForm editor={editor} />
              )}
              {!isForm && <IconButton icon="search" label={words.find} onPress={() => json.current?.openFind()} />}
              {!isForm && <IconButton icon="list-flat" label={words.format} onPress={() => json.current?.format()} />}
            </div>
          )}
          {!hasArguments ? (
            <p class="panel-note grow">{words.noArguments}</p>
          ) : isForm ? (
            <div class="form-scroll">
              <SchemaForm draft={draft} menus={menus} onShowJson={() => (model.form.value = 'json')} />
            </div>
          ) : (
            <JsonEditor value={draft.text.value} onChange={(text) => draft.setText(text)} label={isRawCall ? words.params : words.json} problems={editor.marks.value} handle={json} />
          )}
          <RunLine editor={editor} model={model} />
        </>
      )}
    </>
  );
}

/** Why the arguments are written as JSON only. */
function NoForm({ editor }: { readonly editor: ArgumentEditor }): VNode {
  const { draft, schemaProblem } = editor;
  return (
    <p class="run-note no-form" role="status">
      <Icon name="warning" class="warn" />{' '}
      <span>{draft.form ? words.unusable(visibleLine((schemaProblem.value ?? '').slice(0, MAX_WHY))) : formStrings.unusable(draft.unusable ?? '')}</span>
    </p>
  );
}

/** What is run is not known before its variables are filled in. */
function isOpen({ saved, target }: ArgumentEditor): boolean {
  return saved.value !== undefined && target.name.includes('{{');
}

function RawHead({ editor }: { readonly editor: ArgumentEditor }): VNode {
  return (
    <div class="raw-head">
      <label class="raw-method">
        <span>{words.method}</span>
        <input type="text" class="text-box mono" placeholder={words.methodHint} spellcheck={false} value={editor.method.value} onInput={(event) => (editor.method.value = event.currentTarget.value)} />
      </label>
      <label class="check-line">
        <input type="checkbox" checked={editor.isNotification.value} onChange={(event) => (editor.isNotification.value = event.currentTarget.checked)} />
        <span>{words.notification}</span>
      </label>
      <h3>{words.params}</h3>
    </div>
  );
}

function RunLine({ editor, model }: { readonly editor: ArgumentEditor; readonly model: PlaygroundModel }): VNode {
  const { draft, target } = editor;
  const isStarting = model.starting.has(target);
  const waiting = model.starting.waiting(target);
  const check = editor.check.value;
  const expansion = editor.expansion.value;
  const problems = check?.kind === 'problems' ? check.problems.length : 0;
  const isBroken = draft.document.value.problem !== undefined;
  const note = isBroken
    ? words.notJson
    : draft.broken.value.size > 0
      ? words.brokenField
      : problems > 0
        ? words.problems(problems)
        : check?.kind === 'unusable' && editor.schemaProblem.value === undefined
          ? words.unusable(visibleLine(check.message))
          : undefined;
  return (
    <footer class="run-line">
      {target.kind === 'template' && expansion && (
        <p class={expansion.kind === 'ok' ? 'uri-line' : 'uri-line failed'}>
          <span class="dim">{words.uri}</span> {expansion.kind === 'ok' ? <bdi class="mono">{visibleLine(expansion.uri)}</bdi> : words.uriProblem(visibleLine(expansion.message))}
        </p>
      )}
      {note && (
        <p class="run-note" role="status">
          <Icon name={isBroken || draft.broken.value.size > 0 ? 'error' : 'warning'} class={isBroken || draft.broken.value.size > 0 ? 'failed' : 'warn'} /> <span>{note}</span>
        </p>
      )}
      {editor.saved.value && (isOpen(editor) || draft.text.value.includes('{{')) && <p class="run-note dim">{words.variables}</p>}
      <div class="run-buttons">
        <button type="button" class="text-button primary" title={words.runTooltip} disabled={!editor.canSend.value || isStarting} onClick={() => void model.run(false)}>
          <Icon name="play" /> {isStarting ? words.starting : editor.definition ? words.run : words.send}
        </button>
        {waiting && (
          <button type="button" class="text-button" onClick={() => void model.act(() => model.host.api.cancel(waiting.id))}>
            {words.cancel}
          </button>
        )}
        {problems > 0 && (
          <button type="button" class="text-button" disabled={!editor.canSend.value || isStarting} onClick={() => void model.run(true)}>
            {words.sendAnyway}
          </button>
        )}
        {editor.definition?.item.task === 'optional' && (
          <label class="check-line">
            <input type="checkbox" checked={editor.asTask.value} onChange={(event) => (editor.asTask.value = event.currentTarget.checked)} />
            <span>{words.asTask}</span>
          </label>
        )}
      </div>
    </footer>
  );
}

function Description({ text }: { readonly text: string }): VNode {
  const [isWhole, setWhole] = useState(false);
  const shown = visibleBlock(text);
  const isLong = shown.length > LONG_DESCRIPTION;
  return (
    <p class="target-description">
      {isLong && !isWhole ? `${shown.slice(0, LONG_DESCRIPTION)}… ` : shown}
      {isLong && (
        <button type="button" class="link-button" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? words.less : words.more}
        </button>
      )}
    </p>
  );
}
