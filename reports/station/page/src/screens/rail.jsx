// All slots in one row, under every screen that is about one of them.
import { minutes } from '../format.js';
import { kindOf, serialOf } from '../slots.js';
import { useStation } from '../store.js';
import { t } from '../words.js';
import { Icon, Ring } from '../ui/icons.jsx';
import { Serial } from '../ui/parts.jsx';

function wordOf(slot, kind) {
  if (kind === 'running') return minutes(slot.progress?.left_s);
  return kind === 'interrupted' ? t('word.interrupted_parted') : t(`word.${kind}`);
}

export function Rail({ open }) {
  const { slots, session } = useStation();
  if (!slots?.length) return null;
  return (
    <nav class={`rail ${slots.length > 8 ? 'many' : ''}`} aria-label={t('rail.slots')} style={{ '--slots': Math.min(slots.length, 8) }}>
      {slots.map((slot) => {
        const kind = kindOf(slot);
        const inside = [
          <b>{slot.name}</b>,
          kind === 'running' ? <Ring fraction={slot.progress?.fraction ?? 0} /> : <Icon name={kind} />,
          <span class="w">{wordOf(slot, kind)}</span>,
          <Serial>{serialOf(slot)}</Serial>,
        ];
        // Nobody signed in: to be looked at only.
        return session ? (
          <a key={slot.name} href={`#/slot/${encodeURIComponent(slot.name)}`} aria-current={slot.name === open ? 'true' : undefined}>{inside}</a>
        ) : (
          <span key={slot.name} class="cell">{inside}</span>
        );
      })}
    </nav>
  );
}
