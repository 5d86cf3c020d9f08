// What needs a person, worst first.
import { clock } from './format.js';
import { locksIn } from './session.js';
import { kindOf } from './slots.js';
import { minutes, hours } from './format.js';
import { now, state } from './store.js';
import { t } from './words.js';

const kSoonDays = 14;
const kSoonSeconds = 2 * 3600;

function ofSlots() {
  return (state.slots ?? [])
    .filter((slot) => ['error', 'interrupted'].includes(kindOf(slot)))
    .map((slot) => ({ weight: 3, icon: 'error', text: t('attention.slot', { slot: slot.name }), at: slot.ended_utc ? clock(slot.ended_utc, false) : '' }));
}

function ofGolden() {
  return (state.maintenance?.golden ?? [])
    .map((check) => ({ check, left: check.due_utc ? (Date.parse(check.due_utc) - now()) / 1000 : -1 }))
    .filter(({ left }) => left < kSoonSeconds)
    .map(({ check, left }) => ({
      weight: left < 0 ? 2.5 : 1,
      text: left < 0 ? t('attention.golden_over', { slot: check.slot }) : t('attention.golden', { left: hours(left), slot: check.slot }),
    }));
}

function ofCalibrations() {
  return (state.maintenance?.calibrations ?? [])
    .filter((calibration) => calibration.days_left <= kSoonDays)
    .map(({ target, days_left: days }) => ({
      weight: days < 0 ? 2.5 : 0.5,
      text: days < 0 ? t('attention.calibration_over', { target, days: -days }) : t('attention.calibration', { target, days }),
    }));
}

function ofLinks() {
  return (state.bench?.links ?? [])
    .filter((link) => !link.up)
    .map((link) => ({ weight: 2, text: t('attention.link', { name: link.name }) }));
}

function ofSession() {
  const left = locksIn();
  return left === null ? [] : [{ weight: 4, text: t('attention.locks', { left: minutes(left) }) }];
}

export function attention() {
  return [...ofSession(), ...ofSlots(), ...ofGolden(), ...ofCalibrations(), ...ofLinks()].sort((a, b) => b.weight - a.weight);
}
