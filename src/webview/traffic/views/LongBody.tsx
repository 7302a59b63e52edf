/**
 * Owns the forms of a message that is too long to be sent whole: text and bytes in parts as they are looked at, with a search that says
 * how far it has come; tree and content once the reader has had all of it loaded.
 */
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { errorText } from '../../components/errorText';
import { FindBar } from '../../components/FindBar';
import { MAX_MATCHES } from '../../components/find';
import { HexView } from '../../components/HexView';
import { Icon } from '../../components/Icon';
import { LongText } from '../../components/LongText';
import { MAX_LOADED, type BigBody } from '../model/bigBody';
import { strings } from '../strings';
import { ShortBody, type BodyFormProps } from './BodyForms';
import { detailStrings } from './detailStrings';

const words = detailStrings.body;

export function LongBody(props: BodyFormProps): VNode {
  const { payload, form, side, model } = props;
  const body = useMemo(() => model.detail.openBody(payload), [payload.id, payload.part]);
  useEffect(() => () => body.dispose(), [body]);
  void body.revision.value;
  const whole = body.whole.value;
  const title = strings.detail.tabs[side];
  const failure = body.failure.value;
  return (
    <>
      {failure !== undefined && (
        <div class="notice error" role="alert">
          <Icon name="error" />
          <span class="notice-text">{words.partFailed(errorText(failure))}</span>
          <span class="notice-actions">
            <button type="button" class="link-button" onClick={() => body.retry()}>
              {words.retry}
            </button>
          </span>
        </div>
      )}
      {form === 'tree' || form === 'rendered' ? (
        whole === undefined ? (
          <LoadAll body={body} onOpen={() => model.actions.openPayload(payload.id, payload.part)} />
        ) : (
          <ShortBody {...props} text={whole} />
        )
      ) : (
        <>
          {body.length > 0 && <p class="body-hint">{words.isLong(body.length)}</p>}
          {body.length === 0 ? null : form === 'hex' ? (
            <HexView bytes={body} label={words.hexHint} />
          ) : (
            <FoundLongText {...props} body={body} label={words.rawLabel(title)} />
          )}
        </>
      )}
    </>
  );
}

function LoadAll({ body, onOpen }: { readonly body: BigBody; readonly onOpen: () => void }): VNode | null {
  const loaded = body.loaded.value;
  if (body.length === 0) return null;
  return (
    <div class="panel-message" role="status">
      {body.length > MAX_LOADED ? (
        <p>{words.isTooLong(body.length)}</p>
      ) : loaded === undefined ? (
        <button type="button" class="link-button" onClick={() => body.loadAll()}>
          {words.loadAll(body.length)}
        </button>
      ) : (
        <p>
          {words.loading(loaded, body.length)}{' '}
          <button type="button" class="link-button" onClick={() => body.stopLoading()}>
            {words.stopLoading}
          </button>
        </p>
      )}
      <button type="button" class="link-button" onClick={onOpen}>
        {words.openInEditor}
      </button>
    </div>
  );
}

function FoundLongText({ body, label, isFinding, onCloseFind }: BodyFormProps & { readonly body: BigBody; readonly label: string }): VNode {
  const [current, setCurrent] = useState(0);
  const search = body.search.value;
  useEffect(() => {
    if (!isFinding) body.find('');
  }, [isFinding, body]);
  const count = search.matches.length;
  const place = count === 0 ? 0 : Math.min(current, count - 1);
  const isPartly = search.query !== '' && search.done < body.length;
  return (
    <>
      {isFinding && (
        <FindBar
          label={detailStrings.find.label}
          query={search.query}
          count={count}
          current={place}
          isMore={isPartly}
          isRunning={search.isRunning}
          note={search.query === '' || !isPartly ? undefined : search.isRunning ? detailStrings.find.searching(search.done, body.length) : detailStrings.find.stopped(search.done, body.length)}
          action={
            !isPartly || (!search.isRunning && count >= MAX_MATCHES)
              ? undefined
              : search.isRunning
                ? { label: detailStrings.find.stop, run: () => body.stopSearch() }
                : { label: detailStrings.find.goOn, run: () => body.resumeSearch() }
          }
          onQuery={(next) => {
            setCurrent(0);
            body.find(next);
          }}
          onStep={(by) => setCurrent(count === 0 ? 0 : (place + by + count) % count)}
          onClose={onCloseFind}
        />
      )}
      <LongText bytes={body} label={label} matches={search.matches} current={search.matches[place]} />
    </>
  );
}
