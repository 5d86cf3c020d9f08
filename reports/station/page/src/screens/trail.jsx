// The audit trail: who, what, when, why, old and new.
import { clock, day } from '../format.js';
import { useAsked } from '../use_asked.js';
import { refusalText, t } from '../words.js';
import { Nothing } from '../ui/parts.jsx';

/** An old or new value as words: "role operator, disabled no". */
function text(value) {
  if (value === null || value === undefined || value === '') return '\u2013';
  if (typeof value === 'boolean') return t(value ? 'trail.yes' : 'trail.no');
  if (Array.isArray(value)) return value.map(text).join(', ');
  if (typeof value === 'object') return Object.entries(value).map(([key, of]) => `${key.replace(/_/g, ' ')}\u00a0${text(of)}`).join(', ');
  return String(value);
}

export function Trail() {
  const { answer, refused } = useAsked('/api/audit?limit=200', 15000);
  return (
    <main class="paper-screen">
      <h1>{t('screen.trail')}</h1>
      <section class="pane">
        {answer === null && <Nothing>{refused ? refusalText(refused) : t('loading')}</Nothing>}
        {answer?.entries.length === 0 && <Nothing>{t('trail.none')}</Nothing>}
        {answer?.entries.length > 0 && (
          <table class="list">
            <thead><tr>{['at', 'who', 'action', 'subject', 'why', 'old', 'new', 'signed'].map((one) => <th key={one} scope="col">{t(`trail.${one}`)}</th>)}</tr></thead>
            <tbody>
              {answer.entries.map((entry) => (
                <tr key={entry.id}><td class="nb">{day(entry.at_utc)} {clock(entry.at_utc)}</td><td>{entry.who}</td><td>{entry.action}</td><td>{entry.subject}</td>
                  <td>{entry.reason || '–'}</td><td class="wrap">{text(entry.old)}</td><td class="wrap">{text(entry.new)}</td><td>{entry.fault || entry.signed_by || '–'}</td></tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </main>
  );
}
