// The line for the hand: the one sentence that says the next thing to do. There is never more than one.
import { clock, minutes } from '../format.js';
import { attention } from '../attention.js';
import { mayRun } from '../session.js';
import { kindOf, needsHand, nextSlot, planOf, soonestSlot } from '../slots.js';
import { state, useStation } from '../store.js';
import { t } from '../words.js';
import { Icon } from '../ui/icons.jsx';
import { Serial } from '../ui/parts.jsx';

const kLinesAtMost = 3;

function Watch() {
  const lines = attention();
  if (lines.length === 0) return null;
  const shown = lines.slice(0, kLinesAtMost);
  return (
    <ul class="watch" aria-label={t('attention.title')}>
      {shown.map((line, i) => (
        <li key={line.text} class={i > 0 ? 'q' : ''}>
          {line.icon ? <Icon name={line.icon} /> : <span />}
          {i === 0 ? <b>{line.text}</b> : <span>{line.text}</span>}
          <span class="q">{line.at}</span>
        </li>
      ))}
      {lines.length > shown.length && <li class="q"><span /><span>{t('attention.more', { n: lines.length - shown.length })}</span></li>}
    </ul>
  );
}

/** What the hand does next: the sentence, and what stands below it. */
function sentence() {
  const slots = state.slots;
  if (!mayRun()) return [t('hand.look'), t('hand.look_why')];
  const asks = slots.find((slot) => kindOf(slot) === 'asks');
  if (asks) return [t('hand.answer', { slot: asks.name }), asks.prompt.title];
  const ready = slots.find((slot) => kindOf(slot) === 'ready');
  if (ready) return [t('hand.start', { slot: ready.name }), t('hand.start_why')];
  const next = nextSlot();
  if (next !== null && needsHand(next)) return [t('attention.slot', { slot: next.name }), t('hand.check_why')];
  if (next !== null) return [t('hand.scan', { slot: next.name }), null];
  const soonest = soonestSlot();
  return [t('hand.wait'), soonest && t('hand.wait_why', { slot: soonest.name, left: minutes(soonest.progress.left_s) })];
}

function Below({ said }) {
  const { plans, lastScan } = useStation();
  const next = nextSlot();
  const plan = (next && planOf(next)) ?? plans?.[0] ?? null;
  if (said) return <p>{said}</p>;
  return (
    <p>
      {plan && t('hand.plan', { product: plan.product, plan: plan.name, revision: plan.revision })}{' '}
      {lastScan && [`${t('hand.last_scan')} `, <Serial>{lastScan.serial_number}</Serial>, ` ${t('hand.last_scan_into', { slot: lastScan.slot, at: clock(lastScan.at) })}`]}
    </p>
  );
}

export function Hand() {
  const { slots } = useStation();
  if (slots === null) return <div class="now"><div><h1>–</h1><p>{t('loading')}</p></div></div>;
  const [title, said] = sentence();
  return (
    <div class="now">
      <div aria-live="polite"><h1>{title}</h1><Below said={said} /></div>
      <Watch />
    </div>
  );
}
