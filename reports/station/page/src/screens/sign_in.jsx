import { useState } from 'preact/hooks';
import { signIn } from '../session.js';
import { change, useStation } from '../store.js';
import { refusalText, t } from '../words.js';
import { Badge } from '../ui/icons.jsx';
import { Key } from '../ui/parts.jsx';

export function SignIn() {
  const { trouble } = useStation();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      await signIn({ name, password });
    } catch (refused) {
      setPassword('');
      setBusy(false);
      change({ trouble: { refused, slot: null } });
    }
  }
  return (
    <main class="sign">
      <div class="badge">
        <Badge />
        <h1>{t('sign_in.badge')}</h1>
        <p>{t('sign_in.anywhere')}</p>
      </div>
      <form onSubmit={submit} aria-label={t('sign_in.password_form')}>
        <h2>{t('sign_in.or_password')}</h2>
        <label>{t('sign_in.name')}<input name="name" autocomplete="username" maxLength="64" required value={name} onInput={(e) => setName(e.target.value)} /></label>
        <label>{t('sign_in.password')}<input name="password" type="password" autocomplete="current-password" maxLength="200" required value={password} onInput={(e) => setPassword(e.target.value)} /></label>
        <button class="btn main big" disabled={busy}>{t('sign_in.do')} <Key>Enter</Key></button>
        <p class="said" role="alert">{trouble && refusalText(trouble.refused)}</p>
        <p class="q small">{t('sign_in.who')}</p>
      </form>
    </main>
  );
}
