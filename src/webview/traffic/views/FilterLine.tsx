/**
 * Owns the line under the filter box: its terms as chips that can be taken out, the filter in plain words, or what is
 * wrong with it; and the name of a filter about to be saved.
 */
import type { VNode } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../../components/Icon';
import { visibleLine } from '../../components/visibleText';
import type { TrafficModel } from '../model/trafficModel';
import { strings } from '../strings';

const words = strings.filter;

export interface FilterLineProps {
  readonly model: TrafficModel;
  readonly id: string;
  /** A name is asked for, to save the filter under. */
  readonly isNaming: boolean;
  readonly onNamed: (name: string | undefined) => void;
  /** Where the focus goes when a chip is gone. */
  readonly onRefocus: () => void;
}

export function FilterLine({ model, id, isNaming, onNamed, onRefocus }: FilterLineProps): VNode {
  const { filter } = model;
  const problem = filter.problem.value;
  const description = filter.description.value;
  const chips = problem ? [] : filter.chips.value;
  if (isNaming) return <NameForm id={id} taken={model.settings.savedFilters.value.map(({ name }) => name)} onNamed={onNamed} />;
  return (
    <div class={problem ? 'filter-line invalid' : 'filter-line'} hidden={!problem && description === undefined}>
      {chips.length > 0 && (
        <ul class="chips" aria-label={words.chips}>
          {chips.map((chip) => (
            <li key={chip.span.start} class="chip">
              <bdi class="chip-text">{visibleLine(chip.text)}</bdi>
              <button
                type="button"
                class="chip-remove"
                title={words.removeChip(chip.text)}
                aria-label={words.removeChip(visibleLine(chip.text))}
                onClick={() => {
                  filter.remove(chip.span);
                  onRefocus();
                }}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div id={id} class={problem ? 'filter-message' : 'filter-description'} role="status" title={description && visibleLine(description)}>
        {problem && <Icon name="error" />}
        {problem ? <span>{problem.message}</span> : description && visibleLine(description)}
      </div>
    </div>
  );
}

interface NameFormProps {
  readonly id: string;
  readonly taken: readonly string[];
  readonly onNamed: (name: string | undefined) => void;
}

function NameForm({ id, taken, onNamed }: NameFormProps): VNode {
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState('');
  useLayoutEffect(() => input.current?.focus(), []);
  const isTaken = taken.includes(name.trim());
  return (
    <form
      class="filter-line naming"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') onNamed(name.trim());
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onNamed(undefined);
      }}
    >
      <label class="filter-name">
        {words.name}
        <input ref={input} type="text" class="text-box small" maxLength={100} value={name} aria-describedby={id} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit" class="link-button" disabled={name.trim() === ''}>
        {isTaken ? words.replace : words.save}
      </button>
      <button type="button" class="link-button" onClick={() => onNamed(undefined)}>
        {words.cancel}
      </button>
      <span id={id} class="filter-description" role="status">
        {isTaken ? words.nameTaken : ''}
      </span>
    </form>
  );
}
