// How a control chart is drawn.
import { decimalsOf, number } from '../format.js';
import { overRuns } from '../ui/over_runs.js';
import { t } from '../words.js';

/** From point to point; centre and limits as steps, since they may differ; then the points that call out. */
function drawLines(series, at) {
  return (u, colours) => {
    const { ctx } = u;
    const ratio = devicePixelRatio || 1;
    const x = (i) => u.valToPos(at(i), 'x', true), y = (value) => u.valToPos(value, 'y', true);
    const steps = (values, dash, colour) => {
      ctx.strokeStyle = colour;
      ctx.lineWidth = 1.5 * ratio;
      ctx.setLineDash(dash.map((one) => one * ratio));
      ctx.beginPath();
      values.forEach((value, i) => {
        if (value === null) return;
        const half = (x(1) - x(0)) / 2;
        if (i === 0 || values[i - 1] === null) ctx.moveTo(x(i) - half, y(value));
        ctx.lineTo(x(i) - half, y(value));
        ctx.lineTo(x(i) + half, y(value));
      });
      ctx.stroke();
    };
    ctx.save();
    // Under the points and what is drawn already.
    ctx.globalCompositeOperation = 'destination-over';
    ctx.strokeStyle = colours.line;
    ctx.lineWidth = 2 * ratio;
    ctx.beginPath();
    series.values.forEach((value, i) => ctx.lineTo(x(i), y(value)));
    ctx.stroke();
    ctx.globalCompositeOperation = 'source-over';
    steps(series.centre, [3, 4], colours['ink-2']);
    steps(series.lower, [], colours.edge);
    steps(series.upper, [], colours.edge);
    ctx.setLineDash([]);
    ctx.strokeStyle = colours.fail;
    ctx.lineWidth = 3 * ratio;
    for (const { point } of series.signals) {
      const i = point - series.first, half = 7 * ratio;
      const [cx, cy] = [x(i), y(series.values[i])];
      ctx.beginPath();
      ctx.moveTo(cx - half, cy - half);
      ctx.lineTo(cx + half, cy + half);
      ctx.moveTo(cx + half, cy - half);
      ctx.lineTo(cx - half, cy + half);
      ctx.stroke();
    }
    ctx.restore();
  };
}

/**
 * One series of a chart, as ui/plot.jsx takes it.
 * @param ticks  how many moments its width has room for
 */
export function drawingOf(series, answer, ticks) {
  const before = answer.chart.points - answer.points.length; // points that are not shown
  const at = (i) => series.first - 1 - before + i;
  const frame = overRuns(answer.points, [...series.values, ...series.lower, ...series.upper].filter((value) => value !== null), ticks);
  const height = frame.y[1] - frame.y[0];
  // Limits lie closer than those of the specification: as many decimals as tell them apart.
  const decimals = Math.max(decimalsOf(answer.unit), Math.min(6, 2 - Math.floor(Math.log10(height))));
  const marks = [[series.upper, 'control.upper'], [series.lower, 'control.lower'], [series.centre, 'control.centre']]
    .map(([values, key]) => [values.at(-1), key])
    .filter(([value]) => value !== null)
    .map(([value, key]) => ({ value, text: `${number(value, decimals)} ${t(key)}`, line: false }));
  return {
    chart: { ...frame, decimals, marks, over: drawLines(series, at) },
    data: [series.values.map((_, i) => at(i)), series.values],
  };
}
