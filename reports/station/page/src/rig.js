// What the rig says, taken into what the page knows.
import { change, now, state } from './store.js';
import { hush, sound } from './sounds.js';
import { settings } from './settings.js';
import { forget, takeReadings, takeWave } from './waves.js';
import { goTo } from './route.js';

let whenEnded = () => {};
const ends = new Map(); // the end of each slot's run that was told last

/** Called when a run has ended, with its slot. */
export function onVerdict(callback) {
  whenEnded = callback;
}

const endOf = (slot) => (['ended', 'refused'].includes(slot.state) ? `${slot.state} ${slot.run} ${slot.ended_utc} ${slot.reason}` : null);

/** What was said of a label is kept for as long as that label waits. */
function forgetLabel(slot) {
  const label = state.armed[slot.name];
  if (label === undefined || (slot.state === 'ready' && slot.serial_number === label.serial_number)) return;
  const armed = { ...state.armed };
  delete armed[slot.name];
  state.armed = armed;
}

/** What is asked of one pen is not answered for another that waits there by now, nor for none. */
function forgetQuestion(slot) {
  const asking = state.asking;
  if (asking?.slot !== slot.name || (slot.state === 'ready' && slot.serial_number === asking.serial_number)) return;
  state.asking = null;
  if (slot.state === 'checking' || slot.state === 'running') return; // it is started
  const details = { read: asking.serial_number, waits: slot.serial_number ?? '', slot: slot.name };
  const code = slot.state === 'ready' ? 'another_pen' : 'nothing_armed';
  sound('REFUSED', settings.volume);
  state.trouble = { refused: { code, message: '', details }, slot: slot.name, at: now() };
}

function taken(slot, before) {
  forgetLabel(slot);
  forgetQuestion(slot);
  const begun = slot.state === 'checking' || slot.state === 'running';
  if (begun && before.state !== 'checking' && before.state !== 'running') {
    forget(slot.name);
    hush();
    // On a bench of one there is nothing else to look at.
    if (state.slots.length === 1) goTo(`slot/${slot.name}`);
  }
  // A verdict that a label covered, and that is back because the label was taken back, is not told again.
  const end = endOf(slot);
  if (end === null || end === ends.get(slot.name)) return;
  ends.set(slot.name, end);
  sound(slot.state === 'ended' ? slot.verdict : 'REFUSED', settings.volume);
  if (slot.state === 'ended') whenEnded(slot);
}

function slotHeard(slot) {
  const before = state.slots?.find((one) => one.name === slot.name);
  if (before === undefined) return;
  taken(slot, before);
  const slots = state.slots.map((one) => (one === before ? { last: before.last, ...slot } : one));
  change({ slots }, slot.state === before.state && !slot.prompt === !before.prompt);
}

function everything(message) {
  const before = new Map((state.slots ?? []).map((slot) => [slot.name, slot]));
  const clockOffset = message.now_utc ? Date.parse(message.now_utc) - Date.now() : state.clockOffset;
  const slots = message.slots.map((slot) => ({ last: before.get(slot.name)?.last, ...slot }));
  // What ended while nobody listened is sounded as well; at the first look it is only shown.
  for (const slot of slots) {
    if (state.heard !== null && before.has(slot.name)) taken(slot, before.get(slot.name));
    else ends.set(slot.name, endOf(slot));
  }
  change({ slots, clockOffset, bench: message.rig ?? state.bench, heard: Date.now() + clockOffset });
}

/** A message of the station. */
export function heard(message) {
  // 'alive' says no more than that. The first word is everything(): what ended before it is not sounded.
  if (state.heard !== null) state.heard = now();
  if (message.type === 'wave') {
    takeWave(message);
  } else if (message.type === 'readings') {
    takeReadings(message);
  } else if (message.type === 'slot') {
    slotHeard(message.slot);
  } else if (message.type === 'state') {
    everything(message);
  } else if (message.type === 'rig') {
    change({ bench: message.rig });
  }
}
