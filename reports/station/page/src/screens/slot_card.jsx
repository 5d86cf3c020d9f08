// One slot on the bench: number and serial, state, meaning, what to do, history and button.
import { check, choosePlan, pressSlot, takeBack } from '../actions.js';
import { clock, inUnit, minutes, sentence } from '../format.js';
import { limitText, plainWords } from '../failures.js';
import { mayRun } from '../session.js';
import { kindOf, needsHand, planOf, serialOf } from '../slots.js';
import { useStation } from '../store.js';
import { markText, t } from '../words.js';
import { markOf } from '../record.js';
import { useRecord } from '../use_record.js';
import { Icon } from '../ui/icons.jsx';
import { canBeDrawn, LimitPicture } from '../ui/limit_picture.jsx';
import { Bar, Button, LastFive, Serial } from '../ui/parts.jsx';
import { LiveStrip } from './live_strip.jsx';
import { Place, Steps, stepsAfter } from './todo.jsx';
import { phaseText, stepName } from './phases.jsx';

function Zone({ slot, kind, next, size }) {
  if (kind === 'running')
    return (
      <div class="zone live">
        <p class="time"><b>{minutes(slot.progress?.left_s)}</b><span>{t('run.left')}</span></p>
        {slot.progress && <Bar slot={slot} plan={planOf(slot)} />}
      </div>
    );
  if (kind === 'scan') return <div class="zone">{next ? <span class="scanframe"><span class="word">{t('word.scan')}</span></span> : <span class="word free">{t('word.free')}</span>}</div>;
  const word = <span class="word">{t(kind === 'interrupted' && size === 'many' ? 'word.interrupted_parted' : `word.${kind}`)}</span>;
  if (kind === 'pass' || kind === 'fail') return <div class={`zone ${kind}`}><Icon name={`${kind}-plain`} />{word}</div>;
  if (kind === 'error' || kind === 'interrupted') return <div class="zone hatched"><span class="plate"><Icon name="error" />{word}</span></div>;
  return <div class={`zone ${kind}`}><Icon name={kind} />{word}</div>;
}

function Ready({ slot }) {
  const { armed } = useStation();
  const waiting = armed[slot.name];
  const plan = planOf(slot);
  return (
    <div class="body">
      <h3>{t('ready.title')}</h3>
      <p class="say">{mayRun() && t('ready.how')}</p>
      {waiting?.plans?.length > 1 ? (
        <label class="pick">{t('ready.plan')}
          <select value={waiting.plan} onChange={(e) => choosePlan(slot.name, e.target.value)}>
            {waiting.plans.map((one) => <option key={one.name} value={one.name}>{one.title}</option>)}
          </select>
        </label>
      ) : <p class="say q">{plan && t('hand.plan', { product: plan.product, plan: plan.name, revision: plan.revision })}</p>}
      {waiting?.lot && <p class="note">{t('ready.lot', { lot: waiting.lot })}</p>}
      {waiting && mayRun() && <p><Button quiet onClick={() => takeBack(slot.name)}>{t('ready.take_back')}</Button></p>}
    </div>
  );
}

/** "Strokes reach 1.187 mm. The limit is 1.150 mm." */
export function Broken({ one }) {
  const { measurement } = one;
  if (one.value === null || one.broken === null) return <>{sentence(one.reason)}</>;
  const key = measurement.tolerance_interval ? (one.side === 'high' ? 'broken.strokes_high' : 'broken.strokes_low') : 'broken.value';
  return <>{t(key)} <b class="nb">{inUnit(one.value, measurement.unit)}</b>. {t('broken.limit')} <b class="nb">{inUnit(one.broken, measurement.unit)}</b>.</>;
}

/** "Certifies nothing": a verdict never stands without it, on no size of bench. */
export function Mark({ slot, record }) {
  const mark = markOf(slot, record);
  if (mark === null) return null;
  return <p class="mark">{mark === undefined ? t('verdict.loading') : markText(mark)}</p>;
}

function Judged({ slot, kind }) {
  const record = useRecord(slot.run);
  const one = record?.deciding ?? null;
  const at = slot.ended_utc ?? record?.endedUtc;
  if (kind === 'pass')
    return (
      <div class="body">
        <Place kind="pass" />
        <Mark slot={slot} record={record} />
        <p class="say">{record ? t('pass.inside', { n: record.passed.length, all: record.all.length }) : '\u00a0'}</p>
        <p class="note">{at && `${clock(at)}. `}{t('slot.stays')}</p>
      </div>
    );
  return (
    <div class="body">
      <h3>{one ? (kind === 'undecided' ? t('undecided.near') : plainWords(one)) : t('verdict.loading')}</h3>
      <p class="say">{one ? (kind === 'undecided' ? t('undecided.which', { what: limitText(one.lower, one.upper, one.measurement.unit) }) : <Broken one={one} />) : sentence(slot.reason)}</p>
      {canBeDrawn(one) && <LimitPicture one={one} small />}
      <Place kind={kind} />
      <p class="note">{at && `${clock(at)}. `}{t('slot.stays')}</p>
    </div>
  );
}

function NotJudged({ slot, kind }) {
  return (
    <div class="body">
      <h3>{t(`not_judged.${kind}`)}</h3>
      <p class="say reason">{kind === 'void' ? t('place.void.then') : sentence(slot.reason)}</p>
      {kind === 'aborted' || kind === 'refused' || kind === 'void' ? <Place kind={kind === 'void' ? 'void' : 'aborted'} /> : <Steps steps={stepsAfter(slot, kind)} />}
      <p class="note">{slot.ended_utc && `${clock(slot.ended_utc)}. `}{kind !== 'refused' && t('slot.stays')}</p>
    </div>
  );
}

/** What a slot does now. */
function labelOf(slot, plan) {
  const step = plan?.steps?.[slot.progress?.step];
  return step ? stepName(step) : slot.progress?.label || t('run.begins');
}

function Body({ slot, kind, next, size }) {
  const plan = planOf(slot);
  if (kind === 'scan') return <div class="body">{next && size === 'few' && <Steps class="steps" steps={[1, 2, 3, 4].map((n) => t(`steps.scan.${n}`))} />}</div>;
  if (kind === 'ready') return <Ready slot={slot} />;
  if (kind === 'checking') return <div class="body"><h3>{t('checking.title')}</h3><p class="say q">{t('checking.what')}</p></div>;
  if (kind === 'asks') return <div class="body"><h3>{slot.prompt.title}</h3><p class="say">{t('asks.stands_still')}</p></div>;
  if (kind === 'running')
    return (
      <div class="body">
        <h3>{labelOf(slot, plan)}</h3>
        <p class="say q">{phaseText(slot, plan)}</p>
        {size !== 'many' && <LiveStrip slot={slot} plan={plan} />}
      </div>
    );
  if (['pass', 'fail', 'undecided'].includes(kind)) return <Judged slot={slot} kind={kind} />;
  return <NotJudged slot={slot} kind={kind} />;
}

const kButtons = { scan: 'slot.type', ready: 'slot.start', asks: 'slot.answer' };

/** The button of a slot, which its number presses as well; of one that could not judge the one that looks at it. */
function Press({ slot, kind, number, name }) {
  const may = mayRun();
  if (kind === 'scan' && !may) return null;
  const inside = (key) => [t(key), <span class="unseen"> {name}</span>];
  if (may && (needsHand(slot) || kind === 'refused')) return <Button main onClick={() => check(slot.name)}>{inside('slot.check')}</Button>;
  const main = may && (kind === 'ready' || kind === 'asks');
  return <Button main={main} shortcut={number <= 9 ? String(number) : undefined} onClick={() => pressSlot(slot)}>{inside((may && kButtons[kind]) || 'slot.open')}</Button>;
}

export function SlotCard({ slot, next, number, size }) {
  const kind = kindOf(slot);
  const serial = serialOf(slot);
  const waits = mayRun() && (kind === 'ready' || kind === 'asks');
  const name = t('slot.name', { slot: slot.name });
  return (
    <article data-slot={slot.name} class={`slot ${next || waits ? 'next' : ''} is-${kind}`} tabIndex="-1" aria-label={`${name}, ${serial} ${t(`word.${kind}`)}`}>
      <header><h2><a href={`#/slot/${encodeURIComponent(slot.name)}`} aria-label={name}>{slot.name}</a></h2>{serial ? <Serial>{serial}</Serial> : <span class="q">{t('slot.empty')}</span>}</header>
      <Zone slot={slot} kind={kind} next={next} size={size} />
      <Body slot={slot} kind={kind} next={next} size={size} />
      <footer>
        <LastFive runs={slot.last} />
        <Press slot={slot} kind={kind} number={number} name={name} />
      </footer>
    </article>
  );
}
