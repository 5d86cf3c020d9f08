// What the page knows, in one place. Waveforms are not in here: they come twenty times a second, and go to the charts
// alone (waves.js).
import { useLayoutEffect, useState } from 'preact/hooks';

export const state = {
  rig: '', // its name
  simulated: false,
  session: undefined, // null: nobody is signed in; undefined: not known yet
  plans: null,
  slots: null, // as on the bench, left to right; null: not known yet
  bench: null, // interlocks and links; null: the station does not say
  maintenance: null,
  heard: null, // when the rig was heard last, by its clock
  online: false,
  clockOffset: 0, // what the rig's clock is ahead of the page's, ms
  armed: {}, // what was said of the labels that were scanned here and wait for the start button, by slot
  refused: null, // the scan that was refused last
  lastScan: null, // the one that was taken last
  chosen: null, // the slot that the hand chose for the next scan
  asking: null, // a start that wants a reason first
  typing: null, // the slot whose label is typed
  trouble: null, // a request that was not done: what the person pressed
  locksAt: null,
};

const kAtMostEvery = 50; // ms between two drawings
const watchers = new Set();
let timer = 0;
let drawn = 0;

function draw() {
  clearTimeout(timer);
  timer = 0;
  drawn = performance.now();
  for (const watcher of [...watchers]) watcher();
}

/** Changes what is known. `soon`: progress, which may wait for the next drawing. */
export function change(patch, soon = false) {
  Object.assign(state, patch);
  const wait = kAtMostEvery - (performance.now() - drawn);
  if (!soon || wait <= 0) draw();
  else if (timer === 0) timer = setTimeout(draw, wait);
}

/** A component that draws what is known. */
export function useStation() {
  const [, again] = useState(0);
  // Before the next change can come: none is lost between drawing and hearing.
  useLayoutEffect(() => {
    const watcher = () => again((n) => n + 1);
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, []);
  return state;
}

export function now() {
  return Date.now() + state.clockOffset;
}
