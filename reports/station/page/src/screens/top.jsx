// The header: quiet, nothing lit while all is well.
import { useState } from 'preact/hooks';
import { lock } from '../session.js';
import { isDark, language, set } from '../settings.js';
import { change, useStation } from '../store.js';
import { t } from '../words.js';
import { Icon } from '../ui/icons.jsx';
import { Button, Clock } from '../ui/parts.jsx';
import { Preferences } from './preferences.jsx';

const kScreens = [
  ['station', ['operator', 'technician', 'qa', 'admin']],
  ['today', ['operator', 'technician', 'qa', 'admin']],
  ['history', ['operator', 'technician', 'qa', 'admin']],
  ['maintenance', ['operator', 'technician', 'qa', 'admin']],
  ['trail', ['qa', 'admin']],
  ['people', ['admin']],
];

/** Whether a role has a screen. */
export function hasScreen(role, screen) {
  return kScreens.some(([name, roles]) => name === screen && roles.includes(role));
}

/** The rig's name; that it is simulated is said once. */
function rigText(rig, simulated) {
  return !simulated || rig.toLowerCase().includes('simulated') ? rig : `${rig}, ${t('top.simulated')}`;
}

export function Top({ screen }) {
  const { session, rig, simulated } = useStation();
  const [open, setOpen] = useState(false);
  const other = language() === 'de' ? 'en' : 'de';
  const setAndDraw = (patch) => {
    set(patch);
    change({});
  };
  return (
    <header class="top">
      <span class="brand">penrig</span>
      <span class="q rig-name">{rigText(rig, simulated && session)}</span>
      {session && (
        <nav aria-label={t('top.screens')}>
          {kScreens.filter(([, roles]) => roles.includes(session.role)).map(([name]) => (
            <a key={name} href={`#/${name}`} aria-current={name === screen ? 'page' : undefined}>{t(`screen.${name}`)}</a>
          ))}
        </nav>
      )}
      <div class="end">
        {session && <Button quiet onClick={() => setOpen(true)} aria-haspopup="dialog">{session.name}, {t(`role.${session.role}`)}</Button>}
        {session && <Button quiet onClick={lock}>{t('top.lock')}</Button>}
        <Button quiet lang={other} onClick={() => setAndDraw({ language: other })}>{other === 'de' ? 'Deutsch' : 'English'}</Button>
        <Button quiet aria-label={t('top.dark')} aria-pressed={isDark()} onClick={() => setAndDraw({ theme: isDark() ? 'light' : 'dark' })}><Icon name="half" /></Button>
        <Clock />
      </div>
      {open && <Preferences close={() => setOpen(false)} set={setAndDraw} />}
    </header>
  );
}
