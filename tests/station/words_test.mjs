// What the page is made of, without a browser: node --test tests/station/words_test.mjs
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { de } from '../../reports/station/page/src/words/de.js';
import { en } from '../../reports/station/page/src/words/en.js';
import { minutes, number } from '../../reports/station/page/src/format.js';
import { summaryOf } from '../../reports/station/page/src/record.js';
import { Burst } from '../../reports/station/page/src/scanner.js';
import { exampleOf } from '../../reports/station/page/src/words.js';
import { lineOf } from '../../reports/station/page/src/waves.js';

const placesOf = (words) => [...words.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

test('both catalogues have the same words with the same places', () => {
  assert.deepEqual(Object.keys(de), Object.keys(en));
  for (const key of Object.keys(en)) assert.deepEqual(placesOf(de[key]), placesOf(en[key]), key);
});

/** What each key of a text is, typed with so many ms between the keys. */
function typed(text, betweenMs, from = 1000) {
  const burst = new Burst();
  return [...text, 'Enter'].map((key, i) => burst.take(key, from + i * betweenMs));
}

test('a burst of keys that ends in Enter is a scan; a hand is none', () => {
  assert.equal(typed('PRO-000123', 5).at(-1), 'PRO-000123');
  assert.deepEqual(typed('PRO-000123', 120), new Array(11).fill(null));
  assert.equal(typed('ab', 5).at(-1), null, 'too short for a label');
});

test('the separator of a GS1 label comes through', () => {
  const burst = new Burst();
  const keys = ['2', '1', 'A', 'GroupSeparator', '1', '0', 'B', 'Enter'];
  assert.equal(keys.map((key, i) => burst.take(key, i * 5)).at(-1), '21A<GS>10B');
});

test('what was typed slowly before a burst is no part of it', () => {
  const burst = new Burst();
  burst.take('x', 0);
  assert.equal([...'PRO-1', 'Enter'].map((key, i) => burst.take(key, 500 + i * 5)).at(-1), 'PRO-1');
});

test('a key right behind a scan is a person\'s, and so may be the next scan', () => {
  const burst = new Burst();
  const take = (text, from) => [...text, 'Enter'].map((key, i) => burst.take(key, from + i * 5)).at(-1);
  assert.equal(take('PRO-1', 1000), 'PRO-1');
  assert.equal(burst.take('1', 1040), null);
  assert.equal(take('PRO-2', 1100), 'PRO-2');
  assert.equal(take('PRO-3', 1140), 'PRO-3');
});

test('a line through an envelope leaves no peak out, and a gap breaks it', () => {
  const [times, values] = lineOf([[0, 1], [1, 3], null, [-2, 2]], 0.004);
  assert.deepEqual(values, [0, 1, 1, 3, null, -2, 2]);
  assert.ok(times.every((at, i) => i === 0 || at >= times[i - 1]));
  assert.ok(times.at(-1) <= 0);
});

test('numbers are written as on the certificate', () => {
  assert.equal(number(7001), '7,001');
  assert.equal(number(-0.4496, 3), '\u22120.450');
  assert.equal(number(-0.0001, 2), '0.00');
  assert.equal(number(null), '\u2013');
  assert.equal(minutes(20.2), '0:21');
});

test('a summary names the end of the interval that is beyond its limit', () => {
  const decision = { measurement: 0, lower: 0.85, upper: 1.15, verdict: 'FAIL' };
  const summary = (low, high) => summaryOf({
    run_id: 'R-1', deciding: 0, decisions: [decision], measurements: [{ value: 1, tolerance_interval: { low, high } }],
    header: { started_utc: '', simulant: {}, cartridge: {} },
  }).deciding;
  assert.deepEqual([summary(1.1, 1.187).side, summary(1.1, 1.187).value, summary(1.1, 1.187).broken], ['high', 1.187, 1.15]);
  assert.deepEqual([summary(0.8, 1.0).side, summary(0.8, 1.0).value, summary(0.8, 1.0).broken], ['low', 0.8, 0.85]);
});

test('a measurement that a phase made is read where it stands, in the phase', () => {
  const force = { measurand: 'peak_force', unit: 'N', value: 0.36 };
  const { deciding } = summaryOf({
    run_id: 'R-1', deciding: 0, decisions: [{ measurement: 0, lower: null, upper: 2, verdict: 'PASS' }],
    measurements: [{ phase: 1, measurement: 0 }], phases: [{ measurements: [] }, { measurements: [force] }],
    header: { started_utc: '', simulant: {}, cartridge: {} },
  });
  assert.deepEqual([deciding.measurement, deciding.value, deciding.side], [force, 0.36, 'high']);
});

test('what a label looks like is shown by an example, not by a pattern', () => {
  assert.equal(exampleOf('pen-pro looks like PRO-[0-9]{4,6} with GTIN 04012345000115'), 'pen-pro looks like PRO-1234 with GTIN 04012345000115');
  assert.equal(exampleOf('pen looks like X[0-9]'), 'pen looks like X1');
});
