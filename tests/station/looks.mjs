// What can be seen to be wrong with a screen by measuring it.
import { readFileSync } from 'node:fs';
import { axePath } from './bench.mjs';

const axe = readFileSync(axePath, 'utf8');

export const kSizes = [[1920, 1080], [1280, 800], [1024, 768], [800, 1280]];

/** Rules of WCAG 2.2 AA that a screen breaks, as axe finds them: ['color-contrast: <b class=...'], under the page's own policy. */
export async function brokenRules(opened) {
  await opened.evaluate(axe);
  const { violations } = await opened.evaluate(() => globalThis.axe.run({ rules: { 'target-size': { enabled: true } } }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).slice(0, 3).join(' | ')}`);
}

/**
 * What is too wide, cut off, too small to read or to hit, as sentences.
 * @param whole  whether all of the screen has to be seen at once.
 */
export function layoutFaults(opened, whole = false) {
  return opened.evaluate((wholeToBeSeen) => {
    const faults = new Set();
    const root = document.documentElement;
    const nameOf = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join('.')} '${(element.textContent ?? '').trim().slice(0, 30)}'`;
    const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.closest('.unseen, [aria-hidden="true"] svg') === null;
    if (root.scrollWidth > innerWidth) faults.add(`the page is ${root.scrollWidth - innerWidth} px wider than its window`);
    if (wholeToBeSeen && root.scrollHeight > innerHeight) faults.add(`the page is ${root.scrollHeight - innerHeight} px higher than its window`);
    for (const element of document.body.querySelectorAll('*')) {
      if (!isSeen(element)) continue;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      // A second scrollbar, or what is cut off without one.
      if (element instanceof HTMLElement && style.display !== 'inline' && !element.matches('select, input, textarea, .uplot, .uplot *')) {
        if (style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1) faults.add(`${element.scrollWidth - element.clientWidth} px too wide: ${nameOf(element)}`);
        if (style.overflowY !== 'visible' && style.webkitLineClamp === 'none' && !element.matches('.veil') && element.scrollHeight > element.clientHeight + 1) faults.add(`${element.scrollHeight - element.clientHeight} px too high: ${nameOf(element)}`);
      }
      if (element.matches('a, button, input, select, textarea') && (box.width < 43.5 || box.height < 43.5) && !element.matches('input[type="checkbox"]')) faults.add(`target of ${Math.round(box.width)} x ${Math.round(box.height)} px: ${nameOf(element)}`);
      const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
      if (texts.length === 0) continue;
      if (parseFloat(style.fontSize) < 13.9) faults.add(`text of ${style.fontSize}: ${nameOf(element)}`);
      const frame = element.closest('.slot, .zone, .pane, .flag, .rail > *, .dialog, .btn, .plate, .top, main');
      if (frame === null || element.closest('.uplot, .columns, select') !== null) continue;
      const limits = frame.getBoundingClientRect();
      for (const text of texts) {
        const range = document.createRange();
        range.selectNodeContents(text);
        const at = range.getBoundingClientRect();
        if (at.width === 0) continue;
        if (at.right > limits.right + 1 || at.left < limits.left - 1) faults.add(`text beyond the side of its ${frame.className || frame.tagName}: ${nameOf(element)}`);
        if (at.bottom > limits.bottom + 2 + at.height * 0.2 && getComputedStyle(frame).overflowY === 'visible' && style.webkitLineClamp === 'none') faults.add(`text below its ${frame.className || frame.tagName}: ${nameOf(element)}`);
      }
    }
    return [...faults];
  }, whole);
}
