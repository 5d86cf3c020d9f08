// The newest waveform and strokes of each slot, past the store and straight to whoever draws them.

const kStrokesKept = 2000;
const slots = new Map();

function slotOf(name) {
  let slot = slots.get(name);
  if (slot === undefined) {
    slot = { wave: null, readings: null, strokes: [], step: null, watchers: new Set() };
    slots.set(name, slot);
  }
  return slot;
}

export function takeWave(message) {
  const slot = slotOf(message.slot);
  slot.wave = message;
  for (const watcher of slot.watchers) watcher(slot);
}

export function takeReadings(message) {
  const slot = slotOf(message.slot);
  if (message.first_stroke !== slot.strokes.length || message.step !== slot.step) {
    slot.strokes = new Array(Math.min(message.first_stroke ?? 0, kStrokesKept)).fill(null);
    slot.step = message.step;
  }
  slot.strokes.push(...(message.strokes_mm ?? []));
  slot.strokes.length = Math.min(slot.strokes.length, kStrokesKept);
  slot.readings = message.values;
  for (const watcher of slot.watchers) watcher(slot);
}

/** A run has begun: nothing of the last one may be taken for it. */
export function forget(name) {
  const slot = slotOf(name);
  Object.assign(slot, { wave: null, readings: null, strokes: [], step: null });
  for (const watcher of slot.watchers) watcher(slot);
}

/** @return ends it. */
export function watch(name, watcher) {
  const slot = slotOf(name);
  slot.watchers.add(watcher);
  watcher(slot);
  return () => slot.watchers.delete(watcher);
}

const middleOf = ([low, high]) => (low + high) / 2;

/** Whether the line goes up through a stretch: as its neighbours say, the next one first. */
function goesUp(stretches, i) {
  const here = middleOf(stretches[i]), next = stretches[i + 1], before = stretches[i - 1];
  if (next) return middleOf(next) >= here;
  return before ? here >= middleOf(before) : true;
}

/**
 * A line through an envelope that leaves no peak out: of each stretch its least and greatest value, in the order in
 * which the line meets them. A stretch where nothing came breaks it.
 * @return [times in ms, 0 is now; values]
 */
export function lineOf(stretches, spanSeconds) {
  const times = [], values = [];
  const step = (spanSeconds * 1000) / stretches.length;
  stretches.forEach((stretch, i) => {
    const at = (i - stretches.length) * step;
    if (stretch === null) {
      times.push(at);
      values.push(null);
      return;
    }
    const [low, high] = stretch;
    times.push(at + step / 50, at + (49 * step) / 50);
    values.push(...(goesUp(stretches, i) ? [low, high] : [high, low]));
  });
  return [times, values];
}
