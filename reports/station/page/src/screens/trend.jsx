// What the last pens measured of one quantity, within its limits or as a control chart; drawn, or as a table.
import { useMemo, useState } from 'preact/hooks';
import { withQuery } from '../api.js';
import { decimalsOf, inUnit, moment, number } from '../format.js';
import { settingOf, titleOf } from '../failures.js';
import { now, useStation } from '../store.js';
import { useAsked } from '../use_asked.js';
import { refusalText, t } from '../words.js';
import { Button, Nothing, Pane, Serial, VerdictIcon } from '../ui/parts.jsx';
import { overRuns } from '../ui/over_runs.js';
import { Pick } from '../ui/pick.jsx';
import { Plot } from '../ui/plot.jsx';
import { Control } from './control.jsx';

const kQuantities = ['penetration_ti', 'stroke_rate', 'period_jitter', 'peak_force', 'stop_latency', 'parked_extension', 'depth_linearity'];

/** Bars from the least to the greatest of each pen; the part beyond a limit stands out once the pen was failed. */
function drawBars(points, limits) {
  return (u, colours, size) => {
    const { ctx } = u;
    const ratio = devicePixelRatio || 1;
    ctx.save();
    points.forEach((point, i) => {
      const x = u.valToPos(i, 'x', true);
      const y = (value) => u.valToPos(value, 'y', true);
      const bar = (from, to, colour, width) => {
        ctx.strokeStyle = colour;
        ctx.lineWidth = width * ratio;
        ctx.beginPath();
        ctx.moveTo(x, y(from));
        ctx.lineTo(x, y(to));
        ctx.stroke();
      };
      bar(point.least, point.greatest, colours.edge, 4);
      if (point.verdict !== 'FAIL' && point.verdict !== 'INDETERMINATE') return;
      const above = limits.upper !== null && point.greatest > limits.upper, below = limits.lower !== null && point.least < limits.lower;
      if (above) bar(limits.upper, point.greatest, colours.fail, 6);
      if (below) bar(point.least, limits.lower, colours.fail, 6);
      if (!above && !below) return;
      ctx.fillStyle = colours.ink;
      ctx.font = `650 ${size * ratio}px ${getComputedStyle(document.body).fontFamily}`;
      ctx.textBaseline = 'middle';
      ctx.textAlign = i > points.length / 2 ? 'right' : 'left';
      ctx.fillText(point.serial_number, x + (i > points.length / 2 ? -10 : 10) * ratio, y(above ? point.greatest : point.least));
    });
    ctx.restore();
  };
}

function chartOf(answer) {
  const { points, unit } = answer;
  const limits = { lower: answer.lower ?? null, upper: answer.upper ?? null, guard: 0 };
  const marked = [limits.upper, limits.lower].filter((v) => v !== null);
  const decimals = decimalsOf(unit);
  return {
    ...overRuns(points, points.flatMap((point) => [point.least, point.greatest]).concat(marked), 6),
    decimals: Math.min(2, decimals),
    limits,
    marks: marked.map((value) => ({ value, text: `${number(value, decimals)} ${t('limit.limit')}` })),
    over: drawBars(points, limits),
  };
}

function TrendTable({ answer }) {
  return (
    <div class="as-table">
      <table class="list">
        <thead><tr><th scope="col">{t('history.serial')}</th><th scope="col">{t('history.started')}</th><th scope="col" class="num">{t('trend.least')}</th><th scope="col" class="num">{t('trend.greatest')}</th><th scope="col">{t('history.verdict')}</th></tr></thead>
        <tbody>
          {[...answer.points].reverse().map((point) => (
            <tr key={point.run}><td><Serial>{point.serial_number}</Serial></td><td>{moment(point.started_utc, now())}</td>
              <td class="num">{inUnit(point.least, answer.unit)}</td><td class="num">{inUnit(point.greatest, answer.unit)}</td>
              <td>{point.verdict && <span class="verdict-word"><VerdictIcon verdict={point.verdict} />{t(`verdict.${point.verdict}`)}</span>}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function WithinLimits({ measurand, picks }) {
  const { plans } = useStation();
  const [chosen, setChosen] = useState({ measurand, setting: '' });
  const [table, setTable] = useState(false);
  const product = plans?.[0]?.product ?? '';
  const setting = chosen.measurand === measurand ? chosen.setting : '';
  const [depth, rate] = setting === '' ? ['', ''] : setting.split('/');
  const { answer, refused } = useAsked(withQuery('/api/trend', { measurand, product, limit: 120, depth_mm: depth, rate_per_min: rate }), 15000);
  const chart = useMemo(() => (answer?.points.length ? chartOf(answer) : null), [answer]);
  const data = useMemo(() => answer && [answer.points.map((_, i) => i), answer.points.map((p) => p.mean ?? (p.least + p.greatest) / 2)], [answer]);
  const settings = (answer?.settings ?? []).map((one) => [`${one.depth_mm}/${one.rate_per_min}`, settingOf(one.depth_mm, one.rate_per_min)]);
  const note = (
    <span class="picks">
      {picks}
      {settings.length > 1 && <Pick label={t('trend.setting')} value={setting} set={(one) => setChosen({ measurand, setting: one })} options={[['', t('trend.all_settings')], ...settings]} />}
      <Button quiet class="link" aria-pressed={table} onClick={() => setTable(!table)}>{t(table ? 'chart' : 'table')}</Button>
    </span>
  );
  return (
    <Pane title={<>{t('trend.title', { quantity: titleOf(measurand) })} <span class="unit">{answer?.unit === '1' ? '' : answer?.unit}</span> <span class="q small">{t('trend.what')}</span></>} note={note} class="wide trend">
      {answer === null && <Nothing>{refused ? refusalText(refused) : t('loading')}</Nothing>}
      {answer?.points.length === 0 && <Nothing>{t('trend.none')}</Nothing>}
      {chart && (table ? <TrendTable answer={answer} /> : <Plot chart={chart} data={data} label={t('trend.label', { quantity: titleOf(measurand), n: answer.points.length })} />)}
    </Pane>
  );
}

export function Trend() {
  const [measurand, setMeasurand] = useState(kQuantities[0]);
  const [view, setView] = useState('limits');
  const picks = [
    <Pick key="view" label={t('trend.view')} value={view} set={setView} options={[['limits', t('trend.limits')], ['control', t('control.chart')]]} />,
    <Pick key="quantity" label={t('trend.quantity')} value={measurand} set={setMeasurand} options={kQuantities.map((one) => [one, titleOf(one)])} />,
  ];
  // The scatter of a pen's own strokes is in the tolerance interval; a chart of runs follows their means.
  if (view === 'control') return <Control measurand={measurand === 'penetration_ti' ? 'penetration' : measurand} picks={picks} />;
  return <WithinLimits measurand={measurand} picks={picks} />;
}
