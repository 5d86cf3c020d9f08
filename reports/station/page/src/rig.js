// What the rig says, taken into what the page knows.
import { change, state } from './store.js';
import { hush, sound } from './sounds.js';
import { settings } from './settings.js';
import { forget, takeReadings, takeWave } from './waves.js';
import { goTo } from './route.js';

let whenEnded = () => {};

/** Called when a run has ended, with its slot. */
export function onVerdict(callback) {
  whenEnded = callback;
}

function taken(slot, before) {
  const begun = slot.state === 'checking' || slot.state === 'running';
  if (begun && before?.state !== 'checking' && before?.state !== 'running') {
    forget(slot.name);
    const armed = { ...state.armed };
    delete armed[slot.name];
    state.armed = armed;
    hush();
    // On a bench of one there is nothing else to look at.
    if (state.slots.length === 1) goTo(`slot/${slot.name}`);
  }
  if (slot.state === 'ended' && before && before.state !== 'ended') {
    sound(slot.verdict, settings.volume);
    whenEnded(slot);
  }
  if (slot.state === 'refused' && before && before.state !== 'refused') sound('REFUSED', settings.volume);
}

function slotHeard(slot) {
  const before = state.slots?.find((one) => one.name === slot.name);
  if (before === undefined) return;
  taken(slot, before);
  const slots = state.slots.map((one) => (one === before ? { last: before.last, ...slot } : one));
  change({ slots, heard: Date.now() }, slot.state === before.state && !slot.prompt === !before.prompt);
}

function everything(message) {
  const before = new Map((state.slots ?? []).map((slot) => [slot.name, slot]));
  const clockOffset = message.now_utc ? Date.parse(message.now_utc) - Date.now() : state.clockOffset;
  const slots = message.slots.map((slot) => ({ last: before.get(slot.name)?.last, ...slot }));
  // What ended while nobody listened is sounded as well; at the first look it is only shown.
  for (const slot of slots) if (before.has(slot.name)) taken(slot, before.get(slot.name));
  change({ slots, clockOffset, bench: message.rig ?? state.bench, heard: Date.now() });
}

/** A message of the station. */
export function heard(message) {
  if (message.type === 'wave') {
    state.heard = Date.now();
    takeWave(message);
  } else if (message.type === 'readings') {
    takeReadings(message);
  } else if (message.type === 'slot') {
    slotHeard(message.slot);
  } else if (message.type === 'state') {
    everything(message);
  } else if (message.type === 'rig') {
    change({ bench: message.rig, heard: Date.now() });
  }
}
