// What a judged measurement means, in plain words.
import { inUnit, number } from './format.js';
import { has, t } from './words.js';

/** "penetration", of which several quantities tell. */
const kFamily = {
  penetration_ti: 'depth', penetration: 'depth', penetration_contact: 'depth', penetration_min: 'depth', penetration_max: 'depth',
  penetration_p005: 'depth', penetration_p995: 'depth', penetration_error: 'depth', extension: 'extension', extension_ti: 'extension',
};

/** "Goes in too deep" of a measurand that is too high; null where there are no words for it. */
export function wordsOf(measurand, side) {
  const key = `why.${kFamily[measurand] ?? measurand}.${side}`;
  return has(key) ? t(key) : null;
}

/** "Goes in too deep" for what broke its limit. */
export function plainWords(one) {
  return wordsOf(one.measurement.measurand, one.side) ?? t('why.unknown', { title: nameOf(one) });
}

/** "Penetration of strokes", in the person's language where the catalogue has it. */
export function titleOf(measurand, title) {
  const key = `quantity.${measurand}`;
  if (has(key)) return t(key);
  const words = title ?? measurand.replace(/_/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "Penetration at 1.00 mm, 7,500/min". */
export function nameOf(one) {
  const { measurand, depth_mm: depth, rate_per_min: rate } = one.measurement;
  const title = titleOf(measurand, one.title);
  if (depth === null || depth === undefined) return title;
  return t('quantity.at', { title, setting: settingOf(depth, rate) });
}

export function settingOf(depth, rate) {
  const parts = [];
  if (depth !== null && depth !== undefined) parts.push(`${number(depth, 2)}\u00a0mm`);
  if (rate !== null && rate !== undefined) parts.push(`${number(rate)}/min`);
  return parts.join(', ');
}

/** "0.850 to 1.150 mm", "at most 0.90 N". */
export function limitText(lower, upper, unit) {
  const has1 = lower !== null && lower !== undefined, has2 = upper !== null && upper !== undefined;
  if (has1 && has2) {
    const [low, high] = [inUnit(lower, unit), inUnit(upper, unit)];
    return t('limit.range', { low: low.split('\u00a0')[0], high });
  }
  if (has2) return upper === 0 ? t('limit.none') : t('limit.at_most', { value: inUnit(upper, unit) });
  return has1 ? t('limit.at_least', { value: inUnit(lower, unit) }) : '';
}
