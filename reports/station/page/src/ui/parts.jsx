// Small parts that screens share.
import { useEffect, useState } from 'preact/hooks';
import { clock } from '../format.js';
import { settings } from '../settings.js';
import { now } from '../store.js';
import { t } from '../words.js';
import { Icon } from './icons.jsx';

export function Key({ children }) {
  return settings.singleKeys || String(children).length > 1 ? <kbd aria-hidden="true">{children}</kbd> : null;
}

export function Button({ main, big, quiet, href, shortcut, children, class: more = '', ...rest }) {
  const kind = `${quiet ? 'quiet' : 'btn'}${main ? ' main' : ''}${big ? ' big' : ''} ${more}`.trim();
  const inside = [children, shortcut && <Key>{shortcut}</Key>];
  const keys = shortcut && settings.singleKeys ? { 'aria-keyshortcuts': shortcut } : {};
  return href ? (
    <a class={kind} href={href} {...keys} {...rest}>{inside}</a>
  ) : (
    <button type="button" class={kind} {...keys} {...rest}>{inside}</button>
  );
}

export function Serial({ children }) {
  return children ? <span class="serial">{children}</span> : null;
}

/** The time at the rig. */
export function Clock() {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return <time class="clock">{clock(now())}</time>;
}

/** The progress of a run, in the pieces of its plan where they are known. */
export function Bar({ slot, plan }) {
  const { fraction, step } = slot.progress;
  const steps = plan?.steps?.length ? plan.steps : [{ planned_s: 1 }];
  const whole = steps.reduce((sum, one) => sum + one.planned_s, 0);
  let before = 0;
  const pieces = steps.map((one, i) => {
    const from = before / whole, to = (before += one.planned_s) / whole;
    // The piece that runs is the one that the rig names; the share of the time fills it.
    const within = Math.min(1, Math.max(0, (fraction - from) / (to - from)));
    const filled = step === undefined || steps.length === 1 ? within : i < step ? 1 : i > step ? 0 : within;
    return <i class={filled >= 1 ? 'full' : ''} style={{ flexGrow: one.planned_s, '--filled': `${filled * 100}%` }} />;
  });
  return (
    <div class="bar" role="progressbar" aria-label={t('run.progress')} aria-valuemin="0" aria-valuemax="100" aria-valuenow={Math.round(fraction * 100)}>
      {pieces}
    </div>
  );
}

const kIconOf = { PASS: 'pass', FAIL: 'fail', INDETERMINATE: 'undecided', ABORTED: 'aborted' };

export function VerdictIcon({ verdict, label }) {
  return <Icon name={kIconOf[verdict] ?? 'error'} label={label} />;
}

/** The last five verdicts of a slot, the newest last. */
export function LastFive({ runs }) {
  if (!runs?.length) return <span class="last" />;
  return (
    <ul class="last" aria-label={t('slot.last_five')}>
      <li class="q" aria-hidden="true">{t('slot.last')}</li>
      {[...runs].reverse().map((run) => (
        <li key={run.run} title={`${run.serial_number} ${t(`verdict.${run.verdict}`)}`}>
          <VerdictIcon verdict={run.verdict} label={t(`verdict.${run.verdict}`)} />
        </li>
      ))}
    </ul>
  );
}

/** A box with a title. */
export function Pane({ title, note, class: more = '', children }) {
  return (
    <section class={`pane ${more}`}>
      <header><h2>{title}</h2>{note && <span class="q small">{note}</span>}</header>
      {children}
    </section>
  );
}

/** What is said of a table or list that is empty, or not there yet. */
export function Nothing({ children }) {
  return <p class="nothing q">{children}</p>;
}
