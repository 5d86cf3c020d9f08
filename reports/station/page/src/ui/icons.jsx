// Pictures: one shape for each verdict, whatever its colour.

const line = (d, width = 8, more = {}) => <path d={d} fill="none" stroke="currentColor" stroke-width={width} {...more} />;
const kTick = 'M25 52 43 70 76 32';
const kCross = 'M31 31 69 69M69 31 31 69';
const kOctagon = 'M31 3H69L97 31V69L69 97H31L3 69V31Z';
const kFrame = 'M6 28V6H28M72 6H94V28M94 72V94H72M28 94H6V72';

const kPictures = {
  pass: () => [<circle cx="50" cy="50" r="48" class="fill-pass" />, <path d={kTick} class="on-colour" stroke-width="12" />],
  'pass-plain': () => [<circle cx="50" cy="50" r="48" fill="#fff" />, <path d={kTick} class="cut-pass" stroke-width="12" />],
  fail: () => [<path d={kOctagon} class="fill-fail" />, <path d={kCross} class="on-colour" stroke-width="13" />],
  'fail-plain': () => [<path d={kOctagon} fill="#fff" />, <path d={kCross} class="cut-fail" stroke-width="13" />],
  undecided: () => [
    <path d="M50 5 95 50 50 95 5 50Z" class="edge-fail" stroke-width="9" />,
    line('M28 44q11-11 22 0t22 0M28 60q11-11 22 0t22 0', 7, { class: 'ink' }),
  ],
  aborted: () => [
    <rect x="10" y="10" width="80" height="80" class="edge-grey" stroke-width="9" />,
    <rect x="34" y="34" width="32" height="32" class="fill-ink-2" />,
  ],
  error: () => [
    <path d="M50 6 97 92H3Z" fill="url(#hatch)" class="ink" stroke-width="6" stroke-linejoin="round" />,
    line('M50 34V64M50 71V82', 11, { class: 'ink' }),
  ],
  asks: () => [
    line('M6 8H94V72H52L30 94V72H6Z', 8, { 'stroke-linejoin': 'round' }),
    line('M38 32q0-10 12-10t12 10q0 8-12 13v5M50 56v7'),
  ],
  scan: () => line(`${kFrame}M28 30V70M42 30V70M52 30V70M72 30V70`),
  ready: () => [line(kFrame), <path d="M34 26 76 50 34 74Z" fill="currentColor" />],
  checking: () => [line(kFrame), line('M30 50H70')],
  refused: () => [line(kFrame), line(kCross, 10)],
  done: () => line('M20 52 42 75 80 27', 11),
  now: () => <path d="M25 15 85 50 25 85Z" fill="currentColor" />,
  later: () => <circle cx="50" cy="50" r="25" fill="none" stroke="currentColor" stroke-width="9" />,
  stop: () => <rect x="18" y="18" width="64" height="64" fill="currentColor" />,
  tray: () => [line('M6 60V92H94V60'), line('M50 6V70M32 53 50 71 68 53')],
  bin: () => [line('M14 40H86L78 95H22Z', 7, { 'stroke-linejoin': 'round' }), line('M50 4V62M34 47 50 63 66 47'), line('M36 76H64', 7)],
  shelf: () => [line('M6 88H94M14 88V20M86 88V20'), line('M50 6V66M34 50 50 67 66 50')],
  again: () => [line('M84 50A34 34 0 1 1 71 23'), line('M74 4V26H52', 8)],
  hand: () => line('M30 94C16 78 10 62 10 52q0-6 6-6 4 0 8 10V22q0-7 6-7t6 7v22V13q0-7 6-7t6 7v31V17q0-7 6-7t6 7v30V28q0-7 6-7t6 7v38q0 18-10 28Z', 7, { 'stroke-linejoin': 'round' }),
  half: () => [<circle cx="50" cy="50" r="38" fill="none" stroke="currentColor" stroke-width="9" />, <path d="M50 12A38 38 0 0 1 50 88Z" fill="currentColor" />],
  tools: () => [line('M20 80 56 44', 12), line('M52 30A22 22 0 0 0 78 58L66 70A30 30 0 0 1 40 44', 7), line('M80 80 62 62', 10)],
};
kPictures['interrupted'] = kPictures.error;
kPictures['void'] = () => [<rect x="10" y="10" width="80" height="80" class="edge-grey" stroke-width="9" />, line('M14 86 86 14', 9, { class: 'ink' })];

/** @param label  what it says where no word stands beside it; without one it is left to the word. */
export function Icon({ name, label, class: kind = '' }) {
  const picture = (kPictures[name] ?? kPictures.error)();
  return label === undefined ? (
    <svg class={`icon ${kind}`} viewBox="0 0 100 100" aria-hidden="true">{picture}</svg>
  ) : (
    <svg class={`icon ${kind}`} viewBox="0 0 100 100" role="img" aria-label={label}>{picture}</svg>
  );
}

/** How far a run is, as a ring. */
export function Ring({ fraction }) {
  const around = 2 * Math.PI * 42;
  return (
    <svg class="icon" viewBox="0 0 100 100" aria-hidden="true">
      <circle cx="50" cy="50" r="42" class="ring-rest" />
      <circle cx="50" cy="50" r="42" class="ring-done" transform="rotate(-90 50 50)" stroke-dasharray={`${around * fraction} ${around}`} />
    </svg>
  );
}

/** Patterns that pictures refer to; once on the page. */
export function Patterns() {
  return (
    <svg class="unseen" aria-hidden="true">
      <defs>
        <pattern id="hatch" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="12" height="12" class="hatch-b" />
          <rect width="6" height="12" class="hatch-a" />
        </pattern>
      </defs>
    </svg>
  );
}

export function Badge() {
  return (
    <svg class="badge-picture" viewBox="0 0 170 130" aria-hidden="true">
      <rect x="4" y="18" width="118" height="92" rx="8" fill="none" stroke="currentColor" stroke-width="6" />
      {line('M50 18V8H76V18', 6)}
      <circle cx="38" cy="52" r="13" fill="currentColor" />
      <path d="M16 90q4-22 22-22t22 22Z" fill="currentColor" />
      {line('M76 46h32M76 60h22', 6)}
      {line('M76 76v18M83 76v18M88 76v18M97 76v18M103 76v18M108 76v18', 3.5)}
      {line('M136 44q12 20 0 40M150 34q19 30 0 60', 6)}
    </svg>
  );
}
