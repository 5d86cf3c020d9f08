// What a person does: scan, start, stop, answer.
import { ask } from './api.js';
import { goTo, route } from './route.js';
import { signIn } from './session.js';
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

/** The slot that a scan is for: the open one where it is free, else the next. */
function slotOfScan() {
  const [screen, name] = route();
  const open = screen === 'slot' ? slotNamed(name) : null;
  return open !== null && !isBusy(open) ? open : nextSlot();
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
  if (!['operator', 'technician', 'qa'].includes(state.session.role))
    return refuse({ code: 'role_judges_none', details: {} }, null);
  const slot = slotOfScan();
  if (slot === null) return refuse({ code: 'no_slot_free', details: {} }, null);
  try {
    const label = await ask('POST', '/api/scan', { label: text });
    const elsewhere = Object.entries(state.armed).find(([name, armed]) => name !== slot.name && armed.serial_number === label.serial_number);
    const armed = { ...state.armed };
    if (elsewhere) delete armed[elsewhere[0]];
    armed[slot.name] = { ...label, label: text, plan: planFor(label), at: now() };
    const lastScan = { serial_number: label.serial_number, slot: slot.name, at: now() };
    change({ armed, lastScan, refused: null, trouble: null, chosen: null });
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

export function choosePlan(slot, plan) {
  const armed = { ...state.armed, [slot]: { ...state.armed[slot], plan } };
  set({ plans: { ...settings.plans, [armed[slot].plans[0].product]: plan } });
  change({ armed });
}

export function takeBack(slot) {
  const armed = { ...state.armed };
  delete armed[slot];
  change({ armed, trouble: null });
}

/** Starts the pen whose label waits at the slot. A retest that wants a reason, or a second signature, asks for it. */
export async function start(slot, more = {}) {
  const waiting = state.armed[slot];
  if (!waiting) return;
  try {
    await ask('POST', slotPath(slot, 'run'), { plan: waiting.plan, label: waiting.label, ...more });
    change({ asking: null, trouble: null });
  } catch (refused) {
    if (refused.code === 'reason_needed' || refused.code === 'second_needed')
      change({ asking: { slot, refused, second: refused.code === 'second_needed' || more.second !== undefined } });
    else if (state.asking) change({ asking: { ...state.asking, refused } });
    else troubled(refused, slot);
  }
}

export async function stop(slot) {
  try {
    await ask('DELETE', slotPath(slot, 'run'));
  } catch (refused) {
    troubled(refused, slot);
  }
}

export async function answer(slot, prompt, value) {
  try {
    await ask('POST', slotPath(slot, 'answer'), { id: prompt.id, value });
  } catch (refused) {
    troubled(refused, slot);
  }
}

/** The button of a slot, which its number presses: what the slot is for now. */
export function pressSlot(slot) {
  const kind = kindOf(slot);
  if (kind === 'ready') start(slot.name);
  else if (kind === 'scan') change({ chosen: slot.name, typing: slot.name });
  else goTo(`slot/${slot.name}`);
}
