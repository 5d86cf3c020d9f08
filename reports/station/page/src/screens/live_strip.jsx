// A running slot on the bench: the strokes within their limits where the rig tells them, else the movement itself; and
// the first three readings. Ink alone: a reading is not yet judged.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { inUnit } from '../format.js';
import { titleOf } from '../failures.js';
import { limitOf } from '../slots.js';
import { t } from '../words.js';
import { lineOf, watch } from '../waves.js';
import { Plot } from '../ui/plot.jsx';

const kDepth = ['penetration_ti', 'penetration'];

/** The readings of a slot, drawn when they change. */
export function useReadings(name) {
  const [readings, setReadings] = useState(null);
  useEffect(() => watch(name, (slot) => setReadings(slot.readings)), [name]);
  return readings;
}

export function useHasStrokes(name) {
  const [has, setHas] = useState(false);
  useEffect(() => watch(name, (slot) => setHas(slot.strokes.length > 0)), [name]);
  return has;
}

/** Strokes as points: [number of the stroke, depth]. */
export function strokePoints(slot) {
  return [slot.strokes.map((_, i) => i + 1), slot.strokes];
}

export function LiveStrip({ slot, plan }) {
  const hasStrokes = useHasStrokes(slot.name);
  const readings = useReadings(slot.name);
  const limit = limitOf(plan, slot.progress?.step, kDepth);
  const strokes = hasStrokes && limit !== null;
  const follow = useCallback(
    (draw) => watch(slot.name, (live) => {
      if (strokes) draw(strokePoints(live));
      else if (live.wave) draw(lineOf(live.wave.position_mm, live.wave.span_s));
    }),
    [slot.name, strokes],
  );
  const room = strokes ? (limit.upper - limit.lower) * 0.2 : 0;
  const chart = strokes
    ? { x: [0, slot.progress.strokes || 300], y: [limit.lower - room, limit.upper + room], limits: { ...limit, guard: 0 }, marks: [{ value: limit.lower, text: '' }, { value: limit.upper, text: '' }], dots: 3, bare: true }
    : { x: [-50, 0], y: [-3.2, 3.2], bare: true };
  return (
    <>
      <Plot class="strip" chart={chart} follow={follow} label={strokes ? t('run.strokes_label') : t('run.position_label')} />
      <table class="values">
        <tbody>
          {(readings ?? []).slice(0, 3).map((one) => (
            <tr key={one.measurand}><th scope="row">{titleOf(one.measurand, one.title)}</th><td><b>{inUnit(one.value, one.unit)}</b></td></tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
