// One slot, whole: its run, then its verdict; or what it waits for.
import { pressSlot, start, stop } from '../actions.js';
import { useKeys } from '../keys.js';
import { goTo } from '../route.js';
import { isVerdict, kindOf, planOf, serialOf } from '../slots.js';
import { useStation } from '../store.js';
import { t } from '../words.js';
import { Icon } from '../ui/icons.jsx';
import { Button, Serial } from '../ui/parts.jsx';
import { Run } from './run.jsx';
import { Steps } from './todo.jsx';
import { Verdict } from './verdict.jsx';

function Waiting({ slot, kind }) {
  const { armed, session } = useStation();
  const plan = planOf(slot);
  const waiting = armed[slot.name];
  const icon = { ready: 'ready', checking: 'checking', refused: 'refused' }[kind] ?? 'scan';
  const title = { ready: t('hand.start', { slot: slot.name }), checking: t('checking.title'), refused: t('not_judged.refused') }[kind] ?? t('hand.scan', { slot: slot.name });
  return (
    <main class="waiting">
      <p class="which"><b>{slot.name}</b> <Serial>{serialOf(slot)}</Serial></p>
      <div class="what">
        <Icon name={icon} />
        <div>
          <h1>{title}</h1>
          {kind === 'ready' && plan && <p>{t('hand.plan', { product: plan.product, plan: plan.name, revision: plan.revision })}</p>}
          {kind === 'refused' && <p>{slot.reason}</p>}
          {kind === 'checking' && <p>{t('checking.what')}</p>}
        </div>
        {kind === 'ready' && waiting && <Button main big shortcut={slot.name} onClick={() => start(slot.name)}>{t('slot.start')}</Button>}
        {kind === 'scan' && session.role !== 'admin' && <Button big onClick={() => pressSlot(slot)}>{t('slot.type')}</Button>}
      </div>
      {kind === 'scan' && <Steps class="steps" steps={[1, 2, 3, 4].map((n) => t(`steps.scan.${n}`))} />}
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
    keys[String(i + 1)] = () => (one === slot && kind === 'ready' ? start(name) : goTo(`slot/${one.name}`));
  });
  useKeys(keys);
  if (slots === null) return <main class="waiting"><p class="q">{t('loading')}</p></main>;
  if (slot === null) return <main class="waiting"><div class="what"><h1>{t('slot.unknown', { slot: name })}</h1></div></main>;
  if (kind === 'running' || kind === 'asks') return <Run slot={slot} />;
  if (isVerdict(kind)) return <Verdict slot={slot} kind={kind} />;
  return <Waiting slot={slot} kind={kind} />;
}
