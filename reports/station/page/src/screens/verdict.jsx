// The verdict: colour and word and shape, then why, then what to do with the pen. It stays until the next scan here.
import { useState } from 'preact/hooks';
import { clock, decimalsOf, inUnit, number, sentence } from '../format.js';
import { limitText, nameOf, plainWords } from '../failures.js';
import { check, typeLabel } from '../actions.js';
import { useKeys } from '../keys.js';
import { certificatePath, reportPath } from '../record.js';
import { mayRun } from '../session.js';
import { needsHand } from '../slots.js';
import { t } from '../words.js';
import { useRecord } from '../use_record.js';
import { Dialog } from '../ui/dialog.jsx';
import { Icon } from '../ui/icons.jsx';
import { canBeDrawn, LimitPicture } from '../ui/limit_picture.jsx';
import { Button, Serial, VerdictIcon } from '../ui/parts.jsx';
import { Broken, Mark } from './slot_card.jsx';
import { placeOf, Steps, stepsAfter } from './todo.jsx';

const kShortRows = 3;

function Flag({ slot, kind }) {
  const coloured = kind === 'pass' || kind === 'fail';
  const inside = [<Icon name={coloured ? `${kind}-plain` : kind} />, <h1 class="word">{t(`word.${kind}`)}</h1>];
  const hatched = kind === 'error' || kind === 'interrupted';
  return (
    <div class={`flag ${kind} ${hatched ? 'hatched' : ''}`} role="status">
      {hatched ? <div class="plate">{inside}</div> : inside}
      <dl class={hatched ? 'plate' : ''}><dt>{t('slot.name', { slot: slot.name })}</dt><dd><Serial>{slot.serial_number}</Serial></dd></dl>
    </div>
  );
}

function open(path) {
  window.open(path, '_blank', 'noopener');
}

function Papers({ slot, certificate, more }) {
  const may = mayRun();
  const keys = slot.run ? { r: () => open(reportPath(slot.run)), ...(certificate ? { c: () => open(certificatePath(slot.run)) } : {}), ...(more ? { s: more } : {}) } : {};
  useKeys(keys);
  return (
    <div class="btns">
      {may && needsHand(slot) && <Button main shortcut="K" onClick={() => check(slot.name)}>{t('slot.check')}</Button>}
      {certificate && <Button href={certificatePath(slot.run)} target="_blank" rel="noopener" shortcut="C">{t('paper.certificate')}</Button>}
      {slot.run && <Button href={reportPath(slot.run)} target="_blank" rel="noopener" shortcut="R">{t('paper.report')}</Button>}
      {more && <Button shortcut="S" onClick={more}>{t('paper.all')}</Button>}
      {may && <Button onClick={() => typeLabel(slot)}>{t('slot.type_next')}</Button>}
    </div>
  );
}

function Do({ kind, children }) {
  const place = placeOf(kind);
  return (
    <div class="do"><Icon name={place.icon} /><div><h2>{place.long}</h2><p>{place.then}</p>{children}</div></div>
  );
}

function Fact({ title, children, more }) {
  return <div><dt>{title}</dt><dd>{children}{more && <small>{more}</small>}</dd></div>;
}

/** The values of a decision as a text: the interval of strokes, or the value. */
function valueText(one) {
  const { measurement } = one;
  const interval = measurement.tolerance_interval;
  if (interval) return t('limit.range', { low: number(interval.low, 3), high: inUnit(interval.high, measurement.unit) });
  return measurement.value === null ? measurement.text_value : inUnit(measurement.value, measurement.unit);
}

function Passed({ slot, record, showAll }) {
  const nearest = record?.deciding;
  return (
    <div class="after passed">
      <div class="do-row"><Do kind="pass"><Mark slot={slot} record={record} /></Do><Papers slot={slot} certificate more={showAll} /></div>
      <dl class="facts">
        <Fact title={t('fact.measurements')} more={t('fact.guard')}>{record ? t('fact.inside', { n: record.passed.length, all: record.all.length }) : '–'}</Fact>
        <Fact title={t('fact.nearest')} more={nearest && `${valueText(nearest)}, ${t('fact.limits')} ${limitText(nearest.lower, nearest.upper, nearest.measurement.unit)}`}>{nearest ? nameOf(nearest) : '–'}</Fact>
        <Fact title={t('fact.time')} more={record && `${clock(record.startedUtc)} ${t('fact.to')} ${clock(record.endedUtc)}`}>{record ? `${number(record.durationS, 1)} s` : '–'}</Fact>
        <Fact title={t('fact.record')} more={record && clock(record.endedUtc)}>{slot.run ?? '–'}</Fact>
      </dl>
    </div>
  );
}

function Short({ record, showAll }) {
  const bad = [...record.failed, ...record.undecided];
  return (
    <table class="short">
      <tbody>
        {bad.slice(0, kShortRows).map((one, i) => (
          <tr key={i}><td><VerdictIcon verdict={one.verdict} label={t(`verdict.${one.verdict}`)} /></td><td>{nameOf(one)}</td>
            <td class="num"><b>{one.value === null ? one.measurement.text_value : number(one.value, decimalsOf(one.measurement.unit))}</b> {one.broken !== null && t('limit.of', { value: inUnit(one.broken, one.measurement.unit) })}</td></tr>
        ))}
        {bad.length > kShortRows && <tr><td /><td>{t('short.more', { n: bad.length - kShortRows })}</td><td /></tr>}
        <tr><td><VerdictIcon verdict="PASS" label={t('verdict.PASS')} /></td><td>{t('short.inside', { n: record.passed.length })}</td><td class="num"><Button quiet class="link" onClick={showAll}>{t('short.all')}</Button></td></tr>
      </tbody>
    </table>
  );
}

function Judged({ slot, kind, record, showAll }) {
  const one = record?.deciding ?? null;
  return (
    <div class="after judged">
      <section class="why">
        <h2>{one ? (kind === 'undecided' ? t('undecided.near_dot') : `${plainWords(one)}.`) : t('verdict.loading')}</h2>
        <p class="reaches">{one ? (kind === 'undecided' ? t('undecided.what', { what: nameOf(one), limit: limitText(one.lower, one.upper, one.measurement.unit) }) : <Broken one={one} />) : sentence(slot.reason)}</p>
        {canBeDrawn(one) && <LimitPicture one={one} />}
        {one && <p class="q fine">{t(one.measurement.tolerance_interval ? 'fine.strokes' : 'fine.value', { name: nameOf(one), n: one.measurement.n, mean: inUnit(one.measurement.value, one.measurement.unit) })} {t(`fine.${kind}`)}</p>}
      </section>
      <section class="bin">
        <Do kind={kind} />
        {record && <Short record={record} showAll={showAll} />}
        <p class="q">{record && t('record.saved', { at: clock(record.endedUtc), run: record.run })}</p>
        <Mark slot={slot} record={record} />
        <Papers slot={slot} more={record ? showAll : null} />
      </section>
    </div>
  );
}

function NotJudged({ slot, kind }) {
  const over = kind === 'aborted' || kind === 'void'; // nothing is to be done at the rig
  return (
    <div class="after judged">
      <section class="why">
        <h2>{t(`not_judged.${kind}`)}.</h2>
        <p class="reaches">{kind === 'void' ? t('void.was', { verdict: t(`verdict.${slot.verdict}`) }) : sentence(slot.reason)}</p>
        {!over && <Steps class="large" steps={stepsAfter(slot, kind)} />}
      </section>
      <section class="bin">
        <Do kind={kind} />
        <p class="q">{slot.ended_utc && t('record.at', { at: clock(slot.ended_utc) })} {slot.safe_state_confirmed === false ? t('record.unsafe') : slot.safe_state_confirmed ? t('record.safe') : ''}</p>
        <Papers slot={slot} />
      </section>
    </div>
  );
}

function All({ record, close }) {
  return (
    <Dialog label={t('all.title')} close={close} class="wide">
      <h2>{t('all.title')}</h2>
      <table class="list">
        <thead><tr><th>{t('all.verdict')}</th><th>{t('all.what')}</th><th class="num">{t('all.value')}</th><th class="num">U</th><th class="num">{t('all.limit')}</th></tr></thead>
        <tbody>
          {record.all.map((one, i) => (
            <tr key={i}>
              <td><span class="verdict-word"><VerdictIcon verdict={one.verdict} />{t(`verdict.${one.verdict}`)}</span></td>
              <td>{nameOf(one)}</td><td class="num">{valueText(one)}</td>
              <td class="num">{one.measurement.expanded_u > 0 ? inUnit(one.measurement.expanded_u, one.measurement.unit) : '–'}</td>
              <td class="num">{limitText(one.lower, one.upper, one.measurement.unit) || one.limit}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="btns"><Button main onClick={close} shortcut="Esc">{t('close')}</Button></div>
    </Dialog>
  );
}

export function Verdict({ slot, kind }) {
  const record = useRecord(slot.run);
  const [all, setAll] = useState(false);
  const showAll = () => setAll(true);
  return (
    <main class={`verdict is-${kind}`}>
      <Flag slot={slot} kind={kind} />
      {kind === 'pass' ? <Passed slot={slot} record={record} showAll={record ? showAll : null} />
        : kind === 'fail' || kind === 'undecided' ? <Judged slot={slot} kind={kind} record={record} showAll={showAll} />
          : <NotJudged slot={slot} kind={kind} />}
      {all && record && <All record={record} close={() => setAll(false)} />}
    </main>
  );
}
