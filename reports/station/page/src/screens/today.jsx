// A day at this rig: how many, how many at their first try and how little that proves, why not, how fast, and where a
// measurement drifts to.
import { useState } from 'preact/hooks';
import { withQuery } from '../api.js';
import { day, hours, clock, number } from '../format.js';
import { now, useStation } from '../store.js';
import { titleOf, wordsOf } from '../failures.js';
import { useAsked } from '../use_asked.js';
import { has, refusalText, t } from '../words.js';
import { Nothing, Pane, VerdictIcon } from '../ui/parts.jsx';
import { PerTime } from './per_time.jsx';
import { Trend } from './trend.jsx';

const kVerdicts = [['PASS', 'p'], ['FAIL', 'f'], ['INDETERMINATE', 'i'], ['ABORTED', 'a'], ['ERROR', 'e'], ['INTERRUPTED', 'e']];
const kEvery = 10000;

function Count({ today, date, setDate }) {
  const there = kVerdicts.filter(([verdict]) => today.verdicts[verdict] > 0);
  const note = (
    <label class="picks"><span class="unseen">{t('today.day')}</span>{today.since_utc ? t('today.since', { at: clock(today.since_utc, false) }) : ''}
      <input type="date" value={date} max={day(now())} onInput={(e) => setDate(e.target.value)} /></label>
  );
  return (
    <Pane title={t('today.pens')} note={note} class="kpi">
      <div class="split">
        <p class="v">{number(today.runs)}</p>
        <ul class="tally">{there.map(([verdict]) => <li key={verdict}><VerdictIcon verdict={verdict} /><b>{number(today.verdicts[verdict])}</b> {t(`verdict.${verdict}`)}</li>)}</ul>
      </div>
      <div class="share" aria-hidden="true">{there.map(([verdict, kind]) => <i key={verdict} class={kind} style={{ flexGrow: today.verdicts[verdict] }} />)}</div>
    </Pane>
  );
}

function Yield({ share, target }) {
  const percent = (value) => number(value * 100, 1);
  const said = () => {
    if (share.n === 0) return t('today.no_yield');
    const range = t('today.interval', { low: percent(share.low), high: percent(share.high), k: share.k, n: share.n });
    if (target === null || target === undefined) return range;
    if (share.low >= target) return `${range} ${t('today.above')}`;
    return `${range} ${share.high < target ? t('today.below') : t('today.too_few')}`;
  };
  return (
    <Pane title={t('today.yield')} note={target ? t('today.target', { value: `${percent(target)} %` }) : ''} class="kpi">
      <p class="v">{share.n === 0 ? '–' : percent(share.share)}<span>%</span></p>
      <p class="q">{said()}</p>
    </Pane>
  );
}

function Takt({ today }) {
  return (
    <Pane title={t('today.takt')} note={today.takt_target_s ? t('today.target', { value: `${number(today.takt_target_s)} s` }) : ''} class="kpi">
      <p class="v">{number(today.takt_s)}<span>s</span></p>
      <p class="q">{today.takt_p90_s ? t('today.takt_p90', { value: number(today.takt_p90_s) }) : t('today.takt_what')}</p>
    </Pane>
  );
}

function Golden() {
  const { maintenance } = useStation();
  const checks = (maintenance?.golden ?? []).filter((check) => check.due_utc);
  if (checks.length === 0) return null;
  const first = checks.reduce((a, b) => (a.due_utc < b.due_utc ? a : b));
  const left = (Date.parse(first.due_utc) - now()) / 1000;
  return (
    <Pane title={t('today.golden')} class="kpi">
      <p class="v">{left < 0 ? t('today.golden_now') : hours(left)}<span>{left < 0 ? '' : 'h'}</span></p>
      <p class="q">{left < 0 ? t('today.golden_over') : t('today.golden_next')}{first.last_utc ? ` ${t('today.golden_last', { at: clock(first.last_utc, false) })}` : ''}</p>
    </Pane>
  );
}

/** "Goes in too deep"; where no measurement decided, what became of the run. */
function causeText({ cause, verdict, measurand, side }) {
  if (verdict === 'INDETERMINATE' && measurand) return t('why.near', { title: titleOf(measurand) });
  const words = wordsOf(measurand, side ?? 'other');
  return words ?? (has(`today.cause.${cause}`) ? t(`today.cause.${cause}`) : cause);
}

function Pareto({ today }) {
  const most = Math.max(1, ...today.pareto.map((one) => one.runs));
  const all = today.pareto.reduce((sum, one) => sum + one.runs, 0);
  const verdictOf = (one) => one.verdict ?? (has(`verdict.${one.cause}`) ? one.cause : 'FAIL');
  const kindOf = (one) => kVerdicts.find(([verdict]) => verdict === verdictOf(one))?.[1] ?? 'e';
  return (
    <Pane title={t('today.why')} note={t('today.of', { k: all, n: today.runs })}>
      {today.pareto.length === 0 && <Nothing>{today.runs === 0 ? t('today.none') : t('today.all_passed')}</Nothing>}
      <table class="pareto">
        <tbody>
          {today.pareto.slice(0, 7).map((one) => (
            <tr key={`${one.cause} ${one.verdict} ${one.side}`}>
              <th scope="row"><span><VerdictIcon verdict={verdictOf(one)} label={t(`verdict.${verdictOf(one)}`)} />{causeText(one)}</span></th>
              <td class="n">{one.runs}</td>
              <td class="bars"><i class={kindOf(one)} style={{ width: `${(one.runs / most) * 100}%` }} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Pane>
  );
}

export function Today() {
  const [date, setDate] = useState('');
  const { answer, refused } = useAsked(withQuery('/api/today', { date }), kEvery);
  return (
    <main class="today">
      <h1 class="unseen">{t('screen.today')}</h1>
      {answer === null && <Nothing>{refused ? refusalText(refused) : t('loading')}</Nothing>}
      {answer && (
        <>
          <div class="kpis">
            <Count today={answer} date={date || answer.date} setDate={setDate} />
            <Yield share={answer.first_pass_yield} target={answer.yield_target} />
            <Takt today={answer} />
            <Golden />
          </div>
          <Pareto today={answer} />
          {answer.by_time && <PerTime bars={answer.by_time} taktTarget={answer.takt_target_s} />}
          <Trend />
        </>
      )}
    </main>
  );
}
