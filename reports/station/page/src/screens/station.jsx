// The bench: slots stand on the page as they stand on the bench, left to right.
import { useEffect, useState } from 'preact/hooks';
import { pressSlot } from '../actions.js';
import { useKeys } from '../keys.js';
import { isBusy, kindOf, nextSlot } from '../slots.js';
import { mayRun } from '../session.js';
import { useStation } from '../store.js';
import { Hand } from './hand.jsx';
import { SlotCard } from './slot_card.jsx';

const kOneColumn = matchMedia('(max-width: 899px)');

function useOneColumn() {
  const [so, setSo] = useState(kOneColumn.matches);
  useEffect(() => {
    const changed = () => setSo(kOneColumn.matches);
    kOneColumn.addEventListener('change', changed);
    return () => kOneColumn.removeEventListener('change', changed);
  }, []);
  return so;
}

/** In one column the slot that needs a hand comes first. */
function byNeed(slots, next) {
  const weight = (slot) => ({ asks: 0, ready: 1, error: 2, interrupted: 2 })[kindOf(slot)] ?? (slot === next ? 1.5 : isBusy(slot) ? 4 : 3);
  return [...slots].sort((a, b) => weight(a) - weight(b));
}

function walk(by) {
  const cards = [...document.querySelectorAll('.slot')];
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  cards[Math.min(cards.length - 1, Math.max(0, at === -1 ? 0 : at + by))]?.focus();
}

/** @param said  something else stands in the place of the line for the hand. */
export function Station({ alarmed, said }) {
  const { slots } = useStation();
  const oneColumn = useOneColumn();
  const keys = { ArrowRight: () => walk(1), ArrowDown: () => walk(1), ArrowLeft: () => walk(-1), ArrowUp: () => walk(-1) };
  (slots ?? []).slice(0, 9).forEach((slot, i) => {
    keys[String(i + 1)] = () => pressSlot(slot);
  });
  useKeys(keys);
  // One slot is framed: what waits for a start or an answer goes before the next scan.
  const waits = (slots ?? []).some((slot) => ['ready', 'asks'].includes(kindOf(slot)));
  const next = slots === null || waits || alarmed || !mayRun() ? null : nextSlot();
  const shown = slots === null ? [] : oneColumn ? byNeed(slots, next) : slots;
  const size = shown.length > 8 ? 'many' : shown.length > 4 ? 'some' : 'few';
  return (
    <main class="station">
      {said ? <h1 class="unseen">penrig</h1> : <Hand />}
      <div class={`slots ${size}`} style={{ '--columns': Math.min(shown.length || 1, size === 'few' ? 4 : size === 'some' ? 4 : 8) }}>
        {shown.map((slot) => (
          <SlotCard key={slot.name} slot={slot} next={slot === next} number={slots.indexOf(slot) + 1} size={size} />
        ))}
      </div>
    </main>
  );
}
