// A sound for each verdict, made here; none stands alone.

let context = null;
let repeating = 0;

/** Browsers let a page sound only after a hand touched it. */
export function allowSounds() {
  context ??= new AudioContext();
  if (context.state === 'suspended') context.resume();
}

function tone(hertz, from, seconds, volume) {
  const at = context.currentTime + from;
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(volume, at + 0.01);
  gain.gain.setValueAtTime(volume, at + seconds - 0.02);
  gain.gain.linearRampToValueAtTime(0, at + seconds);
  gain.connect(context.destination);
  const oscillator = context.createOscillator();
  oscillator.type = 'triangle';
  oscillator.frequency.value = hertz;
  oscillator.connect(gain);
  oscillator.start(at);
  oscillator.stop(at + seconds);
}

// [hertz, from, seconds] of each tone.
const kThreeShort = [[520, 0, 0.12], [520, 0.2, 0.12], [520, 0.4, 0.12]];
const kTones = {
  PASS: [[660, 0, 0.1], [990, 0.1, 0.1]],
  FAIL: [[196, 0, 0.45], [165, 0.5, 0.6]],
  INDETERMINATE: [[220, 0, 0.3], [330, 0.32, 0.3]],
  ABORTED: [[330, 0, 0.35]],
  ERROR: kThreeShort,
  INTERRUPTED: kThreeShort,
  REFUSED: [[262, 0, 0.15], [262, 0.2, 0.15]],
};

function play(verdict, volume) {
  if (context === null || context.state !== 'running' || volume <= 0) return;
  for (const [hertz, from, seconds] of kTones[verdict] ?? []) tone(hertz, from, seconds, volume);
}

/** An ERROR sounds again every ten seconds, until a key. */
export function sound(verdict, volume) {
  play(verdict, volume);
  if (verdict !== 'ERROR' && verdict !== 'INTERRUPTED') return;
  hush();
  repeating = setInterval(() => play(verdict, volume), 10000);
}

export function hush() {
  clearInterval(repeating);
  repeating = 0;
}
