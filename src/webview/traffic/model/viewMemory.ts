/** Owns what of the view outlives its being hidden: taking it out of the model, putting it back. */
import type { TrafficModel } from './trafficModel';
import type { ViewState } from './viewState';

export function recall(model: TrafficModel, state: ViewState): void {
  model.filter.text.value = state.filter;
  model.tab.value = state.tab;
  model.bodyForm.value = state.bodyForm;
  model.splitRight.value = state.splitRight;
  model.splitBelow.value = state.splitBelow;
  model.layouts.groups.openKeys.value = state.openGroups;
  if (state.place) {
    model.following.value = false;
    model.tail.leftAt.value = state.place.seen;
    model.visible.range.value = { first: state.place.top, end: state.place.top };
  }
  if (state.selectedId !== undefined) model.selection.value = { id: state.selectedId };
  model.isDetailOpen.value = state.isDetailOpen;
}

/** Reads signals, so that an effect around it runs whenever any of it changed. */
export function snapshotOf(model: TrafficModel): ViewState {
  const selectedId = model.selection.value?.id;
  return {
    filter: model.filter.text.value,
    ...(selectedId === undefined ? {} : { selectedId }),
    isDetailOpen: model.isDetailOpen.value,
    tab: model.tab.value,
    bodyForm: model.bodyForm.value,
    splitRight: model.splitRight.value,
    splitBelow: model.splitBelow.value,
    openGroups: model.layouts.groups.openKeys.value,
    ...(model.following.value ? {} : { place: { top: model.visible.range.value.first, seen: model.tail.leftAt.value } }),
  };
}
