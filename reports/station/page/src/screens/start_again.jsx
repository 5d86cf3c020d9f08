// A pen that ran before: why again, and, where the plan says so, who else signs for it.
import { useState } from 'preact/hooks';
import { start } from '../actions.js';
import { change, useStation } from '../store.js';
import { refusalText, t } from '../words.js';
import { Dialog } from '../ui/dialog.jsx';
import { Button, Serial } from '../ui/parts.jsx';

export function StartAgain() {
  const { asking } = useStation();
  const [reason, setReason] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const close = () => change({ asking: null });
  function submit(event) {
    event.preventDefault();
    if (reason.trim() === '') return;
    start(asking.slot, { reason: reason.trim(), ...(asking.second ? { second: { name, password } } : {}) });
    setPassword('');
  }
  return (
    <Dialog label={t('again.title')} close={close} class="form">
      <form onSubmit={submit}>
        <h2>{t('again.title')}: <Serial>{asking.serial_number}</Serial></h2>
        <p role="alert">{refusalText(asking.refused)}</p>
        <label>{t('again.reason')}<textarea data-first rows="3" maxLength="500" required value={reason} onInput={(e) => setReason(e.target.value)} /></label>
        {asking.second && [
          <p class="q">{t('again.second')}</p>,
          <label>{t('sign_in.name')}<input autocomplete="off" required value={name} onInput={(e) => setName(e.target.value)} /></label>,
          <label>{t('sign_in.password')}<input type="password" autocomplete="off" required value={password} onInput={(e) => setPassword(e.target.value)} /></label>,
        ]}
        <div class="btns"><button class="btn main">{t('again.do')}</button><Button onClick={close} shortcut="Esc">{t('cancel')}</Button></div>
      </form>
    </Dialog>
  );
}
