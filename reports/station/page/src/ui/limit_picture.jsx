// The picture of a limit: band = allowed, hatched = guard band, black = what was measured (99 % of strokes), vermillion
// = the part beyond, whisker = U.
import { decimalsOf, inUnit, number } from '../format.js';
import { t } from '../words.js';

/** The stretch that the picture shows, and where a value stands in it, in percent. */
function scaleOf(one, low, high) {
  const { lower, upper, measurement } = one;
  const span = lower !== null && upper !== null ? upper - lower : Math.abs(upper ?? lower) || Math.abs(high - low) || 1;
  const from = Math.min(lower ?? Math.min(0, upper), low) - span * 0.12;
  const to = Math.max(upper ?? lower, high + measurement.expanded_u) + span * 0.18;
  return (value) => ((value - from) / (to - from)) * 100;
}

export function canBeDrawn(one) {
  return one !== null && one.value !== null && one.value !== undefined && (one.lower !== null || one.upper !== null);
}

const at = (left, right) => ({ left: `${left}%`, width: `${Math.max(0, right - left)}%` });

export function LimitPicture({ one, small }) {
  const { measurement, lower, upper, guard_band: guard } = one;
  const interval = measurement.tolerance_interval;
  const low = interval ? interval.low : one.value, high = interval ? interval.high : one.value;
  const x = scaleOf(one, low, high);
  const from = lower === null ? 0 : x(lower), to = upper === null ? 100 : x(upper);
  const u = measurement.expanded_u, decimals = decimalsOf(measurement.unit);
  const failed = one.verdict === 'FAIL';
  const beyond = failed && one.side === 'high' ? [to, x(high)] : failed && one.side === 'low' ? [x(low), from] : null;
  const setting = measurement.depth_mm !== null && measurement.unit === 'mm' && lower !== null && upper !== null ? measurement.depth_mm : null;
  const label = t('limit.label', {
    low: inUnit(low, measurement.unit), high: inUnit(high, measurement.unit), u: inUnit(u, measurement.unit),
    lower: lower === null ? '\u2013' : inUnit(lower, measurement.unit), upper: upper === null ? '\u2013' : inUnit(upper, measurement.unit),
  });
  const edge = (value, side) => value !== null && (
    <b class={`edge ${one.side === side ? 'near' : ''}`} style={{ left: `${x(value)}%` }}>
      <span>{number(value, decimals)}{!small && one.side === side ? ` ${t('limit.limit')}` : ''}</span>
    </b>
  );
  return (
    <div class={`limit ${small ? 'small' : ''}`} role="img" aria-label={label}>
      <div class="track">
        <i class="axis" />
        <i class="band" style={at(from, to)} />
        {guard > 0 && lower !== null && <i class="guard" style={at(from, x(lower + guard))} />}
        {guard > 0 && upper !== null && <i class="guard" style={at(x(upper - guard), to)} />}
        {interval ? <i class="spread" style={at(Math.max(0, x(low)), Math.min(100, x(high)))} /> : <i class="spot" style={{ left: `${x(one.value)}%` }} />}
        {beyond && <i class="beyond" style={at(...beyond)} />}
        {u > 0 && <i class="whisker" style={at(x(one.value - u), x(one.value + u))} />}
        {setting !== null && !small && <b class="setting" style={{ left: `${x(setting)}%` }}><span>{t('limit.set', { value: number(setting, decimals) })}</span></b>}
        {edge(lower, 'low')}
        {edge(upper, 'high')}
        {!small && <strong class={`${failed ? 'bad' : ''} ${x(one.value) > 55 ? 'to-left' : ''}`} style={{ left: `${x(one.value)}%` }}>{inUnit(one.value, measurement.unit)} <small>{u > 0 ? `± ${number(u, decimals)}` : ''}</small></strong>}
      </div>
    </div>
  );
}
