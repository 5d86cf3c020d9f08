// Every screen of the station, one after the other; as a program it takes their pictures:
//   node tests/station/screens.mjs FOLDER [SIZE...]      SIZE: 1920x1080; without one all of them, light and dark
// SLOTS=16 and the like (tests/station/serve): of a larger bench, its grid alone.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.env.PENRIG_STATION_COMMAND ??= 'tests/station/serve';
process.env.PENRIG_STATION_END ??= 'tests/station/end';
process.env.PENRIG_STATION_ESTOP ??= 'tests/station/estop';
const { newPage, openBrowser, openScreen, pens, scan, signIn, slotOf, startPen, Station, until } = await import('./bench.mjs');
const { kSizes, layoutFaults } = await import('./looks.mjs');

/** Called at each screen that there is, with the pens of the four slots judged. */
export async function atEachScreen(here, opened, look) {
  await opened.getByRole('heading', { name: 'Scan your badge' }).waitFor();
  await look('sign-in');
  await signIn(opened, 'qa');
  for (const screen of ['station', 'today', 'history', 'maintenance', 'trail', 'slot/1', 'slot/2', 'slot/3', 'slot/4']) {
    await openScreen(opened, screen);
    await settled(opened);
    await look(screen);
  }
  await openScreen(opened, 'today');
  await opened.getByLabel('Shown as').selectOption('Control chart');
  await opened.getByText(/Limits frozen by/).waitFor();
  await look('today, control chart');
  await openScreen(opened, 'station');
  await scan(opened, 'HOME-0042');
  await opened.getByRole('heading', { name: /^Wrong label/ }).waitFor();
  await look('refused');
  await opened.getByRole('button', { name: 'Close' }).click();
  await opened.getByRole('button', { name: /^q\.tester/ }).click();
  await opened.getByRole('dialog').waitFor();
  await look('preferences');
  await opened.keyboard.press('Escape');
  await openScreen(opened, 'slot/1');
  await opened.getByRole('button', { name: 'All measurements' }).click();
  await opened.getByRole('dialog').waitFor();
  await look('all measurements');
  await opened.keyboard.press('Escape');
  await opened.getByRole('button', { name: 'Type the next label' }).click();
  await opened.getByRole('dialog').waitFor();
  await look('type a label');
  await opened.keyboard.press('Escape');
  await startPen(opened, pens.slow);
  await slotOf(opened, pens.slow.slot).locator('.time').waitFor();
  await look('station, running');
  await openScreen(opened, `slot/${pens.slow.slot}`);
  await opened.locator('main.run').waitFor();
  await look('run');
  await here.station.clear();
  await opened.locator('.flag .word', { hasText: 'ABORTED' }).waitFor();
  await look('aborted');
}

/** What was asked for is there, and drawn. */
async function settled(opened) {
  for (const words of ['Waiting for the rig.', 'Reading the record']) await opened.getByText(words).first().waitFor({ state: 'detached' });
  await opened.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

export async function asAdmin(opened, look) {
  await signIn(opened, 'admin');
  await openScreen(opened, 'people');
  await opened.getByRole('button', { name: 'Add somebody' }).click();
  await opened.getByRole('dialog').waitFor();
  await look('add somebody');
  await opened.keyboard.press('Escape');
  await look('people');
}

/** A verdict of each kind in its slot. A run that a busy machine held up ends in an ERROR, and is run again. */
export async function judgeAll(here) {
  const wanted = ['PASS', 'FAIL', 'INDETERMINATE', 'ERROR'].map((verdict) => [verdict, pens[verdict]]);
  const missing = async () => {
    const has = await here.station.slots();
    return wanted.filter(([verdict, { slot }]) => has.find(({ name }) => name === slot).verdict !== verdict);
  };
  let left = await missing();
  if (left.length === 0) return;
  const opened = await newPage(here);
  await signIn(opened, 'operator');
  for (let tries = 0; tries < 3 && left.length > 0; ++tries) {
    for (const [, { slot }] of left) await here.station.ask('technician', 'POST', `/api/slots/${slot}/check`);
    await until('slots are free', async () => (await here.station.slots()).every(({ state }) => state !== 'checking'), 20000);
    for (const [, pen] of left) await startPen(opened, pen);
    await until('all are judged', async () => (await here.station.slots()).every(({ state }) => !['running', 'checking'].includes(state)), 180000);
    left = await missing();
    for (const { name, verdict, reason } of await here.station.slots()) if (left.some(([, { slot }]) => slot === name)) console.log(`slot ${name}: ${verdict}: ${reason}`);
  }
  if (left.length > 0) throw new Error(`not judged as they should be: ${left.map(([verdict]) => verdict)}`);
  await opened.context().close();
}

/** The grid of a bench of many: all run, all judged. */
async function atTheGrid({ station }, opened, look) {
  await signIn(opened, 'qa');
  const slots = await station.slots();
  if (slots.every(({ state }) => state === 'idle')) {
    await look('grid, empty');
    await scan(opened, 'PRO-001001');
    await opened.locator('.zone.ready').waitFor();
    await look('grid, ready');
    for (const { name } of slots) {
      const label = `PRO-${String(1000 + Number(name)).padStart(6, '0')}`;
      await station.ask('technician', 'POST', `/api/slots/${name}/run`, { plan: 'smoke', label });
    }
    await slotOf(opened, slots.length).locator('.time').waitFor();
    await look('grid, running');
    await until('all are judged', async () => (await station.slots()).every(({ state }) => state === 'ended' || state === 'refused'), 120000);
  }
  await settled(opened);
  await look('grid, judged');
  await openScreen(opened, 'slot/1');
  await look('slot of many');
}

async function takePictures(folder, sizes) {
  mkdirSync(folder, { recursive: true });
  const station = new Station(Number(process.env.PORT ?? 18470));
  await station.start();
  await station.addPeople();
  const here = { station, browser: await openBrowser() };
  try {
    const many = (await station.slots()).length > 4;
    for (const [width, height] of sizes) {
      for (const colorScheme of ['light', 'dark']) {
        if (!many) await judgeAll(here);
        const opened = await newPage(here, { viewport: { width, height }, colorScheme });
        const look = async (screen) => {
          const name = `${screen.replace(/\W+/g, '-')}-${width}-${colorScheme}`;
          await opened.screenshot({ path: join(folder, `${name}.png`) });
          for (const fault of await layoutFaults(opened, width > 900 && /^(station|slot|run|grid|today|sign-in|aborted)/.test(screen))) console.log(`${name}: ${fault}`);
        };
        if (many) {
          await atTheGrid(here, opened, look);
        } else {
          await atEachScreen(here, opened, look);
          await opened.getByRole('button', { name: 'Lock' }).click();
          await asAdmin(opened, look);
        }
        await opened.context().close();
        await station.clear();
      }
    }
  } finally {
    await here.browser.close();
    await station.end();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, ...sizes] = process.argv.slice(2);
  if (!folder) {
    console.error('which FOLDER?');
    process.exit(4);
  }
  await takePictures(folder, sizes.length > 0 ? sizes.map((size) => size.split('x').map(Number)) : kSizes);
}
