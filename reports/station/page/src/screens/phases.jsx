// The phases of a plan, and where a run is in them.
import { number, sentence } from '../format.js';
import { settingOf } from '../failures.js';
import { has, t } from '../words.js';
import { Icon } from '../ui/icons.jsx';

const kShownAtMost = 16;

/** "1.00 mm, 7,500/min" of a sweep, "Run free, 7,500/min" of another phase. */
export function stepName(step) {
  const setting = settingOf(step.depth_mm, step.rate_per_min);
  const name = has(`phase.${step.name}`) ? t(`phase.${step.name}`) : sentence(step.name);
  if (setting === '') return name;
  return ['sweep', 'setting'].includes(step.kind) ? setting : `${name}, ${setting}`;
}

/** "Phase 5 of 9, stroke 233 of 300". */
export function phaseText(slot, plan) {
  const { step, stroke, strokes } = slot.progress ?? {};
  const parts = [];
  if (plan?.steps?.length && step !== undefined) parts.push(t('run.phase', { n: step + 1, of: plan.steps.length }));
  if (strokes > 0) parts.push(t('run.stroke', { n: number(stroke), of: number(strokes) }));
  return parts.join(', ') || '\u00a0';
}

export function Phases({ slot, plan }) {
  const { step = -1, label, stroke, strokes } = slot.progress ?? {};
  const steps = plan?.steps?.length ? plan.steps : null;
  // Of a long plan what is around the phase that runs.
  const first = steps === null ? 0 : Math.max(0, Math.min(step - Math.floor(kShownAtMost / 2), steps.length - kShownAtMost));
  const shown = steps === null ? [{ name: label }] : steps.slice(first, first + kShownAtMost);
  const title = steps === null ? t('run.phases') : t('run.phase', { n: Math.max(1, step + 1), of: steps.length });
  return (
    <section class="pane phases">
      <header><h2>{title}</h2></header>
      <ol>
        {shown.map((one, i) => {
          const at = first + i;
          const is = steps === null || at === step ? 'on' : at < step ? 'past' : 'to-come';
          return (
            <li key={at} class={is} aria-current={is === 'on' ? 'step' : undefined}>
              <Icon name={is === 'on' ? 'now' : is === 'past' ? 'done' : 'later'} label={t(`run.${is}`)} />
              <span>
                {is === 'on' ? <b>{stepName(one)}</b> : stepName(one)}
                {is === 'on' && strokes > 0 && <span>{t('run.stroke', { n: number(stroke), of: number(strokes) })}</span>}
              </span>
              <span>{one.planned_s ? `${number(one.planned_s, 1)}\u00a0s` : ''}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
