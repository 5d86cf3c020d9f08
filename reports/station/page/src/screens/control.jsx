// Whether a measurement is in control over the runs of a plan: its control chart, limits frozen by the first runs.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { withQuery } from '../api.js';
import { settingOf, titleOf } from '../failures.js';
import { inUnit, moment } from '../format.js';
import { now, useStation } from '../store.js';
import { useAsked } from '../use_asked.js';
import { has, refusalText, t } from '../words.js';
import { Button, Nothing, Pane, Serial, VerdictIcon } from '../ui/parts.jsx';
import { Pick } from '../ui/pick.jsx';
import { Plot } from '../ui/plot.jsx';
import { drawingOf } from './control_drawing.js';

const kEvery = 60000; // ms
const kVerdictOf = { 'in control': 'PASS', 'out of control': 'FAIL', 'not known to be in control': 'INDETERMINATE' };

const spoken = (kind, text) => {
  const key = `control.${kind}.${text.replace(/\W+/g, '_')}`;
  return has(key) ? t(key) : text;
};
const ruleText = (rule) => spoken('rule', rule);
const seriesText = (name) => spoken('series', name);

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
  const drawn = useMemo(() => answer?.chart?.series.map((series, i) => ({ series, ...drawingOf(series, answer, i === 0 ? 6 : 3) })), [answer]);
  const settings = (answer?.measurements ?? []).map((one) => [one.measurement, [settingOf(one.depth_mm, one.rate_per_min), one.link, one.occurrence > 1 ? `(${one.occurrence})` : ''].filter(Boolean).join(', ')]);
  const round = String(Math.min(25, slots?.length ?? 1));
  const title = titleOf(measurand);
  const note = (
    <span class="picks">
      {picks}
      {names.length > 1 && <Pick label={t('history.plan')} value={shown} set={setPlan} options={names.map((one) => [one, one])} />}
      {settings.length > 1 && <Pick label={t('trend.setting')} value={answer.measurement} set={setMeasurement} options={settings} />}
      {slots?.length > 1 && <Pick label={t('control.points')} value={subgroup} set={setSubgroup} options={[['1', t('control.singles')], [round, t('control.rounds', { n: round })]]} />}
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
