/** Owns the control for lists: items that can be added, moved and taken out, a part of them at a time. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Icon, IconButton } from '../Icon';
import { FieldView, type ControlProps } from './FieldView';
import { formStrings as words } from './formStrings';

const ITEMS_AT_FIRST = 50;
const ITEMS_MORE = 200;

export function ListControl({ field, draft, form, menus }: ControlProps): VNode {
  const [limit, setLimit] = useState(ITEMS_AT_FIRST);
  const document = draft.document.value;
  const chosen = draft.chosen.value;
  const count = form.itemCount(field);
  const present = field.node?.children?.length ?? 0;
  const add = (): void => {
    const item = form.item(field, present, draft.document.peek(), draft.chosen.peek());
    draft.set(item.path, form.start(item));
    draft.toggle(field.pointer, true);
  };
  return (
    <div class="field-members list">
      {Array.from({ length: Math.min(count, limit) }, (_, index) => {
        const item = form.item(field, index, document, chosen);
        const place = String(index + 1);
        // A tuple's places keep their order; one that is not there yet can only be filled in.
        const isMovable = index < present && index >= field.shape.prefix.length;
        return (
          <FieldView
            key={index}
            field={item}
            draft={draft}
            form={form}
            menus={menus}
            actions={
              index < present && (
                <span class="field-menu">
                  {isMovable && <IconButton icon="arrow-up" label={words.moveUp(place)} disabled={index === field.shape.prefix.length} onPress={() => draft.swap(field.path, index, index - 1)} />}
                  {isMovable && <IconButton icon="arrow-down" label={words.moveDown(place)} disabled={index === present - 1} onPress={() => draft.swap(field.path, index, index + 1)} />}
                  <IconButton icon="trash" label={words.removeItem(place)} onPress={() => draft.remove(item.path)} />
                </span>
              )
            }
          />
        );
      })}
      {count > limit && (
        <button type="button" class="link-button" onClick={() => setLimit(limit + ITEMS_MORE)}>
          {words.showMore(count - limit)}
        </button>
      )}
      {form.canAddItem(field) && (
        <button type="button" class="link-button add" onClick={add}>
          <Icon name="add" /> {words.addItem}
        </button>
      )}
    </div>
  );
}
