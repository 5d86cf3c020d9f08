// Numbers and times as the page writes them. A decimal point is a point in every language, as on the certificate.

const kMinus = '\u2212';

/** What the rig says as a sentence of its own begins with a capital. */
export const sentence = (text) => (text ? text.charAt(0).toUpperCase() + text.slice(1) : '');

export function number(value, decimals = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '\u2013';
  const text = Math.abs(value).toFixed(decimals);
  const [whole, part] = text.split('.');
  const grouped = whole.length > 4 || (whole.length === 4 && decimals === 0) ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  const zero = Number(text) === 0;
  return `${value < 0 && !zero ? kMinus : ''}${grouped}${part === undefined ? '' : `.${part}`}`;
}

/** Decimals that a unit has on the page. */
export function decimalsOf(unit) {
  return { mm: 3, N: 2, mJ: 2, '%': 1, '1/min': 0, 'µs': 0, ms: 0, '1': 0, '°C': 1, dBm: 0 }[unit] ?? 2;
}

/** A unit as it is read: "/min" for "1/min", nothing for counts. */
export function unitText(unit) {
  return unit === '1' ? '' : unit === '1/min' ? '/min' : unit;
}

export function inUnit(value, unit) {
  const shown = unitText(unit);
  return shown === '' ? number(value, decimalsOf(unit)) : `${number(value, decimalsOf(unit))}\u00a0${shown}`;
}

/** "0:21"; above an hour "1:48 h" is written by the caller. */
export function minutes(seconds) {
  if (seconds === null || seconds === undefined) return '\u2013';
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

export function hours(seconds) {
  const whole = Math.max(0, Math.floor(seconds / 60));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

const two = (value) => String(value).padStart(2, '0');

/** "07:42:16", of the place where the page is. */
export function clock(time, seconds = true) {
  if (!time) return '\u2013';
  const d = new Date(time);
  return `${two(d.getHours())}:${two(d.getMinutes())}${seconds ? `:${two(d.getSeconds())}` : ''}`;
}

/** "2026-11-27", of the place where the page is. */
export function day(time) {
  if (!time) return '\u2013';
  const d = new Date(time);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/** "07:42" of today, "11-26" of another day: what a point of a chart is called. */
export function moment(time, now) {
  return isToday(time, now) ? clock(time, false) : day(time).slice(5);
}

export function isToday(time, now) {
  return day(time) === day(now);
}
