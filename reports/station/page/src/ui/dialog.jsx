// A question that lies over the screen; the rail of slots stays free. The focus stays in it and comes back behind it.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useKeys } from '../keys.js';

const kFocusable = 'a[href], button:not(:disabled), input, select, textarea';

/** @param busy  it takes no answer yet. */
export function Dialog({ label, close, keys = {}, busy, class: more = '', children }) {
  const box = useRef(null);
  useKeys({ ...(close ? { Escape: close } : {}), ...keys }, true);
  useLayoutEffect(() => {
    const before = document.activeElement;
    // The box itself takes the focus, so that nothing is preselected; a field to fill does, where there is one.
    (box.current.querySelector('[data-first]') ?? box.current).focus();
    return () => before?.focus?.();
  }, []);
  function keepInside(event) {
    if (event.key !== 'Tab') return;
    const all = [...box.current.querySelectorAll(kFocusable)];
    const first = all[0], last = all.at(-1);
    if (event.shiftKey && (document.activeElement === first || document.activeElement === box.current)) {
      event.preventDefault();
      last?.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first?.focus();
    }
  }
  return (
    <div class="veil">
      <div class={`dialog ${more}`} role="dialog" aria-modal="true" aria-label={label} aria-busy={busy ? 'true' : undefined} tabIndex="-1" ref={box} onKeyDown={keepInside}>
        {children}
      </div>
    </div>
  );
}
