// What a person does: scan, start, stop, answer.
import { ask } from './api.js';
import { goTo, route } from './route.js';
import { mayRun, signIn } from './session.js';
import { settings, set } from './settings.js';
import { isBusy, kindOf, nextSlot, slotNamed } from './slots.js';
import { hush, sound } from './sounds.js';
import { change, now, state } from './store.js';

const slotPath = (name, what) => `/api/slots/${encodeURIComponent(name)}/${what}`;

/** Says what was not done, at the line for the hand. */
function troubled(refused, slot) {
  sound('REFUSED', settings.volume);
  change({ trouble: { refused, slot, at: now() } });
}

function refuse(refused, slot) {
  sound('REFUSED', settings.volume);
  change({ refused: { refused, slot: slot?.name ?? null, at: now() } });
}

/** The free slot that the hand chose for a scan: the open one, or the one whose button it pressed; else null. */
function chosenSlot() {
  const [screen, name] = route();
  const chosen = slotNamed(screen === 'slot' ? name : state.chosen);
  return chosen !== null && !isBusy(chosen) ? chosen : null;
}

/** A pen that is scanned a second time stays where its label waits. */
function whereItWaits(label) {
  return state.slots.find((slot) => kindOf(slot) === 'ready' && slot.serial_number === label.serial_number)?.name;
}

function planFor(label) {
  const product = label.plans[0].product;
  const last = settings.plans[product];
  return (label.plans.find((plan) => plan.name === last) ?? label.plans[0]).name;
}

/** A label was read: a badge where nobody is signed in, else a pen. Starts nothing. */
export async function scanned(text) {
  hush();
  if (!state.session) return signInByBadge(text);
  if (!mayRun()) return refuse({ code: 'role_judges_none', details: {} }, null);
  const slot = chosenSlot() ?? nextSlot();
  if (slot === null) return refuse({ code: 'no_slot_free', details: {} }, null);
  try {
    const label = await ask('POST', '/api/scan', { label: text });
    const name = chosenSlot() === null ? whereItWaits(label) ?? slot.name : slot.name;
    const armed = { ...label, label: text, plan: planFor(label) };
    await ask('PUT', slotPath(name, 'label'), { plan: armed.plan, label: text });
    const lastScan = { serial_number: label.serial_number, slot: name, at: now() };
    change({ armed: { ...state.armed, [name]: armed }, lastScan, refused: null, trouble: null, chosen: null });
    if (route()[0] !== 'station' && route()[0] !== 'slot') goTo('station');
  } catch (refused) {
    // Only these are about the label.
    if ([409, 422].includes(refused.status)) refuse(refused, slot);
    else troubled(refused, slot.name);
  }
}

async function signInByBadge(badge) {
  try {
    await signIn({ badge });
  } catch (refused) {
    troubled(refused, null);
  }
}

export async function choosePlan(slot, plan) {
  const armed = { ...state.armed[slot], plan };
  set({ plans: { ...settings.plans, [armed.plans[0].product]: plan } });
  try {
    await ask('PUT', slotPath(slot, 'label'), { plan, label: armed.label });
    change({ armed: { ...state.armed, [slot]: armed } });
  } catch (refused) {
    troubled(refused, slot);
  }
}

export async function takeBack(slot) {
  try {
    await ask('DELETE', slotPath(slot, 'label'));
    change({ trouble: null });
  } catch (refused) {
    troubled(refused, slot);
  }
}

/** Connects to a slot that could not judge, and looks whether it can again. */
export async function check(slot) {
  try {
    await ask('POST', slotPath(slot, 'check'));
    change({ trouble: null });
  } catch (refused) {
    troubled(refused, slot);
  }
}

/** Starts the pen whose label waits at the slot, whoever scanned it. A retest that wants a reason, or a second signature, asks for it. */
export async function start(slot, more = {}) {
  // Which pen the person sees there: another may wait by the time that the station hears it.
  const serial = state.asking?.slot === slot ? state.asking.serial_number : slotNamed(slot)?.serial_number;
  try {
    await ask('POST', slotPath(slot, 'run'), { ...more, serial_number: serial });
    change({ asking: null, trouble: null });
  } catch (refused) {
    if (refused.code === 'reason_needed' || refused.code === 'second_needed')
      change({ asking: { slot, serial_number: serial, refused, second: refused.code === 'second_needed' || more.second !== undefined } });
    else if (state.asking) change({ asking: { ...state.asking, refused } });
    else troubled(refused, slot);
  }
}

export async function stop(slot) {
  try {
    await ask('DELETE', slotPath(slot, 'run'));
    change({ trouble: null });
  } catch (refused) {
    troubled(refused, slot);
  }
}

/** @return whether it was taken. */
export async function answer(slot, prompt, value) {
  try {
    await ask('POST', slotPath(slot, 'answer'), { id: prompt.id, value });
    change({ trouble: null });
    return true;
  } catch (refused) {
    troubled(refused, slot);
    return false;
  }
}

/** A label that cannot be scanned is typed, for that slot. */
export function typeLabel(slot) {
  change({ chosen: slot.name, typing: slot.name });
}

/** The button of a slot, which its number presses: what the slot is for now. */
export function pressSlot(slot) {
  const kind = kindOf(slot);
  if (kind === 'ready' && mayRun()) start(slot.name);
  else if (kind === 'scan' && mayRun()) typeLabel(slot);
  else goTo(`slot/${slot.name}`);
}
