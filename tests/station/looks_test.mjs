// Every screen of the station for every person: WCAG 2.2 AA, nothing cut off at any size, keyboard alone.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { atAStation, command, estopCommand, newPage, people, pens, signIn, slotOf, startPen, verdictOf } from './bench.mjs';
import { brokenRules, kSizes, layoutFaults } from './looks.mjs';
import { asAdmin, atEachScreen, judgeAll } from './screens.mjs';

const kPort = Number(process.env.PORT ?? 18480) + 1;

describe('looks', { skip: command ? false : 'PENRIG_STATION_COMMAND starts none' }, () => {
  const here = atAStation({ before, after, afterEach }, kPort);

  for (const colorScheme of ['light', 'dark']) {
    test(`no screen breaks a rule that axe knows, ${colorScheme}`, async () => {
      await judgeAll(here);
      const broken = [];
      const opened = await newPage(here, { colorScheme });
      const look = (page) => async (screen) => broken.push(...(await brokenRules(page)).map((rule) => `${screen}: ${rule}`));
      await atEachScreen(here, opened, look(opened));
      const admin = await newPage(here, { colorScheme });
      await asAdmin(admin, look(admin));
      assert.deepEqual(broken, []);
      assert.deepEqual([...opened.complaints, ...admin.complaints], []);
    });
  }

  for (const [width, height] of kSizes) {
    test(`nothing is cut off, too small or too wide at ${width} x ${height}`, async () => {
      await judgeAll(here);
      const faults = [];
      const viewport = { width, height };
      const opened = await newPage(here, { viewport });
      // Where slots stand beside each other, all of the bench and all of a slot is seen at once.
      const whole = (screen) => width > 900 && /^(station|slot|run|sign-in|aborted)/.test(screen);
      const look = (page) => async (screen) => faults.push(...(await layoutFaults(page, whole(screen))).map((fault) => `${screen}: ${fault}`));
      await atEachScreen(here, opened, look(opened));
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
    // On the bench, or on its own screen.
    const onScreen = opened.locator('.flag .word'), onBench = slotOf(opened, pens.PASS.slot).locator('.zone .word', { hasText: 'PASS' });
    await onScreen.or(onBench).first().waitFor({ timeout: 120000 });
    if (await onBench.count()) await keyboard.press(pens.PASS.slot);
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
