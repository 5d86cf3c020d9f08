// Who is signed in; and the word from the rig that only those hear.
import { ask, askInBackground, lastUsed, useToken, whenSignedOut } from './api.js';
import { listen } from './live.js';
import { heard } from './rig.js';
import { change, state } from './store.js';

const kCareEvery = 60000;
const kLastEvery = 15000; // a run may be declared void at any time
const kWarnBefore = 60;
const kRunners = ['operator', 'technician', 'qa'];
let stopListening = null;
let careTimer = 0;
let lastTimer = 0;

function begin(session) {
  useToken(session.csrf_token);
  change({ session, rig: session.rig, simulated: session.simulated, trouble: null, heard: null });
  stopListening?.();
  stopListening = listen(heard, (online) => {
    change({ online });
    if (!online) stillSignedIn(askInBackground);
  });
  loadPlans();
  loadLast();
  loadMaintenance();
  clearInterval(careTimer);
  careTimer = setInterval(loadMaintenance, kCareEvery);
  clearInterval(lastTimer);
  lastTimer = setInterval(loadLast, kLastEvery);
}

function end() {
  stopListening?.();
  stopListening = null;
  clearInterval(careTimer);
  clearInterval(lastTimer);
  useToken('');
  change({ session: null, armed: {}, refused: null, asking: null, typing: null, trouble: null, locksAt: null, online: false });
  lookFromOutside();
}

/** A connection that ended may have ended with the session. */
async function stillSignedIn(asked = (path) => ask('GET', path)) {
  try {
    await asked('/api/session');
  } catch (refused) {
    if (refused.status === 401) end();
  }
}

/** What anybody may see: the rig's name, and the slots without their serial numbers where the station shows them. */
export async function lookFromOutside() {
  try {
    change({ rig: (await askInBackground('/healthz')).rig });
    const bench = await askInBackground('/api/bench');
    const slots = bench.slots.map((slot) => (slot.left_s === null ? slot : { ...slot, progress: { left_s: slot.left_s, fraction: slot.fraction } }));
    if (state.session === null) change({ slots });
  } catch {
    if (state.session === null && state.slots !== null && stopListening === null) change({ slots: null });
  }
}

async function loadPlans() {
  try {
    change({ plans: (await askInBackground('/api/plans')).plans });
  } catch {
    setTimeout(() => state.session && loadPlans(), 2000);
  }
}

/** The last five verdicts of each slot, which the live word does not carry. Which of them are void the station looks up
    then, and tells those who listen. */
export async function loadLast() {
  try {
    const { slots } = await askInBackground('/api/slots');
    const last = Object.fromEntries(slots.map((slot) => [slot.name, slot.last]));
    change({ slots: (state.slots ?? slots).map((slot) => ({ ...slot, last: last[slot.name] ?? slot.last })) });
  } catch {
    // It is asked again in some seconds.
  }
}

export async function loadMaintenance() {
  try {
    change({ maintenance: await askInBackground('/api/maintenance') });
  } catch {
    // It is asked again in a minute.
  }
}

/** Whether who is signed in may start and answer; an admin gives rights, and judges no pens. */
export const mayRun = () => kRunners.includes(state.session?.role);

export async function signIn(secret) {
  begin(await ask('POST', '/api/session', secret));
}

export async function lock() {
  try {
    await ask('DELETE', '/api/session');
  } catch {
    // Without an answer the station ends it by itself when it is idle.
  }
  end();
}

/** A person is there: the session stays. */
export function stay() {
  if (state.session && Date.now() - lastUsed() > 30000) stillSignedIn();
}

/** Seconds until the station ends an idle session, once there are few; else null. */
export function locksIn() {
  if (!state.session) return null;
  const left = state.session.idle_s - (Date.now() - lastUsed()) / 1000;
  return left <= kWarnBefore ? Math.max(0, left) : null;
}

export async function resume() {
  whenSignedOut(end);
  try {
    begin(await ask('GET', '/api/session'));
  } catch (refused) {
    if (refused.status === 401) end();
    else setTimeout(resume, 1000);
  }
}
