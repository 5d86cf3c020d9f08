// Who may sign in: added and changed by an admin.
import { useState } from 'preact/hooks';
import { ask } from '../api.js';
import { useAsked } from '../use_asked.js';
import { refusalText, t } from '../words.js';
import { Dialog } from '../ui/dialog.jsx';
import { Button, Nothing } from '../ui/parts.jsx';

const kRoles = ['operator', 'technician', 'qa', 'admin'];

function Form({ person, close, done }) {
  const [name, setName] = useState(person?.name ?? '');
  const [role, setRole] = useState(person?.role ?? 'operator');
  const [password, setPassword] = useState('');
  const [badge, setBadge] = useState('');
  const [disabled, setDisabled] = useState(person?.disabled ?? false);
  const [refused, setRefused] = useState(null);
  const title = person ? t('people.change', { name: person.name }) : t('people.add');
  async function submit(event) {
    event.preventDefault();
    const wanted = { role, disabled, ...(password ? { password } : {}), ...(badge && role === 'operator' ? { badge } : {}) };
    try {
      await ask('PUT', `/api/people/${encodeURIComponent(name.trim())}`, wanted);
      done();
    } catch (why) {
      setRefused(why);
    }
  }
  return (
    <Dialog label={title} close={close} class="form">
      <form onSubmit={submit}>
        <h2>{title}</h2>
        {!person && <label>{t('sign_in.name')}<input data-first required maxLength="64" autocomplete="off" value={name} onInput={(e) => setName(e.target.value)} /></label>}
        <label>{t('people.role')}<select value={role} onChange={(e) => setRole(e.target.value)}>{kRoles.map((one) => <option key={one} value={one}>{t(`role.${one}`)}</option>)}</select></label>
        <label>{t(person?.has_password ? 'people.new_password' : 'people.password')}<input type="password" autocomplete="new-password" minLength="10" maxLength="200" value={password} onInput={(e) => setPassword(e.target.value)} /></label>
        {role === 'operator' && <label>{t(person?.has_badge ? 'people.new_badge' : 'people.badge')}<input autocomplete="off" minLength="6" maxLength="64" value={badge} onInput={(e) => setBadge(e.target.value)} /></label>}
        {person && <label class="tick"><input type="checkbox" checked={disabled} onChange={(e) => setDisabled(e.target.checked)} /> {t('people.disabled')}</label>}
        <p class="said" role="alert">{refused && refusalText(refused)}</p>
        <p class="q small">{t('people.signs_out')}</p>
        <div class="btns"><button class="btn main">{t('save')}</button><Button onClick={close} shortcut="Esc">{t('cancel')}</Button></div>
      </form>
    </Dialog>
  );
}

export function People() {
  const { answer, refused, again } = useAsked('/api/people');
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const done = () => {
    close();
    again();
  };
  return (
    <main class="paper-screen">
      <div class="title-row"><h1>{t('screen.people')}</h1><Button main onClick={() => setOpen({})}>{t('people.add')}</Button></div>
      <section class="pane">
        {answer === null && <Nothing>{refused ? refusalText(refused) : t('loading')}</Nothing>}
        {answer && (
          <table class="list">
            <thead><tr>{['name', 'role', 'by', 'state', 'do'].map((one) => <th key={one} scope="col">{t(`people.col_${one}`)}</th>)}</tr></thead>
            <tbody>
              {answer.people.map((person) => (
                <tr key={person.name}>
                  <td><b>{person.name}</b></td><td>{t(`role.${person.role}`)}</td>
                  <td>{[person.has_password && t('sign_in.password'), person.has_badge && t('people.a_badge')].filter(Boolean).join(', ') || '–'}</td>
                  <td>{t(person.disabled ? 'people.is_disabled' : 'people.may')}</td>
                  <td><Button quiet class="link" aria-label={t('people.change', { name: person.name })} onClick={() => setOpen({ person })}>{t('people.do')}</Button></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      {open && <Form person={open.person} close={close} done={done} />}
    </main>
  );
}
