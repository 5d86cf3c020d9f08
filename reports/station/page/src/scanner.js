// A keyboard-wedge scanner types faster than a hand and ends with Enter, wherever the focus is. A lone key is a person.

const kBetweenKeys = 50; // ms at most; a hand needs more
const kAtLeast = 4; // characters

/** Keys as they come, with their times in ms; says what each is. Knows nothing of a page. */
export class Burst {
  constructor() {
    this.clear();
  }
  clear() {
    this.text = '';
    this.last = -Infinity;
  }
  /** @return the text of a scan that this key ends; '' where it belongs to a burst; null: a person's key. */
  take(key, at) {
    const quick = at - this.last <= kBetweenKeys;
    this.last = at;
    if (key === 'Enter' || key === 'Tab') {
      const text = quick ? this.text : '';
      this.clear(); // what comes next begins anew, however soon
      return text.length >= kAtLeast ? text : null;
    }
    if (key === 'GroupSeparator') key = '<GS>';
    else if (key.length !== 1) return null;
    this.text = quick ? this.text + key : key;
    return quick ? '' : null;
  }
}

/** The separator of GS1 labels comes as Ctrl+] from most scanners, as F8 from some. */
function keyOf(event) {
  if ((event.ctrlKey && (event.key === ']' || event.code === 'BracketRight')) || event.key === 'F8' || event.key === '\x1d')
    return 'GroupSeparator';
  return event.ctrlKey || event.altKey || event.metaKey ? 'Control' : event.key;
}

/** Fields take a person's keys themselves. */
export function isField(element) {
  return element?.matches?.('input, textarea, select') ?? false;
}

function putBack(field) {
  if (field === null || field.element.value === field.value) return;
  field.element.value = field.value;
  field.element.dispatchEvent(new Event('input', { bubbles: true }));
}

/**
 * Hears scans anywhere on the page. What a scan typed into a field is taken out again; a person's key outside of fields
 * is passed on once it is sure that it is none of a burst's.
 * @param scanned  called with the text.
 * @param pressed  called with the keyboard event of a lone key.
 * @return ends it.
 */
export function hearScans(scanned, pressed) {
  const burst = new Burst();
  let waiting = null; // a key that may yet turn out to be the first of a burst
  let field = null; // where the burst began, and what stood there

  function settle(alone) {
    if (waiting === null) return;
    clearTimeout(waiting.timer);
    const { event } = waiting;
    waiting = null;
    if (alone) pressed(event);
  }

  function hear(event) {
    if (event.isComposing || event.key === 'Shift') return;
    const text = burst.take(keyOf(event), event.timeStamp);
    if (text) {
      event.preventDefault();
      event.stopPropagation();
      putBack(field);
      scanned(text);
      return;
    }
    settle(text === null);
    if (text === '') {
      // A blank or a separator inside a burst must not press what has the focus.
      if (!isField(event.target) || event.ctrlKey) event.preventDefault();
      return;
    }
    field = isField(event.target) ? { element: event.target, value: event.target.value } : null;
    if (event.key.length !== 1 || field !== null) {
      pressed(event);
      return;
    }
    waiting = { event, timer: setTimeout(() => settle(true), kBetweenKeys + 10) };
  }

  addEventListener('keydown', hear, true);
  return () => {
    clearTimeout(waiting?.timer);
    removeEventListener('keydown', hear, true);
  };
}
