// What charts of run after run have in common.
import { moment } from '../format.js';
import { now } from '../store.js';

const kRoom = 0.12; // of what is drawn: above and below it
const kDot = 6; // px

/**
 * The frame of a chart with a point for each run, for ui/plot.jsx.
 * @param values  all that has to be seen
 * @param ticks  how many moments its width has room for
 */
export function overRuns(points, values, ticks) {
  const low = Math.min(...values), high = Math.max(...values), room = (high - low || Math.abs(high) || 1) * kRoom;
  const every = Math.max(1, Math.ceil(points.length / ticks));
  return {
    x: [-1, points.length],
    y: [low - room, high + room],
    dots: kDot,
    xTicks: points.map((point, i) => [i, moment(point.started_utc, now())]).filter((_, i) => i % every === 0),
  };
}
