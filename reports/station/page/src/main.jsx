import './style/main.css';
import { render } from 'preact';
import { App } from './app.jsx';
import { scanned } from './actions.js';
import { pressed } from './keys.js';
import { hearScans } from './scanner.js';
import { loadLast, resume, stay } from './session.js';
import { onVerdict } from './rig.js';
import { apply } from './settings.js';
import { allowSounds } from './sounds.js';

apply();
hearScans(scanned, pressed);
onVerdict(loadLast);
for (const touch of ['pointerdown', 'keydown']) {
  // Behind the keys of a burst, which must not wait for it.
  addEventListener(touch, () => setTimeout(() => {
    allowSounds();
    stay();
  }), true);
}
render(<App />, document.getElementById('page'));
resume();
