// What a verdict's screen needs of a run's record.
import { askInBackground } from './api.js';

const kept = new Map(); // records do not change: those of the last runs

/** The number that is held against a limit: of strokes the end of their interval that is nearer to it. */
function shownValue(measurement, decision) {
  const interval = measurement.tolerance_interval;
  if (!interval) return measurement.value;
  const beyond = (value) => Math.max(value - (decision.upper ?? Infinity), (decision.lower ?? -Infinity) - value);
  return beyond(interval.high) >= beyond(interval.low) ? interval.high : interval.low;
}

/** Which limit it is about: 'high', 'low', or 'other' of a text. */
function sideOf(value, decision) {
  if (value === null || value === undefined) return 'other';
  const above = value - (decision.upper ?? Infinity), below = (decision.lower ?? -Infinity) - value;
  return above >= below ? 'high' : 'low';
}

/** A measurement of the run; of a phase's own its place there is all that stands in the run's list. */
function measurementOf(record, index) {
  const one = record.measurements[index];
  return one.phase === undefined ? one : record.phases[one.phase].measurements[one.measurement];
}

function judged(record, decision) {
  const measurement = measurementOf(record, decision.measurement);
  const value = shownValue(measurement, decision);
  const side = sideOf(value, decision);
  return { ...decision, measurement, value, side, broken: side === 'low' ? decision.lower : decision.upper };
}

export function summaryOf(record) {
  const all = record.decisions.map((decision) => judged(record, decision));
  const of = (verdict) => all.filter((one) => one.verdict === verdict);
  return {
    run: record.run_id,
    deciding: record.deciding === null ? null : all[record.deciding],
    all,
    failed: of('FAIL'),
    undecided: of('INDETERMINATE'),
    passed: of('PASS'),
    durationS: record.duration_s,
    startedUtc: record.header.started_utc,
    endedUtc: record.ended_utc,
    voidBecause: record.void_as_certificate || null,
    simulant: record.header.simulant,
    cartridge: record.header.cartridge,
  };
}

/** Why a slot's run certifies nothing; null: it certifies; undefined: neither slot nor record has said so yet. */
export function markOf(slot, record) {
  return slot.void_as_certificate === undefined ? record?.voidBecause : slot.void_as_certificate;
}

/** The summary of a run. */
export async function recordOf(run) {
  if (!kept.has(run)) {
    if (kept.size >= 20) kept.delete(kept.keys().next().value);
    kept.set(run, summaryOf(await askInBackground(`/api/runs/${encodeURIComponent(run)}`)));
  }
  return kept.get(run);
}

export const reportPath = (run) => `/api/runs/${encodeURIComponent(run)}/report`;
export const certificatePath = (run) => `/api/runs/${encodeURIComponent(run)}/certificate`;
