// A label that cannot be scanned is typed.
import { useState } from 'preact/hooks';
import { scanned } from '../actions.js';
import { change } from '../store.js';
import { t } from '../words.js';
import { Dialog } from '../ui/dialog.jsx';
import { Button } from '../ui/parts.jsx';

export function TypeLabel({ slot, close }) {
  const [label, setLabel] = useState('');
  function submit(event) {
    event.preventDefault();
    if (label.trim() === '') return;
    change({ chosen: slot });
    close();
    scanned(label.trim());
  }
  return (
    <Dialog label={t('type.title', { slot })} close={close} class="form">
      <form onSubmit={submit}>
        <h2>{t('type.title', { slot })}</h2>
        <label>{t('type.label')}<input data-first class="serial" maxLength="200" autocomplete="off" spellcheck={false} value={label} onInput={(e) => setLabel(e.target.value)} /></label>
        <p class="q">{t('type.or_scan')}</p>
        <div class="btns"><button class="btn main">{t('type.do')}</button><Button onClick={close} shortcut="Esc">{t('cancel')}</Button></div>
      </form>
    </Dialog>
  );
}
