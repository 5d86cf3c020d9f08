// What the rig needs: calibrations, the golden pen, interlocks and links as they are now.
import { clock, day, hours } from '../format.js';
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

function Interlocks({ bench }) {
  return (
    <Pane title={t('care.interlocks')} note={t('care.live')}>
      {!bench?.interlocks?.length ? <Nothing>{t('care.interlocks_none')}</Nothing> : (
        <ul class="states">
          {bench.interlocks.map((lock) => <li key={lock.name}><State bad={!lock.ok}>{lock.name}</State><b>{t(lock.ok ? 'care.closed' : 'care.open')}</b><span class="q">{lock.since_utc && t('alarm.since', { at: clock(lock.since_utc) })}</span></li>)}
        </ul>
      )}
    </Pane>
  );
}

function Links({ bench, online, heard }) {
  const links = bench?.links ?? [];
  return (
    <Pane title={t('care.links')} note={t('care.live')}>
      <ul class="states">
        <li><State bad={!online}>{t('care.this_page')}</State><b>{t(online ? 'care.up' : 'care.down')}</b><span class="q">{heard && t('care.heard', { at: clock(heard) })}</span></li>
        {links.map((link) => <li key={link.name}><State bad={!link.up}>{link.name}</State><b>{t(link.up ? 'care.up' : 'care.down')}</b><span class="q">{link.detail}</span></li>)}
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
