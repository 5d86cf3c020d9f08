// Runs of the past: looked for by serial number, verdict, slot and day; report and certificate at a click.
import { useEffect, useState } from 'preact/hooks';
import { withQuery } from '../api.js';
import { clock, day, number, sentence } from '../format.js';
import { certificatePath, reportPath } from '../record.js';
import { useStation } from '../store.js';
import { useAsked } from '../use_asked.js';
import { refusalText, t } from '../words.js';
import { Button, Nothing, Serial, VerdictIcon } from '../ui/parts.jsx';

const kPage = 50, kAtMost = 500;
const kVerdicts = ['PASS', 'FAIL', 'INDETERMINATE', 'ABORTED', 'ERROR', 'INTERRUPTED'];

/** A value that follows what is typed once the hand rests. */
function useRested(value) {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), 250);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

function Row({ run }) {
  const verdict = run.running ? null : run.verdict;
  return (
    <tr class={run.void ? 'void' : ''}>
      <td><span class="verdict-word">{verdict ? <VerdictIcon verdict={verdict} /> : <span />}{verdict ? t(`verdict.${verdict}`) : t('word.running_now')}</span></td>
      <td><Serial>{run.serial_number}</Serial></td>
      <td class="num">{day(run.started_utc)} {clock(run.started_utc)}</td>
      <td>{run.slot}</td>
      <td class="c-plan">{run.plan}</td>
      <td class="c-operator">{run.operator}</td>
      <td class="num c-time">{run.running ? '–' : `${number(run.duration_s, 1)} s`}</td>
      <td class="why">{run.void ? t('history.void') : [sentence(run.reason), run.simulated && t('history.simulated')].filter(Boolean).join('. ')}</td>
      <td class="papers">
        {!run.running && [
          <a href={reportPath(run.run)} target="_blank" rel="noopener" aria-label={`${t('paper.report')} ${run.serial_number}, ${run.run}`}>{t('paper.report')}</a>,
          <a href={certificatePath(run.run)} target="_blank" rel="noopener" aria-label={`${t('paper.certificate')} ${run.serial_number}, ${run.run}`}>{t('paper.certificate')}</a>,
        ]}
      </td>
    </tr>
  );
}

export function History() {
  const { slots } = useStation();
  const [serial, setSerial] = useState('');
  const [verdict, setVerdict] = useState('');
  const [slot, setSlot] = useState('');
  const [since, setSince] = useState('');
  const [limit, setLimit] = useState(kPage);
  const path = withQuery('/api/runs', { serial_number: useRested(serial.trim()), verdict, slot, since, limit });
  const { answer, refused } = useAsked(path, 10000);
  const runs = answer?.runs ?? [];
  return (
    <main class="paper-screen">
      <h1>{t('screen.history')}</h1>
      <form class="filters" role="search" onSubmit={(e) => e.preventDefault()}>
        <label>{t('history.serial')}<input class="serial" value={serial} maxLength="64" onInput={(e) => setSerial(e.target.value)} /></label>
        <label>{t('history.verdict')}
          <select value={verdict} onChange={(e) => setVerdict(e.target.value)}><option value="">{t('history.any')}</option>{kVerdicts.map((one) => <option key={one} value={one}>{t(`verdict.${one}`)}</option>)}</select>
        </label>
        <label>{t('history.slot')}
          <select value={slot} onChange={(e) => setSlot(e.target.value)}><option value="">{t('history.any')}</option>{(slots ?? []).map((one) => <option key={one.name} value={one.name}>{one.name}</option>)}</select>
        </label>
        <label>{t('history.since')}<input type="date" value={since} onInput={(e) => setSince(e.target.value)} /></label>
      </form>
      <section class="pane">
        {refused && <Nothing>{refusalText(refused)}</Nothing>}
        {answer === null && !refused && <Nothing>{t('loading')}</Nothing>}
        {answer !== null && runs.length === 0 && <Nothing>{serial || verdict || slot || since ? t('history.none_such') : t('history.none')}</Nothing>}
        {runs.length > 0 && (
          <table class="list">
            <thead><tr>{['verdict', 'serial', 'started', 'slot', 'plan', 'operator', 'time', 'why', 'papers'].map((one) => <th key={one} scope="col" class={`c-${one} ${one === 'time' || one === 'started' ? 'num' : ''}`}>{t(`history.${one}`)}</th>)}</tr></thead>
            <tbody>{runs.map((run) => <Row key={run.run} run={run} />)}</tbody>
          </table>
        )}
        {runs.length === limit && limit < kAtMost && <div class="btns more"><Button onClick={() => setLimit(Math.min(kAtMost, limit + kPage))}>{t('history.more')}</Button></div>}
      </section>
    </main>
  );
}
