// What to do at the rig, in order; and where a pen goes after its verdict.
import { mayRun } from '../session.js';
import { t } from '../words.js';
import { Icon } from '../ui/icons.jsx';

export function Steps({ steps, class: more = '' }) {
  return (
    <ol class={`todo ${more}`}>
      {steps.map((step, i) => <li key={step}><b aria-hidden="true">{i + 1}</b><span>{step}</span></li>)}
    </ol>
  );
}

const kPlaces = { pass: 'tray', fail: 'bin', undecided: 'shelf', void: 'shelf', aborted: 'again', error: 'hand', interrupted: 'hand' };

/** Picture and word of where the pen goes. */
export function placeOf(kind) {
  return { icon: kPlaces[kind], short: t(`place.${kind}.short`), long: t(`place.${kind}.long`), then: t(`place.${kind}.then`) };
}

/** What a slot wants after it could not judge. A pen that may not stand still is not to be touched. */
export function stepsAfter(slot, kind) {
  if (slot.safe_state_confirmed === false) return ['unsafe.1', 'unsafe.2', 'unsafe.3'].map((key) => t(`steps.${key}`));
  // The last of them is for those who may.
  return (mayRun() ? [1, 2, 3] : [1, 2]).map((n) => t(`steps.${kind}.${n}`, { slot: slot.name }));
}

export function Place({ kind, class: more = 'act' }) {
  const place = placeOf(kind);
  return <p class={more}><Icon name={place.icon} /><span>{place.short}</span></p>;
}
