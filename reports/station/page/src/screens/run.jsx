// A run: live position and force, its phases, its readings. All of it is ink: nothing is judged before the end.
import { useCallback, useEffect, useState } from 'preact/hooks';
import { stop } from '../actions.js';
import { decimalsOf, minutes, number, unitText } from '../format.js';
import { limitText, titleOf } from '../failures.js';
import { kindOf, limitOf, planOf } from '../slots.js';
import { t } from '../words.js';
import { lineOf, watch } from '../waves.js';
import { Icon } from '../ui/icons.jsx';
import { Bar, Button, Pane, Serial } from '../ui/parts.jsx';
import { Plot } from '../ui/plot.jsx';
import { strokePoints, useHasStrokes, useReadings } from './live_strip.jsx';
import { Phases } from './phases.jsx';

const kDepth = ['penetration_ti', 'penetration', 'extension_ti', 'extension'];
const kForce = ['peak_force'];
const kTimes = [[-50, '\u221250\u00a0ms'], [-40, '\u221240'], [-30, '\u221230'], [-20, '\u221220'], [-10, '\u221210']];

function marksOf(limit, decimals) {
  if (limit === null) return [];
  return [limit.upper, limit.lower].filter((value) => value !== null && value !== undefined)
    .map((value, i) => ({ value, text: `${number(value, decimals)} ${t('limit.limit')}`, shift: i === 0 ? -0.2 : 0.6 }));
}

/** The least and greatest value that a chart has shown: it grows, and does not jump about. */
function useReach(name, key, first) {
  const [reach, setReach] = useState(first);
  useEffect(() => watch(name, ({ wave }) => {
    if (wave === null) return setReach(first);
    const all = wave[key].filter(Boolean);
    const low = Math.min(...all.map(([l]) => l)), high = Math.max(...all.map(([, h]) => h));
    return setReach((old) => (all.length > 0 && (low < old[0] || high > old[1]) ? [Math.min(old[0], low - 0.05), Math.max(old[1], high + 0.05)] : old));
  }), [name, key]);
  return reach;
}

function Wave({ slot, what, title, note, unit, limit, first, decimals, zero }) {
  const key = what === 'position' ? 'position_mm' : 'force_n';
  const reach = useReach(slot.name, key, first);
  const follow = useCallback((draw) => watch(slot.name, ({ wave }) => draw(wave === null ? [[], []] : lineOf(wave[key], wave.span_s))), [slot.name, key]);
  const y = [Math.min(reach[0], limit?.lower ?? Infinity), Math.max(reach[1], (limit?.upper ?? -Infinity) + 0.05)];
  const marks = [...marksOf(limit, decimals), ...(zero ? [{ value: 0, text: zero, solid: true }] : [])];
  const limits = limit === null ? undefined : { lower: limit.lower ?? null, upper: limit.upper ?? null, guard: 0 };
  return (
    <Pane title={<>{title} <span class="unit">{unit}</span></>} note={note} class="chart">
      <Plot chart={{ x: [-50, 0], y, limits, marks, xTicks: [...kTimes, [0, t('run.now')]] }} follow={follow} label={title} />
    </Pane>
  );
}

function Strokes({ slot, limit }) {
  const strokes = slot.progress?.strokes || 300;
  const follow = useCallback((draw) => watch(slot.name, (live) => draw(strokePoints(live))), [slot.name]);
  const room = (limit.upper - limit.lower) * 0.15;
  return (
    <Pane title={<>{t('run.strokes')} <span class="unit">mm</span></>} note={t('run.stroke', { n: number(slot.progress?.stroke), of: number(strokes) })} class="chart">
      <Plot chart={{ x: [0, strokes], y: [limit.lower - room, limit.upper + room], decimals: 2, limits: { ...limit, guard: 0 }, marks: marksOf(limit, 3), dots: 4, xTicks: [0, 1, 2, 3].map((n) => [n === 0 ? 1 : Math.round((strokes * n) / 3), String(n === 0 ? 1 : Math.round((strokes * n) / 3))]) }} follow={follow} label={t('run.strokes_label')} />
    </Pane>
  );
}

/** Where a reading stands between its limits. */
function Bullet({ value, lower, upper }) {
  const has1 = lower !== null && lower !== undefined, has2 = upper !== null && upper !== undefined;
  if (!(has1 || has2) || value === null) return null;
  const from = has1 ? lower : 0, to = has2 ? upper : lower * 2 || 1;
  const span = to - from || 1;
  const x = (v) => Math.min(99, Math.max(1, 12 + ((v - from) / span) * 76));
  return (
    <div class="bullet" aria-hidden="true">
      <i class="range" style={{ left: '12%', width: '76%' }} />
      <i class="at" style={{ left: `${x(value)}%` }} />
    </div>
  );
}

function Readings({ slot }) {
  const readings = useReadings(slot.name);
  return (
    <Pane title={t('run.readings')} note={t('run.readings_note')} class="readings">
      {(readings ?? []).slice(0, 5).map((one) => (
        <div class="reading" key={one.measurand}>
          <p><span>{titleOf(one.measurand, one.title)}</span><span>{limitText(one.lower, one.upper, one.unit)}</span></p>
          <p class="v">{number(one.value, decimalsOf(one.unit))}<span>{unitText(one.unit)}</span></p>
          <Bullet {...one} />
        </div>
      ))}
      {readings === null && <p class="nothing q">{t('run.no_readings')}</p>}
    </Pane>
  );
}

export function Run({ slot }) {
  const plan = planOf(slot);
  const step = slot.progress?.step;
  const depth = limitOf(plan, step, kDepth), force = limitOf(plan, step, kForce);
  const hasStrokes = useHasStrokes(slot.name) && depth !== null;
  const asks = kindOf(slot) === 'asks';
  return (
    <main class="run">
      <div class="head">
        <b class="slot-number">{slot.name}</b>
        <div>
          <h1><Serial>{slot.serial_number}</Serial></h1>
          <p class="q">{plan ? t('hand.plan', { product: plan.product, plan: plan.name, revision: plan.revision }) : slot.plan}</p>
        </div>
        {asks ? <p class="left"><b>{t('word.waits')}</b></p> : <p class="left"><b>{minutes(slot.progress?.left_s)}</b><span>{t('run.left')}</span></p>}
        <Button class="stop" onClick={() => stop(slot.name)} shortcut="Esc"><Icon name="stop" />{t('run.stop')}</Button>
      </div>
      {slot.progress && <Bar slot={slot} plan={plan} />}
      <Phases slot={slot} plan={plan} />
      <div class={`charts ${hasStrokes ? 'three' : 'two'}`}>
        <Wave slot={slot} what="position" title={t('run.position')} note={t('run.position_note')} unit="mm" limit={depth} first={[-1, 1]} decimals={3} zero={t('run.surface')} />
        <Wave slot={slot} what="force" title={t('run.force')} unit="N" limit={force} first={[-0.2, 1]} decimals={2} />
        {hasStrokes && <Strokes slot={slot} limit={depth} />}
      </div>
      <Readings slot={slot} />
    </main>
  );
}
