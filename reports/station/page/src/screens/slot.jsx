// One slot, whole: its run, then its verdict; or what it waits for.
import { check, pressSlot, start, stop } from '../actions.js';
import { sentence } from '../format.js';
import { useKeys } from '../keys.js';
import { goTo } from '../route.js';
import { mayRun } from '../session.js';
import { isVerdict, kindOf, needsHand, planOf, serialOf } from '../slots.js';
import { useStation } from '../store.js';
import { t } from '../words.js';
import { Icon } from '../ui/icons.jsx';
import { Button, Serial } from '../ui/parts.jsx';
import { Run } from './run.jsx';
import { Steps } from './todo.jsx';
import { Verdict } from './verdict.jsx';

function Waiting({ slot, kind }) {
  const plan = planOf(slot);
  const may = mayRun();
  const icon = { ready: 'ready', checking: 'checking', refused: 'refused' }[kind] ?? 'scan';
  const title = { ready: t('hand.start', { slot: slot.name }), checking: t('checking.title'), refused: t('not_judged.refused') }[kind] ?? (may ? t('hand.scan', { slot: slot.name }) : t('slot.nothing'));
  return (
    <main class="waiting">
      <p class="which"><b>{slot.name}</b> <Serial>{serialOf(slot)}</Serial></p>
      <div class="what">
        <Icon name={icon} />
        <div>
          <h1>{title}</h1>
          {kind === 'ready' && plan && <p>{t('hand.plan', { product: plan.product, plan: plan.name, revision: plan.revision })}</p>}
          {kind === 'refused' && <p>{sentence(slot.reason)}</p>}
          {kind === 'checking' && <p>{t('checking.what')}</p>}
        </div>
        {kind === 'ready' && may && <Button main big shortcut={slot.name} onClick={() => start(slot.name)}>{t('slot.start')}</Button>}
        {kind === 'scan' && may && <Button big onClick={() => pressSlot(slot)}>{t('slot.type')}</Button>}
        {kind === 'refused' && may && <Button main big shortcut="K" onClick={() => check(slot.name)}>{t('slot.check')}</Button>}
      </div>
      {kind === 'scan' && may && <Steps class="steps" steps={[1, 2, 3, 4].map((n) => t(`steps.scan.${n}`))} />}
    </main>
  );
}

export function Slot({ name }) {
  const { slots } = useStation();
  const slot = slots?.find((one) => one.name === name) ?? null;
  const kind = slot === null ? null : kindOf(slot);
  const running = kind === 'running' || kind === 'asks' || kind === 'checking';
  const keys = { Escape: () => (running ? stop(name) : goTo('station')), Backspace: () => goTo('station') };
  (slots ?? []).slice(0, 9).forEach((one, i) => {
    keys[String(i + 1)] = () => (one === slot && kind === 'ready' && mayRun() ? start(name) : goTo(`slot/${one.name}`));
  });
  if (mayRun() && (kind === 'refused' || needsHand(slot))) keys.k = () => check(name);
  useKeys(keys);
  if (slots === null) return <main class="waiting"><p class="q">{t('loading')}</p></main>;
  if (slot === null) return <main class="waiting"><div class="what"><h1>{t('slot.unknown', { slot: name })}</h1></div></main>;
  if (kind === 'running' || kind === 'asks') return <Run slot={slot} />;
  if (isVerdict(kind)) return <Verdict slot={slot} kind={kind} />;
  return <Waiting slot={slot} kind={kind} />;
}
