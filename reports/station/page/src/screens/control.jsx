// Whether a measurement is in control over the runs of a plan: its control chart, limits frozen by the first runs.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { withQuery } from '../api.js';
import { settingOf, titleOf } from '../failures.js';
import { decimalsOf, inUnit, moment, number } from '../format.js';
import { now, useStation } from '../store.js';
import { useAsked } from '../use_asked.js';
import { has, refusalText, t } from '../words.js';
import { Button, Nothing, Pane, Serial, VerdictIcon } from '../ui/parts.jsx';
import { Pick } from '../ui/pick.jsx';
import { Plot } from '../ui/plot.jsx';

const kEvery = 60000; // ms
const kLabel = 0.1; // of a chart's height: what a label takes
const kVerdictOf = { 'in control': 'PASS', 'out of control': 'FAIL', 'not known to be in control': 'INDETERMINATE' };

const spoken = (kind, text) => {
  const key = `control.${kind}.${text.replace(/\W+/g, '_')}`;
  return has(key) ? t(key) : text;
};
const ruleText = (rule) => spoken('rule', rule);
const seriesText = (name) => spoken('series', name);

/** From point to point; centre and limits as steps, since they may differ; then the points that call out. */
function drawLines(series, at) {
  return (u, colours) => {
    const { ctx } = u;
    const ratio = devicePixelRatio || 1;
    const x = (i) => u.valToPos(at(i), 'x', true), y = (value) => u.valToPos(value, 'y', true);
    const steps = (values, dash, colour) => {
      ctx.strokeStyle = colour;
      ctx.lineWidth = 1.5 * ratio;
      ctx.setLineDash(dash.map((one) => one * ratio));
      ctx.beginPath();
      values.forEach((value, i) => {
        if (value === null) return;
        const half = (x(1) - x(0)) / 2;
        if (i === 0 || values[i - 1] === null) ctx.moveTo(x(i) - half, y(value));
        ctx.lineTo(x(i) - half, y(value));
        ctx.lineTo(x(i) + half, y(value));
      });
      ctx.stroke();
    };
    ctx.save();
    // Under the points and what is drawn already.
    ctx.globalCompositeOperation = 'destination-over';
    ctx.strokeStyle = colours.line;
    ctx.lineWidth = 2 * ratio;
    ctx.beginPath();
    series.values.forEach((value, i) => ctx.lineTo(x(i), y(value)));
    ctx.stroke();
    ctx.globalCompositeOperation = 'source-over';
    steps(series.centre, [3, 4], colours['ink-2']);
    steps(series.lower, [], colours.edge);
    steps(series.upper, [], colours.edge);
    ctx.setLineDash([]);
    ctx.strokeStyle = colours.fail;
    ctx.lineWidth = 3 * ratio;
    for (const { point } of series.signals) {
      const i = point - series.first, half = 7 * ratio;
      const [cx, cy] = [x(i), y(series.values[i])];
      ctx.beginPath();
      ctx.moveTo(cx - half, cy - half);
      ctx.lineTo(cx + half, cy + half);
      ctx.moveTo(cx + half, cy - half);
      ctx.lineTo(cx - half, cy + half);
      ctx.stroke();
    }
    ctx.restore();
  };
}

/** @param ticks  how many moments its width has room for */
function chartOf(series, answer, ticks) {
  const first = answer.chart.points - answer.points.length; // points before the first that is shown
  const at = (i) => series.first - 1 - first + i;
  const all = [...series.values, ...series.lower, ...series.upper].filter((value) => value !== null);
  const low = Math.min(...all), high = Math.max(...all), room = (high - low || Math.abs(high) || 1) * 0.12;
  // Limits lie closer than those of the specification: as many decimals as tell them apart.
  const decimals = Math.max(decimalsOf(answer.unit), Math.min(6, 2 - Math.floor(Math.log10(high - low || 1))));
  const last = (values) => values[values.length - 1];
  // Labels need room: where limits lie close together, that of the upper one is left, then that of the lower.
  const marks = [];
  for (const [values, key] of [[series.upper, 'control.upper'], [series.lower, 'control.lower'], [series.centre, 'control.centre']]) {
    const value = last(values);
    if (value === null || marks.some((mark) => Math.abs(mark.value - value) < (high - low + 2 * room) * kLabel)) continue;
    marks.push({ value, text: `${number(value, decimals)} ${t(key)}`, line: false });
  }
  const every = Math.max(1, Math.ceil(answer.points.length / ticks));
  return {
    chart: {
      x: [-1, answer.points.length],
      y: [low - room, high + room],
      decimals,
      marks,
      dots: 6,
      xTicks: answer.points.map((point, i) => [i, moment(point.started_utc, now())]).filter((_, i) => i % every === 0),
      over: drawLines(series, at),
    },
    data: [series.values.map((_, i) => at(i)), series.values],
  };
}

/** Each point that calls out once, the newest first, with all that it breaks. */
function signalsOf(answer) {
  const points = new Map();
  for (const { name, signals } of answer.chart.series)
    for (const { point, label, rule } of signals)
      points.set(point, { run: label, said: [...(points.get(point)?.said ?? []), `${seriesText(name)}: ${ruleText(rule)}`] });
  const shown = new Map(answer.points.map((one) => [one.run, one]));
  return [...points].sort(([a], [b]) => b - a).map(([, { run, said }]) => ({ ...shown.get(run), said: said.join('; ') }));
}

function State({ answer }) {
  const { reference } = answer.chart;
  const [newest] = signalsOf(answer);
  const from = t(answer.frozen ? 'control.frozen' : 'control.from_all', { n: reference.points });
  return (
    <p class="in-control q">
      <span class="verdict-word"><VerdictIcon verdict={kVerdictOf[answer.state]} /><b>{spoken('state', answer.state)}</b></span>{' '}
      {newest && <>{t('control.newest', { at: moment(newest.started_utc, now()) })} <Serial>{newest.serial_number}</Serial>, {newest.said}. </>}
      {from} {t('control.rules', { rules: answer.rules })}
    </p>
  );
}

function Signals({ answer }) {
  const all = signalsOf(answer);
  const values = answer.chart.series[0];
  const said = new Map(all.map((one) => [one.run, one.said]));
  return (
    <div class="as-table">
      <table class="list">
        <thead><tr><th scope="col">{t('history.serial')}</th><th scope="col">{t('history.started')}</th><th scope="col" class="num">{seriesText(values.name)}</th><th scope="col">{t('control.signal')}</th></tr></thead>
        <tbody>
          {answer.points.map((point, i) => ({ point, value: values.values[i] })).reverse().map(({ point, value }) => (
            <tr key={point.run}><td><Serial>{point.serial_number}</Serial></td><td>{moment(point.started_utc, now())}</td>
              <td class="num">{inUnit(value, answer.unit)}</td><td>{said.get(point.run)}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** @param picks  the choices that are there whatever is shown: what, and how */
export function Control({ measurand, picks }) {
  const { plans, slots } = useStation();
  const [plan, setPlan] = useState('');
  const [measurement, setMeasurement] = useState('');
  const [subgroup, setSubgroup] = useState('1');
  const [table, setTable] = useState(false);
  const names = (plans ?? []).map((one) => one.name);
  const shown = names.includes(plan) ? plan : names[0] ?? null;
  const wanted = measurement.split('@')[0] === measurand ? measurement : '';
  const { answer, refused } = useAsked(shown && withQuery('/api/chart', { plan: shown, measurand, measurement: wanted, subgroup }), kEvery);
  // A setting that this plan has not, or no more.
  useEffect(() => {
    if (refused && wanted) setMeasurement('');
  }, [refused, wanted]);
  const drawn = useMemo(() => answer?.chart?.series.map((series, i) => ({ series, ...chartOf(series, answer, i === 0 ? 6 : 3) })), [answer]);
  const ways = (answer?.measurements ?? []).map((one) => [one.measurement, [settingOf(one.depth_mm, one.rate_per_min), one.link, one.occurrence > 1 ? `(${one.occurrence})` : ''].filter(Boolean).join(', ')]);
  const together = String(Math.min(25, slots?.length ?? 1));
  const title = titleOf(measurand);
  const note = (
    <span class="picks">
      {picks}
      {names.length > 1 && <Pick label={t('history.plan')} value={shown} set={setPlan} options={names.map((one) => [one, one])} />}
      {ways.length > 1 && <Pick label={t('trend.setting')} value={answer.measurement} set={setMeasurement} options={ways} />}
      {slots?.length > 1 && <Pick label={t('control.points')} value={subgroup} set={setSubgroup} options={[['1', t('control.singles')], [together, t('control.rounds', { n: together })]]} />}
      <Button quiet class="link" aria-pressed={table} onClick={() => setTable(!table)}>{t(table ? 'chart' : 'table')}</Button>
    </span>
  );
  return (
    <Pane title={<>{t('control.title', { quantity: title })} <span class="unit">{answer?.unit === '1' ? '' : answer?.unit}</span></>} note={note} class="wide trend">
      {answer === null && <Nothing>{refused ? refusalText(refused) : t('loading')}</Nothing>}
      {answer && !answer.chart && <Nothing>{answer.why_not ? t('control.why_not', { why: answer.why_not }) : t('trend.none')}</Nothing>}
      {answer?.chart && <State answer={answer} />}
      {answer?.chart && table && <Signals answer={answer} />}
      {answer?.chart && !table && (
        <div class="charts">
          {drawn.map(({ series, chart, data }) => (
            <figure key={series.name}>
              <figcaption class="q small">{seriesText(series.name)}</figcaption>
              <Plot chart={chart} data={data} label={t('control.label', { series: seriesText(series.name), quantity: title, n: series.values.length, k: series.signals.length })} />
            </figure>
          ))}
        </div>
      )}
    </Pane>
  );
}
