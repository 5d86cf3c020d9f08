// What a slot is to the person before it.
import { state } from './store.js';

const kVerdicts = { PASS: 'pass', FAIL: 'fail', INDETERMINATE: 'undecided', ABORTED: 'aborted', ERROR: 'error', INTERRUPTED: 'interrupted' };

/** What is left of a verdict whose run was declared void: nothing. A slot that needs a hand still needs it. */
const kindThatCounts = (slot, kind) => (slot.void && !['error', 'interrupted'].includes(kind) ? 'void' : kind);

/** 'scan', 'ready', 'checking', 'running', 'asks', 'refused', or what a verdict is. */
export function kindOf(slot) {
  if (slot.state === 'running') return slot.prompt ? 'asks' : 'running';
  if (slot.state === 'checking') return 'checking';
  if (slot.state === 'ready') return 'ready';
  if (slot.state === 'refused') return 'refused';
  // A word that the page does not know is never drawn as a pass.
  if (slot.state === 'ended') return kindThatCounts(slot, kVerdicts[slot.verdict] ?? 'error');
  return 'scan';
}

export function kindOfVerdict(verdict) {
  return kVerdicts[verdict] ?? 'error';
}

export const isBusy = (slot) => ['running', 'asks', 'checking'].includes(kindOf(slot));
export const needsHand = (slot) => slot !== null && ['error', 'interrupted'].includes(kindOf(slot));
export const isVerdict = (kind) => ['pass', 'fail', 'undecided', 'aborted', 'void', 'error', 'interrupted'].includes(kind);

export function slotNamed(name) {
  return state.slots?.find((slot) => slot.name === name) ?? null;
}

/** The slot that the next scan is for: the chosen one, else the first that is empty, else the first that is done. */
export function nextSlot() {
  const free = (state.slots ?? []).filter((slot) => !isBusy(slot));
  const chosen = free.find((slot) => slot.name === state.chosen);
  const order = ['scan', 'refused', 'pass', 'fail', 'undecided', 'aborted', 'void', 'ready', 'interrupted', 'error'];
  const first = (kind) => free.find((slot) => kindOf(slot) === kind);
  return chosen ?? order.map(first).find(Boolean) ?? null;
}

/** The slot that will be free first. */
export function soonestSlot() {
  const running = (state.slots ?? []).filter((slot) => slot.progress);
  return running.reduce((best, slot) => (best === null || slot.progress.left_s < best.progress.left_s ? slot : best), null);
}

/** Serial number of a slot: of its run, or of the label that waits there. */
export const serialOf = (slot) => slot.serial_number ?? '';

export function planOf(slot) {
  return state.plans?.find((plan) => plan.name === slot.plan) ?? null;
}

/** What is limited at a step of a plan, by the quantity. */
export function limitsAt(plan, step) {
  const setting = plan?.steps?.[step];
  if (!setting) return [];
  const fits = (limit, key) => limit[key] === null || limit[key] === undefined || limit[key] === setting[key];
  return (plan.limits ?? []).filter((limit) => fits(limit, 'depth_mm') && fits(limit, 'rate_per_min'));
}

export function limitOf(plan, step, quantities) {
  return limitsAt(plan, step).find((limit) => quantities.includes(limit.measurand)) ?? null;
}
