// What the rig needs: calibrations, the golden pen, interlocks and links as they are now.
import { clock, day, hours, sentence } from '../format.js';
import { now, useStation } from '../store.js';
import { t } from '../words.js';
import { Icon } from '../ui/icons.jsx';
import { Nothing, Pane } from '../ui/parts.jsx';

const kSoonDays = 14;

/** A state in shape and word; nothing here is a verdict, so nothing has its colour. */
function State({ bad, children }) {
  return <span class="state"><Icon name={bad ? 'error' : 'done'} />{children}</span>;
}

function Calibrations({ all }) {
  const sorted = [...all].sort((a, b) => a.days_left - b.days_left);
  const said = (days) => (days < 0 ? t('care.overdue', { days: -days }) : days <= kSoonDays ? t('care.soon', { days }) : t('care.days', { days }));
  return (
    <Pane title={t('care.calibrations')} class="wide">
      {sorted.length === 0 ? <Nothing>{t('care.no_calibrations')}</Nothing> : (
        <table class="list">
          <thead><tr>{['target', 'fixture', 'date', 'due', 'left'].map((one) => <th key={one} scope="col">{t(`care.${one}`)}</th>)}</tr></thead>
          <tbody>
            {sorted.map((one) => (
              <tr key={one.id}><td>{one.target}</td><td>{one.fixture}</td><td>{one.date}</td><td>{one.due}</td><td><State bad={one.days_left <= 0}>{said(one.days_left)}</State></td></tr>
            ))}
          </tbody>
        </table>
      )}
    </Pane>
  );
}

function Golden({ checks }) {
  const left = (check) => (check.due_utc ? (Date.parse(check.due_utc) - now()) / 1000 : -1);
  const last = (check) => (check.last_utc ? t('care.golden_last', { at: `${day(check.last_utc)} ${clock(check.last_utc, false)}` }) : t('care.golden_never'));
  return (
    <Pane title={t('care.golden')}>
      {!checks?.length ? <Nothing>{t('care.golden_none')}</Nothing> : (
        <ul class="states">
          {checks.map((check) => (
            <li key={`${check.slot} ${check.plan}`}><State bad={left(check) < 0}>{t('slot.name', { slot: check.slot })}</State>
              <b>{left(check) < 0 ? t('care.golden_due') : t('care.golden_left', { left: hours(left(check)) })}</b><span class="q">{last(check)}</span></li>
          ))}
        </ul>
      )}
    </Pane>
  );
}

/** "e-stop" of "e-stop, slot 1". */
const shortName = (one) => one.name.replace(/, slot .*$/, '');

/** Of each slot one line for what is well, and one for each thing that is not. */
function bySlot(all, isWell) {
  const slots = new Map();
  for (const one of all) slots.set(one.slot, [...(slots.get(one.slot) ?? []), one]);
  return [...slots].flatMap(([slot, of]) => {
    const well = of.filter(isWell);
    return [...of.filter((one) => !isWell(one)).map((one) => ({ slot, bad: true, of: [one] })), ...(well.length > 0 ? [{ slot, bad: false, of: well }] : [])];
  });
}

function Interlocks({ bench }) {
  return (
    <Pane title={t('care.interlocks')} note={t('care.live')}>
      {!bench?.interlocks?.length ? <Nothing>{t('care.interlocks_none')}</Nothing> : (
        <ul class="states">
          {bySlot(bench.interlocks, (lock) => lock.ok).map(({ slot, bad, of }) => (
            <li key={`${slot} ${of[0].name}`}><State bad={bad}>{t('slot.name', { slot })}: {of.map(shortName).join(', ')}</State>
              <b>{t(bad ? 'care.open' : 'care.closed')}</b>{bad && of[0].since_utc && <span class="q">{t('alarm.since', { at: clock(of[0].since_utc) })}</span>}</li>
          ))}
        </ul>
      )}
    </Pane>
  );
}

function Links({ bench, online, heard }) {
  return (
    <Pane title={t('care.links')} note={t('care.live')}>
      <ul class="states">
        <li><State bad={!online}>{t('care.this_page')}</State><b>{t(online ? 'care.up' : 'care.down')}</b><span class="q">{heard && t('care.heard', { at: clock(heard) })}</span></li>
        {bySlot(bench?.links ?? [], (link) => link.up).map(({ slot, bad, of }) => (
          <li key={`${slot} ${of[0].name}`}><State bad={bad}>{t('slot.name', { slot })}: {of.map(shortName).join(', ')}</State>
            <b>{t(bad ? 'care.down' : 'care.up')}</b>{bad && of[0].detail && <span class="q">{sentence(of[0].detail)}</span>}</li>
        ))}
      </ul>
    </Pane>
  );
}

export function Maintenance() {
  const { maintenance, bench, online, heard } = useStation();
  return (
    <main class="paper-screen">
      <h1>{t('screen.maintenance')}</h1>
      {maintenance === null ? <Nothing>{t('loading')}</Nothing> : (
        <div class="panes">
          <Golden checks={maintenance.golden} />
          <Interlocks bench={bench} />
          <Links bench={bench} online={online} heard={heard} />
          <Calibrations all={maintenance.calibrations} />
        </div>
      )}
    </main>
  );
}
