// How many pens in each stretch of the day, against what the takt asks for; as bars, or as a table.
import { useState } from 'preact/hooks';
import { clock, number } from '../format.js';
import { t } from '../words.js';
import { Button, Pane } from '../ui/parts.jsx';

export function PerTime({ bars, taktTarget }) {
  const [table, setTable] = useState(false);
  const minutesEach = bars[0]?.minutes ?? 10;
  const target = taktTarget ? (minutesEach * 60) / taktTarget : null;
  const most = Math.max(4, target ?? 0, ...bars.map((bar) => bar.runs)) * 1.15;
  const every = Math.ceil(bars.length / 6);
  const title = t('today.per_time', { minutes: minutesEach });
  const toggle = <Button quiet class="link" aria-pressed={table} onClick={() => setTable(!table)}>{t(table ? 'chart' : 'table')}</Button>;
  return (
    <Pane title={title} note={toggle}>
      {table ? (
        <div class="as-table"><table class="list"><thead><tr><th scope="col">{t('today.from')}</th><th scope="col" class="num">{t('today.pens')}</th></tr></thead>
          <tbody>{bars.map((bar) => <tr key={bar.from_utc}><td>{clock(bar.from_utc, false)}</td><td class="num">{bar.runs}</td></tr>)}</tbody></table></div>
      ) : (
        <div class="columns" role="img" aria-label={title}>
          {target !== null && <p class="target" style={{ bottom: `${(target / most) * 100}%` }}><span>{t('today.target', { value: number(target) })}</span></p>}
          {bars.map((bar, i) => (
            <div key={bar.from_utc} class={i === bars.length - 1 ? 'unfinished' : ''}>
              <i style={{ height: `${(bar.runs / most) * 100}%` }}><b>{bar.runs}</b></i>
              <span>{i % every === 0 ? clock(bar.from_utc, false) : ''}</span>
            </div>
          ))}
        </div>
      )}
    </Pane>
  );
}
