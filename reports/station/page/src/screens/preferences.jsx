// What a person sets on this screen: how loud, which keys, light or dark.
import { settings } from '../settings.js';
import { allowSounds, sound } from '../sounds.js';
import { t } from '../words.js';
import { Dialog } from '../ui/dialog.jsx';
import { Button } from '../ui/parts.jsx';

export function Preferences({ close, set }) {
  return (
    <Dialog label={t('preferences.title')} close={close} class="form">
      <h2>{t('preferences.title')}</h2>
      <label>{t('preferences.volume')}
        <input type="range" min="0" max="1" step="0.1" value={settings.volume} onInput={(e) => set({ volume: Number(e.target.value) })}
          onChange={() => { allowSounds(); sound('PASS', settings.volume); }} />
      </label>
      <label>{t('preferences.theme')}
        <select value={settings.theme} onChange={(e) => set({ theme: e.target.value })}>
          {['auto', 'light', 'dark'].map((theme) => <option key={theme} value={theme}>{t(`preferences.${theme}`)}</option>)}
        </select>
      </label>
      <label class="tick"><input type="checkbox" checked={settings.singleKeys} onChange={(e) => set({ singleKeys: e.target.checked })} /> {t('preferences.single_keys')}</label>
      <div class="btns"><Button main onClick={close}>{t('close')}</Button></div>
    </Dialog>
  );
}
