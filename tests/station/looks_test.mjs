// Every screen of the station for every person: WCAG 2.2 AA, nothing cut off at any size, keyboard alone.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { atAStation, command, estopCommand, newPage, openScreen, people, pens, scan, signIn, slotOf, startPen, verdictOf } from './bench.mjs';
import { brokenRules, kSizes, layoutFaults } from './looks.mjs';

const kPort = Number(process.env.PORT ?? 18480) + 1;

describe('looks', { skip: command ? false : 'PENRIG_STATION_COMMAND starts none' }, () => {
  const here = atAStation({ before, after, afterEach }, kPort);

  /** Called at each screen that there is, with the pens of the four slots judged. */
  async function atEachScreen(opened, look) {
    await opened.getByRole('heading', { name: 'Scan your badge' }).waitFor();
    await look('sign-in');
    await signIn(opened, 'qa');
    for (const screen of ['station', 'today', 'history', 'maintenance', 'trail', 'slot/1', 'slot/2', 'slot/3', 'slot/4']) {
      await openScreen(opened, screen);
      await opened.waitForLoadState('networkidle');
      await look(screen);
    }
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

  async function asAdmin(opened, look) {
    await signIn(opened, 'admin');
    await openScreen(opened, 'people');
    await opened.getByRole('button', { name: 'Add somebody' }).click();
    await opened.getByRole('dialog').waitFor();
    await look('add somebody');
    await opened.keyboard.press('Escape');
    await look('people');
  }

  /** A verdict of each kind in its slot. */
  async function judgeAll() {
    const wanted = ['PASS', 'FAIL', 'INDETERMINATE', 'ERROR'].map((verdict) => [verdict, pens[verdict]]);
    const has = await here.station.slots();
    const missing = wanted.filter(([verdict, { slot }]) => has.find(({ name }) => name === slot).verdict !== verdict);
    if (missing.length === 0) return;
    const opened = await newPage(here);
    await signIn(opened, 'operator');
    for (const [, pen] of missing) await startPen(opened, pen);
    for (const [verdict, { slot }] of missing) await verdictOf(opened, slot, { INDETERMINATE: 'NOT DECIDED' }[verdict] ?? verdict);
    await opened.context().close();
  }

  for (const colorScheme of ['light', 'dark']) {
    test(`no screen breaks a rule that axe knows, ${colorScheme}`, async () => {
      await judgeAll();
      const broken = [];
      const opened = await newPage(here, { colorScheme });
      const look = (page) => async (screen) => broken.push(...(await brokenRules(page)).map((rule) => `${screen}: ${rule}`));
      await atEachScreen(opened, look(opened));
      const admin = await newPage(here, { colorScheme });
      await asAdmin(admin, look(admin));
      assert.deepEqual(broken, []);
      assert.deepEqual([...opened.complaints, ...admin.complaints], []);
    });
  }

  for (const [width, height] of kSizes) {
    test(`nothing is cut off, too small or too wide at ${width} x ${height}`, async () => {
      await judgeAll();
      const faults = [];
      const viewport = { width, height };
      const opened = await newPage(here, { viewport });
      // Where slots stand beside each other, all of the bench and all of a slot is seen at once.
      const whole = (screen) => width > 900 && /^(station|slot|run|sign-in|aborted)/.test(screen);
      const look = (page) => async (screen) => faults.push(...(await layoutFaults(page, whole(screen))).map((fault) => `${screen}: ${fault}`));
      await atEachScreen(opened, look(opened));
      const admin = await newPage(here, { viewport });
      await asAdmin(admin, look(admin));
      assert.deepEqual(faults, []);
    });
  }

  test('the e-stop is read by everybody', { skip: estopCommand ? false : 'PENRIG_STATION_ESTOP presses none' }, async () => {
    const opened = await newPage(here);
    await signIn(opened, 'operator');
    await startPen(opened, pens.slow);
    await slotOf(opened, pens.slow.slot).locator('.time').waitFor();
    here.station.estop();
    await opened.getByRole('heading', { name: 'E-stop is pressed' }).waitFor();
    try {
      assert.deepEqual(await brokenRules(opened), []);
      assert.deepEqual(await layoutFaults(opened, true), []);
    } finally {
      here.station.estop('release');
    }
    await opened.getByRole('heading', { name: 'E-stop is pressed' }).waitFor({ state: 'detached' });
  });

  test('the keyboard alone is enough, from sign-in to the papers', async () => {
    const opened = await newPage(here);
    const { keyboard } = opened;
    const type = (text) => keyboard.type(text, { delay: 70 }); // as a hand does: a burst is the scanner
    const focused = (what) => opened.waitForFunction((wanted) => document.activeElement?.matches(wanted), what);
    const tabTo = async (what) => {
      for (let i = 0; i < 60; ++i) {
        if (await opened.evaluate((wanted) => document.activeElement?.matches(wanted), what)) return;
        await keyboard.press('Tab');
      }
      assert.fail(`Tab does not lead to ${what}`);
    };
    await opened.getByRole('heading', { name: 'Scan your badge' }).waitFor();
    await tabTo('input[name="name"]');
    await type(people.technician.name);
    await keyboard.press('Tab');
    await type(people.technician.password);
    await keyboard.press('Enter');
    await opened.getByRole('navigation', { name: 'Screens' }).waitFor();
    // A label by hand, for the slot whose number was pressed; where a verdict stands, by its screen.
    await keyboard.press(pens.PASS.slot);
    await opened.getByRole('dialog').or(opened.locator('.verdict')).first().waitFor();
    if (await opened.locator('.verdict').count()) {
      await tabTo('.btns button:last-child');
      await keyboard.press('Enter');
    }
    await focused('.dialog input');
    await type(pens.PASS.serial);
    await keyboard.press('Enter');
    await opened.getByRole('heading', { name: `Press start for slot ${pens.PASS.slot}` }).waitFor();
    await keyboard.press(pens.PASS.slot);
    await verdictOf(opened, pens.PASS.slot, 'PASS').catch(() => {}); // on the bench, or on its own screen
    if (!(await opened.locator('.verdict').count())) await keyboard.press(pens.PASS.slot);
    await opened.locator('.flag .word', { hasText: 'PASS' }).waitFor();
    for (const key of ['c', 'r']) {
      const [paper] = await Promise.all([opened.context().waitForEvent('page'), keyboard.press(key)]);
      await paper.close();
    }
    await keyboard.press('s');
    await opened.getByRole('dialog').waitFor();
    await keyboard.press('Escape');
    await opened.getByRole('dialog').waitFor({ state: 'detached' });
    await keyboard.press('Escape');
    await opened.locator('main.station').waitFor();
    await keyboard.press('ArrowRight');
    await focused('article.slot');
    // Enter answers nothing: it is the end of a scan, or of what has the focus.
    await keyboard.press('Enter');
    await opened.locator('main.station').waitFor();
    await tabTo('nav a[href="#/history"]').catch(async () => assert.fail('no way to the screens'));
    await keyboard.press('Enter');
    await opened.getByRole('heading', { name: 'History' }).waitFor();
  });
});
