// The line for the hand: the one sentence that says the next thing to do. There is never more than one.
import { clock, minutes } from '../format.js';
import { attention } from '../attention.js';
import { mayRun } from '../session.js';
import { kindOf, needsHand, nextSlot, planOf, soonestSlot } from '../slots.js';
import { change, state, useStation } from '../store.js';
import { refusalText, t } from '../words.js';
import { Icon } from '../ui/icons.jsx';
import { Button, Serial } from '../ui/parts.jsx';

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

function Said({ icon, title, text, todo, close }) {
  return (
    <div class="now no" role="alert">
      <Icon name={icon} />
      <div><h1>{title}</h1><p>{text}</p></div>
      <div class="aside"><b>{todo}</b><Button quiet onClick={close}>{t('close')}</Button></div>
    </div>
  );
}

export function Hand() {
  const { slots, refused, trouble } = useStation();
  if (refused) {
    const title = refused.slot ? t('refused.title_slot', { slot: refused.slot }) : t('refused.title');
    return <Said icon="scan" title={title} text={refusalText(refused.refused)} todo={refused.slot ? t('refused.again') : ''} close={() => change({ refused: null })} />;
  }
  if (trouble)
    return <Said icon="refused" title={trouble.slot ? t('trouble.title_slot', { slot: trouble.slot }) : t('trouble.title')} text={refusalText(trouble.refused)} todo="" close={() => change({ trouble: null })} />;
  if (slots === null) return <div class="now"><div><h1>–</h1><p>{t('loading')}</p></div></div>;
  const [title, said] = sentence();
  return (
    <div class="now">
      <div aria-live="polite"><h1>{title}</h1><Below said={said} /></div>
      <Watch />
    </div>
  );
}
