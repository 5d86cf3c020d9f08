// What takes the place of the line for the hand on every screen: e-stop and door, and a rig that is silent.
import { useEffect, useState } from 'preact/hooks';
import { clock } from '../format.js';
import { useStation } from '../store.js';
import { t } from '../words.js';
import { Icon } from '../ui/icons.jsx';

const kSilentFor = 1000; // ms: a shorter loss is not worth a word

/** True once it has been so for a while. */
function useLasting(so) {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!so) return setLasting(false);
    const timer = setTimeout(() => setLasting(true), kSilentFor);
    return () => clearTimeout(timer);
  }, [so]);
  return so && lasting;
}

export function useSilent() {
  const { session, online } = useStation();
  return useLasting(Boolean(session) && !online);
}

/** An interlock that is open, the worst; else null. */
export function openInterlock(bench) {
  const open = (bench?.interlocks ?? []).filter((lock) => !lock.ok);
  const order = ['estop', 'door'];
  return open.sort((a, b) => (order.indexOf(a.kind) + 3) % 3 - (order.indexOf(b.kind) + 3) % 3)[0] ?? null;
}

const kindOfLock = (lock) => (['estop', 'door'].includes(lock.kind) ? lock.kind : 'other');

/** Slots whose interlock of that kind is open. Each has its own word: of the others nothing is known by it. */
function slotsStopped(bench, kind) {
  return bench.interlocks.filter((lock) => !lock.ok && lock.kind === kind && lock.slot).map((lock) => lock.slot);
}

/** What an open interlock stops, and whether those pens stand; others may run. */
function stoppedText(stopped, slots) {
  if (stopped.length === 0) return '';
  const unsafe = stopped.filter((name) => slots?.find((slot) => slot.name === name)?.safe_state_confirmed === false);
  const others = (slots ?? []).some((slot) => !stopped.includes(slot.name));
  return [
    t(stopped.length === 1 ? 'alarm.stops' : 'alarm.stops_more', { slot: stopped.join(', ') }),
    others && t('alarm.others'),
    unsafe.length > 0 && t('alarm.unsafe', { slot: unsafe.join(', ') }),
  ].filter(Boolean).join(' ');
}

/** No word from the rig: what was said before may be over by now, and is said to be old. */
function Silence({ lock }) {
  const { bench, heard } = useStation();
  return (
    <div class={`alarm ${lock ? 'hatched' : ''}`} role="alert">
      <div class={lock ? 'plate' : 'line'}>
        {lock && <Icon name="error" />}
        <div>
          <h1>{heard === null ? t('alarm.no_word_yet') : t('alarm.silent', { at: clock(heard) })}</h1>
          <p>{t('alarm.silent.do')}{lock && heard !== null ? ` ${t(`alarm.${kindOfLock(lock)}.was`, { name: lock.name, slot: slotsStopped(bench, lock.kind).join(', '), at: clock(heard) })}` : ''}</p>
        </div>
      </div>
    </div>
  );
}

export function Alarm({ silent }) {
  const { bench, slots } = useStation();
  const lock = openInterlock(bench);
  if (silent) return <Silence lock={lock} />;
  if (lock === null) return null;
  const kind = kindOfLock(lock);
  return (
    <div class="alarm hatched" role="alert">
      <div class="plate">
        <Icon name="error" />
        <div>
          <h1>{t(`alarm.${kind}`, { name: lock.name })}</h1>
          <p>{[stoppedText(slotsStopped(bench, lock.kind), slots), t(`alarm.${kind}.do`), lock.since_utc && t('alarm.since', { at: clock(lock.since_utc) })].filter(Boolean).join(' ')}</p>
        </div>
      </div>
    </div>
  );
}
