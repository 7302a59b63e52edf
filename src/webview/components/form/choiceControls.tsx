/** Owns the controls for numbers, true or false, one choice and several choices. */
import type { VNode } from 'preact';
import { Segmented } from '../Segmented';
import { visibleBlock, visibleLine } from '../visibleText';
import type { ControlProps } from './FieldView';
import { formStrings as words } from './formStrings';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What is typed is kept digit by digit; what is no number stands as a text, marked, until it is one. */
export function NumberControl({ field, draft, ids }: ControlProps): VNode {
  if (field.control.kind !== 'number') return <></>;
  const onInput = (text: string): void => {
    const typed = text.trim();
    if (typed === '' && typeof field.path.at(-1) === 'string') draft.remove(field.path);
    else draft.set(field.path, NUMBER.test(typed) ? typed : JSON.stringify(text));
  };
  return (
    <input
      id={ids.control}
      type="text"
      inputmode="decimal"
      autocomplete="off"
      class="text-box mono number"
      aria-describedby={ids.describedBy}
      aria-invalid={ids.isInvalid || field.node?.type === 'string' ? 'true' : undefined}
      aria-required={field.isRequired ? 'true' : undefined}
      placeholder={visibleLine(field.shape.default ?? (field.shape.examples[0] === undefined ? '' : words.example(field.shape.examples[0])))}
      value={field.control.shown}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

export function BooleanControl({ field, draft, ids }: ControlProps): VNode {
  const isOptional = !field.isRequired || field.node === undefined;
  const selected = field.node ? (field.node.value === true ? 'true' : 'false') : 'unset';
  const options = [...(isOptional ? [{ id: 'unset', label: words.notSet }] : []), { id: 'true', label: words.yes }, { id: 'false', label: words.no }] as const;
  return (
    <div id={ids.control} class="boolean-control">
      <Segmented
        label={visibleLine(field.name ?? '')}
        options={options}
        selected={selected}
        onSelect={(id) => {
          if (id === 'unset') draft.remove(field.path);
          else draft.set(field.path, id);
        }}
      />
    </div>
  );
}

export function ChoiceControl({ field, draft, ids }: ControlProps): VNode {
  if (field.control.kind !== 'choice') return <></>;
  const { choices, chosen, other } = field.control;
  const onChange = (value: string): void => {
    if (value === 'unset') draft.remove(field.path);
    else if (value !== 'other') draft.set(field.path, choices[Number(value)]?.json ?? 'null');
  };
  if (choices.length === 1 && chosen === 0) {
    return (
      <output id={ids.control} class="fixed-value">
        {visibleLine(choices[0]!.label)}
      </output>
    );
  }
  const isItem = typeof field.path.at(-1) === 'number' || field.path.length === 0;
  return (
    <>
      <select
        id={ids.control}
        class="select-box"
        aria-describedby={ids.describedBy}
        aria-invalid={ids.isInvalid || other !== undefined ? 'true' : undefined}
        aria-required={field.isRequired ? 'true' : undefined}
        value={other !== undefined ? 'other' : chosen === undefined ? 'unset' : String(chosen)}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {(!isItem || chosen === undefined) && other === undefined && <option value="unset">{field.isRequired ? words.choose : words.notSet}</option>}
        {other !== undefined && <option value="other">{words.notOffered(visibleLine(other))}</option>}
        {choices.map(({ json, label }, index) => (
          <option key={json} value={String(index)}>
            {visibleLine(label)}
          </option>
        ))}
      </select>
      {chosen !== undefined && choices[chosen]?.description && <p class="field-description">{visibleBlock(choices[chosen].description)}</p>}
    </>
  );
}

export function ManyChoicesControl({ field, draft, ids }: ControlProps): VNode {
  if (field.control.kind !== 'manyChoices') return <></>;
  const { choices, chosen, others } = field.control;
  const toggle = (index: number): void => {
    const places = chosen[index] ?? [];
    if (places.length === 0) draft.set([...field.path, field.node?.children?.length ?? 0], choices[index]?.json ?? 'null');
    // From the last to the first, so that the places before stay.
    else for (const place of places.toReversed()) draft.remove([...field.path, place]);
  };
  return (
    <div class="many-choices" role="group" aria-labelledby={ids.label} aria-describedby={ids.describedBy}>
      {choices.map(({ json, label }, index) => (
        <label key={json} class="check-line">
          <input type="checkbox" id={index === 0 ? ids.control : undefined} checked={(chosen[index]?.length ?? 0) > 0} onChange={() => toggle(index)} />
          <span>{visibleLine(label)}</span>
        </label>
      ))}
      {others > 0 && <p class="form-note">{words.others(others)}</p>}
    </div>
  );
}
