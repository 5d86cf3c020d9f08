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

export function Alarm({ silent }) {
  const { bench, heard } = useStation();
  const lock = openInterlock(bench);
  if (lock !== null) {
    const known = ['estop', 'door'].includes(lock.kind) ? lock.kind : 'other';
    return (
      <div class="alarm hatched" role="alert">
        <div class="plate">
          <Icon name="error" />
          <div>
            <h1>{t(`alarm.${known}`, { name: lock.name })}</h1>
            <p>{t(`alarm.${known}.do`)}{lock.since_utc ? ` ${t('alarm.since', { at: clock(lock.since_utc) })}` : ''}</p>
          </div>
        </div>
      </div>
    );
  }
  if (!silent) return null;
  return (
    <div class="alarm" role="alert">
      <h1>{heard === null ? t('alarm.no_word_yet') : t('alarm.silent', { at: clock(heard) })}</h1>
      <p>{t('alarm.silent.do')}</p>
    </div>
  );
}
