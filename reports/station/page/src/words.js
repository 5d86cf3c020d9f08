// The page's words, from a catalogue in the person's language.
import { en } from './words/en.js';
import { de } from './words/de.js';
import { language } from './settings.js';

export const catalogues = { en, de };

/** The words of a key with its places filled: t('hand.scan', {slot: 2}). */
export function t(key, places = {}) {
  const words = catalogues[language()][key] ?? en[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => (places[name] === undefined ? whole : String(places[name])));
}

/** Whether there are words of that key. */
export const has = (key) => en[key] !== undefined;

/** Why something certifies nothing; a word that the page does not know is said as it is. */
export const markText = (mark) => (has(`void.${mark}`) ? t(`void.${mark}`) : mark);

/** "PRO-1234" of "PRO-[0-9]{4,6}": nobody at the line reads patterns. */
export const exampleOf = (text) => text.replace(/(?:\[0-9\]|\\d)(?:\{(\d+)(?:,\d*)?\})?/g, (_, n) => '1234567890'.repeat(4).slice(0, Number(n ?? 1)));

/** A refusal in the person's language; a code that has no words says what the station said. */
export function refusalText(refused) {
  const key = `refusal.${refused.code}`;
  const { expected, ...details } = refused.details;
  return has(key) ? t(key, { ...details, expected: exampleOf(expected ?? '') }) : refused.message || t('refusal.no_answer');
}
