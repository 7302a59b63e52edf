// Owns what is measured inside the page. Each function runs in the browser, on its own: nothing from here is in its reach.

/** Milliseconds from navigation to the first call painted. */
export function firstRows() {
  return new Promise((resolve) => {
    const look = () => {
      if (document.querySelector('.call-row[id]:not(.pending), .group-row:not(.loading), .timeline-strip rect')) requestAnimationFrame(() => resolve(performance.now()));
      else requestAnimationFrame(look);
    };
    look();
  });
}

/** Sets the filter as if it were typed and entered; milliseconds from Enter to the first page painted, and how many calls it shows. */
export function filtered(text) {
  return new Promise((resolve) => {
    const input = document.querySelector('.filter-input');
    const count = () => (document.querySelector('.stage-body') ? 0 : Number(document.querySelector('.call-list [role=grid]')?.getAttribute('aria-rowcount') ?? 1) - 1);
    const before = count();
    input.focus();
    input.value = text;
    input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    const start = performance.now();
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    const look = () => {
      const now = count();
      // Nothing found so far is not nothing found.
      const isSearching = document.querySelector('.stage.loading') !== null;
      const isDone = now !== before && !isSearching && (now === 0 || document.querySelector('.call-row[id]:not(.pending)'));
      if (isDone || performance.now() - start > 60_000) requestAnimationFrame(() => resolve({ ms: performance.now() - start, rows: now }));
      else requestAnimationFrame(look);
    };
    look();
  });
}

/** Lengths of so many frames while the list is scrolled: by the wheel, or by dragging the thumb all over it. */
export function scrolled([count, how]) {
  return new Promise((resolve) => {
    const list = document.querySelector('.call-list .virtual-list');
    const lengths = [];
    let pendingFrames = 0;
    let last = performance.now();
    let index = 0;
    const next = (now) => {
      lengths.push(now - last);
      last = now;
      if (document.querySelector('.call-row.pending')) pendingFrames += 1;
      if (how === 'wheel') list.scrollTop -= 120;
      if (how === 'thumb') list.scrollTop = (list.scrollHeight * ((index * 37) % count)) / count;
      index += 1;
      if (index < count) requestAnimationFrame(next);
      else resolve({ lengths, pendingFrames });
    };
    requestAnimationFrame(next);
  });
}

/** Starts to note when each live call is painted first; `live_<n>` is its name. */
export function watchLive() {
  const seen = [];
  let newest = -1;
  let isOver = false;
  const look = () => {
    for (const element of document.querySelectorAll('.call-row[id] .cell-name')) {
      const n = Number(/^live_(\d+)/.exec(element.textContent ?? '')?.[1] ?? -1);
      if (n > newest) {
        newest = n;
        seen.push([n, Date.now()]);
      }
    }
    if (!isOver) requestAnimationFrame(look);
  };
  look();
  window.stopWatching = () => {
    isOver = true;
    return seen;
  };
}
