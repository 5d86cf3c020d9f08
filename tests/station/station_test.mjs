// The station from a person's side, in Chromium: node --test tests/station/station_test.mjs (see bench.mjs).
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { axePath, command, estopCommand, newPage, openBrowser, pens, scan, signIn, slotOf, startPen, Station, until, verdictOf } from './bench.mjs';

const kWords = { PASS: 'PASS', FAIL: 'FAIL', INDETERMINATE: 'NOT DECIDED', ERROR: 'ERROR' };
const kPort = Number(process.env.PORT ?? 18480);

describe('station', { skip: command ? false : 'PENRIG_STATION_COMMAND starts none' }, () => {
  let station, browser;
  before(async () => {
    station = new Station(kPort);
    await station.start();
    await station.addPeople();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await station?.end();
  });

  // A test that failed leaves its pages open.
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  async function page(role) {
    const opened = await newPage(browser, station);
    if (role) await signIn(opened, role);
    return opened;
  }

  /** Leaves nothing behind for the next test. */
  async function close(opened) {
    assert.deepEqual(opened.complaints, []);
    await opened.context().close();
  }

  async function idle(slot) {
    await station.ask('technician', 'DELETE', `/api/slots/${slot}/run`);
    await until(`slot ${slot} is free`, async () => {
      const { slots } = await (await station.ask('technician', 'GET', '/api/slots')).json();
      return !['running', 'checking'].includes(slots.find((one) => one.name === slot).state);
    });
  }

  test('the whole way from sign-in to certificate', async () => {
    const opened = await page('operator');
    await startPen(opened, pens.PASS);
    await verdictOf(opened, pens.PASS.slot, 'PASS');
    await opened.keyboard.press(pens.PASS.slot);
    await opened.locator('.flag .word', { hasText: 'PASS' }).waitFor();
    await opened.getByText('Put it in the tray.').waitFor();
    const [certificate] = await Promise.all([opened.context().waitForEvent('page'), opened.getByRole('link', { name: /Certificate/ }).click()]);
    const href = await opened.getByRole('link', { name: /Certificate/ }).getAttribute('href');
    const answer = await opened.request.get(station.url + href);
    assert.equal(answer.headers()['content-type'], 'application/pdf');
    assert.equal((await answer.body()).subarray(0, 5).toString(), '%PDF-');
    await certificate.close();
    await close(opened);
  });

  for (const [verdict, word] of Object.entries(kWords)) {
    test(`${verdict} in colour, word, shape and sentence`, async () => {
      const opened = await page('operator');
      const pen = pens[verdict];
      await startPen(opened, pen);
      await verdictOf(opened, pen.slot, word);
      await opened.keyboard.press(pen.slot);
      await opened.locator('.flag .word', { hasText: word }).waitFor();
      assert.equal(await opened.locator('.flag .icon').count(), 1);
      assert.ok((await opened.locator('.after h2').first().innerText()).length > 3);
      // It stays: over a reload, and on the bench.
      await opened.reload();
      await opened.locator('.flag .word', { hasText: word }).waitFor();
      await close(opened);
    });
  }

  test('a stopped run is ABORTED, and says by whom', async () => {
    const opened = await page('operator');
    await startPen(opened, pens.slow);
    await opened.keyboard.press(pens.slow.slot);
    await opened.locator('main.run').waitFor();
    await opened.keyboard.press('Escape');
    await opened.locator('.flag .word', { hasText: 'ABORTED' }).waitFor();
    assert.match(await opened.locator('.reaches').innerText(), /o\.tester/);
    await close(opened);
  });

  test('a scan while another slot runs is for a free one', async () => {
    const opened = await page('operator');
    await startPen(opened, pens.slow);
    await slotOf(opened, pens.slow.slot).locator('.time').waitFor();
    await scan(opened, pens.PASS.serial.replace(/.$/, '8'));
    await opened.getByRole('heading', { name: /^Press start for slot/ }).waitFor();
    assert.equal(await slotOf(opened, pens.slow.slot).locator('.time').count(), 1);
    await idle(pens.slow.slot);
    await close(opened);
  });

  test('a pen that runs is not started a second time', async () => {
    const opened = await page('operator');
    await startPen(opened, pens.slow);
    await slotOf(opened, pens.slow.slot).locator('.time').waitFor();
    await scan(opened, pens.slow.serial);
    await opened.getByRole('heading', { name: /^Wrong label/ }).waitFor();
    assert.match(await opened.locator('.now p').innerText(), new RegExp(pens.slow.serial));
    await idle(pens.slow.slot);
    await close(opened);
  });

  test('a wrong label is refused with what was read, and nothing starts', async () => {
    const opened = await page('operator');
    await scan(opened, 'HOME-0042');
    await opened.getByRole('heading', { name: /^Wrong label for slot/ }).waitFor();
    assert.match(await opened.locator('.now p').innerText(), /HOME-0042/);
    assert.equal(await opened.locator('.zone.live').count(), 0);
    assert.equal(await opened.getByRole('button', { name: /^Start/ }).count(), 0);
    await close(opened);
  });

  test('a scan into a field is taken out of it again, and is a scan', async () => {
    const opened = await page('operator');
    await opened.goto(`${station.url}/#/history`);
    await opened.getByLabel('Serial number').click();
    // Trusted keys, which do type into the field.
    await Promise.all([...pens.PASS.serial, 'Enter'].map((key) => opened.keyboard.press(key)));
    await opened.getByRole('heading', { name: /^Press start for slot/ }).waitFor();
    await opened.goto(`${station.url}/#/history`);
    assert.equal(await opened.getByLabel('Serial number').inputValue(), '');
    await close(opened);
  });

  test('a reload in mid-run comes back to the run; a closed page does not stop it', async () => {
    const opened = await page('operator');
    await startPen(opened, pens.slow);
    await opened.keyboard.press(pens.slow.slot);
    await opened.locator('main.run').waitFor();
    await opened.reload();
    await opened.locator('main.run').waitFor();
    await opened.getByText(pens.slow.serial).first().waitFor();
    await close(opened);
    const { slots } = await (await station.ask('technician', 'GET', '/api/slots')).json();
    assert.equal(slots.find((slot) => slot.name === pens.slow.slot).state, 'running');
    await idle(pens.slow.slot);
  });

  test('two browsers see the same', async () => {
    const one = await page('operator'), two = await page('technician');
    await startPen(one, pens.slow);
    await slotOf(two, pens.slow.slot).locator('.time').waitFor();
    await two.keyboard.press(pens.slow.slot);
    await two.locator('main.run').waitFor();
    await two.keyboard.press('Escape');
    await verdictOf(one, pens.slow.slot, 'ABORTED');
    await close(one);
    await close(two);
  });

  test('each role sees its screens, and no other', async () => {
    const screens = {
      operator: ['Station', 'Today', 'History', 'Maintenance'],
      technician: ['Station', 'Today', 'History', 'Maintenance'],
      qa: ['Station', 'Today', 'History', 'Maintenance', 'Audit trail'],
      admin: ['Station', 'Today', 'History', 'Maintenance', 'Audit trail', 'People'],
    };
    for (const [role, expected] of Object.entries(screens)) {
      const opened = await page(role);
      assert.deepEqual(await opened.getByRole('navigation', { name: 'Screens' }).getByRole('link').allInnerTexts(), expected, role);
      // Its address does not open a screen either.
      await opened.goto(`${station.url}/#/people`);
      assert.equal(await opened.getByRole('heading', { name: 'People' }).count(), role === 'admin' ? 1 : 0, role);
      await close(opened);
    }
  });

  test('an admin starts nothing', async () => {
    const opened = await page('admin');
    await scan(opened, pens.PASS.serial);
    await opened.getByText('An admin judges no pens.').waitFor();
    await close(opened);
  });

  test('a wrong password is said, and nobody is signed in', async () => {
    const opened = await page(null);
    await opened.getByLabel('User name', { exact: true }).fill('nobody');
    await opened.getByLabel('Password', { exact: true }).fill('wrong-password');
    await opened.getByRole('button', { name: 'Sign in' }).click();
    await opened.getByText('do not fit').waitFor();
    assert.equal(await opened.getByRole('navigation', { name: 'Screens' }).count(), 0);
    await close(opened);
  });

  test('no screen breaks a rule that axe knows, light or dark', async () => {
    for (const colorScheme of ['light', 'dark']) {
      const opened = await newPage(browser, station, { colorScheme, bypassCSP: true });
      await signIn(opened, 'qa');
      for (const screen of ['station', 'today', 'history', 'maintenance', 'trail', 'slot/1', 'slot/2', 'slot/3', 'slot/4']) {
        await opened.goto(`${station.url}/#/${screen}`);
        await opened.locator('main').waitFor();
        await opened.addScriptTag({ path: axePath });
        const found = await opened.evaluate(() => globalThis.axe.run());
        assert.deepEqual(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], `${screen}, ${colorScheme}`);
      }
      await close(opened);
    }
  });

  test('the e-stop takes the line for the hand on every screen', { skip: estopCommand ? false : 'PENRIG_STATION_ESTOP presses none' }, async () => {
    const opened = await page('operator');
    await startPen(opened, pens.slow);
    await slotOf(opened, pens.slow.slot).locator('.time').waitFor();
    station.estop();
    await opened.getByRole('heading', { name: 'E-stop is pressed' }).waitFor();
    await verdictOf(opened, pens.slow.slot, /ABORTED|ERROR/);
    for (const screen of ['today', 'history', `slot/${pens.slow.slot}`]) {
      await opened.goto(`${station.url}/#/${screen}`);
      await opened.getByRole('heading', { name: 'E-stop is pressed' }).waitFor();
    }
    station.estop('release');
    await opened.getByRole('heading', { name: 'E-stop is pressed' }).waitFor({ state: 'detached' });
    await close(opened);
  });

  test('a station that dies in mid-run says INTERRUPTED when it is back', async () => {
    const opened = await page('operator');
    await startPen(opened, pens.slow);
    await slotOf(opened, pens.slow.slot).locator('.time').waitFor();
    await station.kill();
    await opened.getByText(/^No word from the rig since/).waitFor();
    await station.start();
    // Who was signed in is not known to the new one.
    await signIn(opened, 'operator');
    await verdictOf(opened, pens.slow.slot, 'INTERRUPTED', 30000);
    await close(opened);
  });
});
