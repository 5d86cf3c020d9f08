// A chart: uPlot with the page's ink, its limits drawn as a band with their numbers at the right.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { number } from '../format.js';

const kSmallest = 14; // px: no label below

/** A colour token, as it is now: light and dark have their own. */
function ink(name) {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function inks() {
  return Object.fromEntries(['ink', 'ink-2', 'line', 'edge', 'band', 'surface', 'fail'].map((name) => [name, ink(name)]));
}

const fontSize = () => Math.max(kSmallest, Math.round(parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.875));
const fontOf = (weight, size) => `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;

/** Rows of stripes between two heights: the guard band. */
function stripes(u, colour, y0, y1) {
  const { ctx, bbox } = u;
  const top = Math.min(y0, y1), high = Math.abs(y1 - y0);
  if (!(high > 0)) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, top, bbox.width, high);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * uPlot.pxRatio;
  ctx.beginPath();
  const step = 6 * uPlot.pxRatio;
  for (let x = bbox.left - high; x < bbox.left + bbox.width; x += step) {
    ctx.moveTo(x, top + high);
    ctx.lineTo(x + high, top);
  }
  ctx.stroke();
  ctx.restore();
}

function drawBand(u, { lower, upper, guard }, colours) {
  const { ctx, bbox } = u;
  const y = (value) => Math.min(bbox.top + bbox.height, Math.max(bbox.top, u.valToPos(value, 'y', true)));
  const bottom = bbox.top + bbox.height;
  const y0 = upper === null ? bbox.top : y(upper), y1 = lower === null ? bottom : y(lower);
  ctx.save();
  if (lower !== null) {
    ctx.fillStyle = colours.band;
    ctx.fillRect(bbox.left, y0, bbox.width, y1 - y0);
  }
  if (guard > 0 && upper !== null) stripes(u, colours['ink-2'], y0, y(upper - guard));
  if (guard > 0 && lower !== null) stripes(u, colours['ink-2'], y1, y(lower + guard));
  ctx.restore();
}

/** Where lines lie close together, the text of the first stands. */
function drawMarks(u, marks, colours, size) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  const right = bbox.left + bbox.width;
  const taken = [];
  for (const mark of marks) {
    const y = u.valToPos(mark.value, 'y', true);
    if (y < bbox.top - 1 || y > bbox.top + bbox.height + 1) continue;
    if (mark.line !== false) {
      ctx.strokeStyle = mark.solid ? colours.edge : colours['ink-2'];
      ctx.setLineDash(mark.solid ? [] : [7 * uPlot.pxRatio, 5 * uPlot.pxRatio]);
      ctx.lineWidth = 1.5 * uPlot.pxRatio;
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(right, y);
      ctx.stroke();
    }
    ctx.fillStyle = mark.strong ? colours.ink : colours['ink-2'];
    ctx.font = fontOf(mark.strong ? 650 : 400, size * uPlot.pxRatio);
    const at = y + (mark.shift ?? 0) * size * uPlot.pxRatio;
    if (taken.some((other) => Math.abs(other - at) < 1.1 * size * uPlot.pxRatio)) continue;
    taken.push(at);
    ctx.fillText(mark.text, right + 10 * uPlot.pxRatio, at);
  }
  ctx.restore();
}

function axis(colours, size, extra) {
  return {
    stroke: colours['ink-2'],
    font: fontOf(400, size),
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
    ...extra,
  };
}

function optionsOf(chart, width, height) {
  const colours = inks(), size = fontSize();
  const right = chart.marks?.length ? Math.max(...chart.marks.map((mark) => mark.text.length)) * size * 0.58 + 16 : 8;
  const values = chart.bare ? { show: false } : {};
  return {
    width,
    height,
    padding: chart.bare ? [2, 2, 2, 2] : [size * 0.75, right, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false },
    scales: { x: { time: false, range: () => chart.x }, y: { range: () => chart.y } },
    axes: [
      axis(colours, size, { ...values, size: size * 2, gap: 6, splits: chart.xTicks && (() => chart.xTicks.map(([at]) => at)), values: chart.xTicks && (() => chart.xTicks.map(([, text]) => text)), grid: { show: false } }),
      axis(colours, size, { ...values, size: size * 4.2, gap: 8, space: 34, values: (u, all) => all.map((value) => number(value, chart.decimals ?? 1)) }),
    ],
    series: [
      {},
      chart.dots
        ? { stroke: colours.ink, fill: colours.ink, paths: () => null, points: { show: true, size: chart.dots, fill: colours.ink, stroke: colours.ink, width: 0 } }
        : { stroke: colours.ink, width: 2, spanGaps: false, points: { show: false } },
    ],
    hooks: {
      drawAxes: [(u) => chart.limits && drawBand(u, chart.limits, colours)],
      draw: [(u) => { drawMarks(u, chart.marks ?? [], colours, size); chart.over?.(u, colours, size); }],
    },
  };
}

/**
 * @param chart  {x, y: [from, to], limits: {lower, upper, guard}, marks: [{value, text}], xTicks, decimals, dots, bare, over}
 * @param data  [xs, ys]; or
 * @param follow  called with a function that takes such data, as they come; gives what ends it.
 */
export function Plot({ chart, data, follow, label, class: more = '' }) {
  const box = useRef(null);
  const shape = JSON.stringify({ ...chart, over: undefined });
  useEffect(() => {
    const element = box.current;
    let last = data ?? [[], []];
    let u = null;
    const make = () => {
      u?.destroy();
      const { clientWidth, clientHeight } = element;
      u = clientWidth > 40 && clientHeight > 20 ? new uPlot(optionsOf(chart, clientWidth, clientHeight), last, element) : null;
    };
    const sized = new ResizeObserver(make);
    sized.observe(element);
    // Light and dark: by the system, or by hand.
    const themed = new MutationObserver(make);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', make);
    const stop = follow?.((next) => {
      last = next;
      u?.setData(next);
    });
    return () => {
      stop?.();
      sized.disconnect();
      themed.disconnect();
      scheme.removeEventListener('change', make);
      u?.destroy();
    };
  }, [shape, data, follow]);
  return <div class={`plot ${more}`} role="img" aria-label={label} ref={box} />;
}
