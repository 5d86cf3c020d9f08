// The station from a person's side, in Chromium: node --test tests/station/station_test.mjs (see bench.mjs).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, afterEach, before, describe, test } from 'node:test';
import { atAStation, command, estopCommand, newPage, openScreen, people, pens, scan, scanByKeys, signIn, slotOf, startPen, until, verdictOf } from './bench.mjs';
import { brokenRules, layoutFaults } from './looks.mjs';

const kWords = { PASS: 'PASS', FAIL: 'FAIL', INDETERMINATE: 'NOT DECIDED', ERROR: 'ERROR' };
const has = (program) => spawnSync(program, ['--help']).error === undefined;
const kPort = Number(process.env.PORT ?? 18480);

describe('station', { skip: command ? false : 'PENRIG_STATION_COMMAND starts none' }, () => {
  const here = atAStation({ before, after, afterEach }, kPort);

  async function page(role, more) {
    const opened = await newPage(here, more);
    if (role) await signIn(opened, role);
    return opened;
  }

  /** What the browser complained of fails the test. */
  async function close(opened) {
    assert.deepEqual(opened.complaints, []);
    await opened.context().close();
  }

  const runs = async (slot) => (await here.station.slot(slot)).state === 'running';

  test('the whole way from sign-in to certificate', async () => {
    const opened = await page('operator');
    await startPen(opened, pens.PASS);
    await verdictOf(opened, pens.PASS.slot, 'PASS');
    await opened.keyboard.press(pens.PASS.slot);
    await opened.locator('.flag .word', { hasText: 'PASS' }).waitFor();
    await opened.getByText('Put it in the tray.').waitFor();
    const papers = {};
    for (const name of ['Certificate', 'Report']) {
      const link = opened.getByRole('link', { name: new RegExp(`^${name}`) });
      const [paper] = await Promise.all([opened.context().waitForEvent('page'), link.click()]);
      papers[name] = await opened.request.get(here.station.url + (await link.getAttribute('href')));
      await paper.close();
    }
    assert.equal(papers.Certificate.headers()['content-type'], 'application/pdf');
    assert.equal((await papers.Certificate.body()).subarray(0, 5).toString(), '%PDF-');
    assert.match(papers.Report.headers()['content-type'], /^text\/html/);
    assert.match(await papers.Report.text(), new RegExp(pens.PASS.serial));
    await close(opened);
  });

  for (const [verdict, word] of Object.entries(kWords)) {
    test(`${verdict} in colour, word, shape and sentence`, async () => {
      const opened = await page('operator');
      const pen = pens[verdict];
      await startPen(opened, pen);
      await verdictOf(opened, pen.slot, word);
      assert.equal((await here.station.slot(pen.slot)).verdict, verdict);
      // Another pen than the one that was scanned is no link that is lost.
      const { rig } = await (await here.station.ask('technician', 'GET', '/api/slots')).json();
      assert.deepEqual(rig.links.filter(({ slot, up }) => slot === pen.slot && !up), []);
      await opened.keyboard.press(pen.slot);
      await opened.locator('.flag .word', { hasText: word }).waitFor();
      assert.equal(await opened.locator('.flag .icon').count(), 1);
      const colour = await opened.locator('.flag').evaluate((flag) => getComputedStyle(flag).backgroundColor);
      const expected = { PASS: 'rgb(0, 114, 178)', FAIL: 'rgb(213, 94, 0)' };
      if (expected[verdict]) assert.equal(colour, expected[verdict]);
      else assert.ok(!Object.values(expected).includes(colour), colour);
      assert.ok((await opened.locator('.after h2').first().innerText()).length > 3);
      // It stays: over a reload, and on the bench.
      await opened.reload();
      await opened.locator('.flag .word', { hasText: word }).waitFor();
      await openScreen(opened, 'station');
      await verdictOf(opened, pen.slot, word, 5000);
      await close(opened);
    });
  }

  test('a slot that could not judge is looked at, and is free again', async () => {
    const opened = await page('operator');
    if ((await here.station.slot(pens.ERROR.slot)).verdict !== 'ERROR') {
      await startPen(opened, pens.ERROR);
      await verdictOf(opened, pens.ERROR.slot, 'ERROR');
    }
    await slotOf(opened, pens.ERROR.slot).getByRole('button', { name: /^Check slot/ }).click();
    await until('it is free', async () => (await here.station.slot(pens.ERROR.slot)).state === 'idle', 20000);
    await slotOf(opened, pens.ERROR.slot).locator('.zone .word', { hasText: /SCAN|FREE/ }).waitFor();
    await close(opened);
  });

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
    await scan(opened, pens.slow.serial.replace(/.$/, '8'));
    const line = opened.getByRole('heading', { name: /^Press start for slot/ });
    await line.waitFor();
    assert.ok(!(await line.innerText()).endsWith(pens.slow.slot));
    assert.equal(await slotOf(opened, pens.slow.slot).locator('.time').count(), 1);
    await close(opened);
  });

  test('a label that waits, waits for every browser, and is taken back by any', async () => {
    const one = await page('operator'), two = await page('technician');
    await scan(one, pens.PASS.serial);
    const line = { name: /^Press start for slot/ };
    for (const opened of [one, two]) await opened.getByRole('heading', line).waitFor();
    // Scanned a second time it stays where it is.
    await scan(two, pens.PASS.serial);
    await two.getByRole('button', { name: 'Take the label back' }).click();
    await one.getByRole('heading', line).waitFor({ state: 'detached' });
    assert.ok((await here.station.slots()).every(({ state }) => state !== 'ready'));
    await close(one);
    await close(two);
  });

  test('a pen that runs is not started a second time', async () => {
    const opened = await page('operator');
    await startPen(opened, pens.slow);
    await slotOf(opened, pens.slow.slot).locator('.time').waitFor();
    await scan(opened, pens.slow.serial);
    await opened.getByRole('heading', { name: /^Wrong label/ }).waitFor();
    assert.match(await opened.locator('.now p').innerText(), new RegExp(pens.slow.serial));
    await close(opened);
  });

  test('a wrong label is refused with what was read and what was expected, and nothing starts', async () => {
    const opened = await page('operator');
    for (const label of ['HOME-0042', '(01)04012345000122(21)HOME-0042']) {
      await scan(opened, label);
      await opened.getByRole('heading', { name: /^Wrong label for slot/ }).waitFor();
      assert.match(await opened.locator('.now p').innerText(), /HOME-0042.*PRO-.*Nothing was started/);
      await opened.getByRole('button', { name: 'Close' }).click();
    }
    assert.equal(await opened.locator('.zone.live').count(), 0);
    assert.equal(await opened.getByRole('button', { name: /^Start/ }).count(), 0);
    await close(opened);
  });

  test('a scan into a field is taken out of it again, and is a scan', async () => {
    const opened = await page('operator');
    await openScreen(opened, 'history');
    await opened.getByLabel('Serial number').click();
    // Trusted keys, which do type into the field.
    await scanByKeys(opened, pens.PASS.serial);
    await opened.getByRole('heading', { name: /^Press start for slot/ }).waitFor();
    await openScreen(opened, 'history');
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
    assert.ok(await runs(pens.slow.slot));
  });

  test('two browsers see the same', async () => {
    const one = await page('operator'), two = await page('technician');
    await startPen(one, pens.slow);
    await slotOf(two, pens.slow.slot).locator('.time').waitFor();
    await two.keyboard.press(pens.slow.slot);
    await two.locator('main.run').waitFor();
    await two.keyboard.press('Escape');
    await verdictOf(one, pens.slow.slot, 'ABORTED');
    assert.match(await slotOf(one, pens.slow.slot).innerText(), /t\.tester/);
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
      for (const screen of expected) {
        const link = opened.getByRole('link', { name: screen, exact: true });
        await link.click();
        await link.and(opened.locator('[aria-current="page"]')).waitFor();
      }
      // Its address does not open a screen either.
      await openScreen(opened, 'people');
      assert.equal(await opened.getByRole('heading', { name: 'People' }).count(), role === 'admin' ? 1 : 0, role);
      await close(opened);
    }
  });

  test('each role that may, scans and starts; an admin starts nothing, and stops what runs', async () => {
    for (const role of ['operator', 'technician', 'qa']) {
      const opened = await page(role);
      await startPen(opened, pens.slow);
      await slotOf(opened, pens.slow.slot).locator('.time').waitFor();
      await close(opened);
      await here.station.clear();
    }
    const admin = await page('admin');
    await scan(admin, pens.PASS.serial);
    await admin.getByText('An admin judges no pens.').waitFor();
    assert.ok((await here.station.slots()).every(({ state }) => state !== 'ready'));
    assert.equal(await admin.getByText('Scan the label.').count(), 0, 'steps are for those who run');
    // A label that somebody else scanned is not the admin's to start.
    await here.station.ask('technician', 'PUT', `/api/slots/${pens.slow.slot}/label`, { plan: pens.slow.plan, label: pens.slow.serial });
    await slotOf(admin, pens.slow.slot).locator('.zone.ready').waitFor();
    assert.equal(await admin.getByRole('button', { name: /^Start/ }).count(), 0);
    assert.equal(await admin.getByText('Press Start here').count(), 0, 'nobody is told what is not theirs to do');
    await admin.keyboard.press(pens.slow.slot);
    await admin.locator('main.waiting').waitFor();
    assert.equal((await here.station.slot(pens.slow.slot)).state, 'ready');
    await here.station.ask('technician', 'POST', `/api/slots/${pens.slow.slot}/run`, {});
    await admin.locator('main.run').waitFor();
    await admin.keyboard.press('Escape');
    await admin.locator('.flag .word', { hasText: 'ABORTED' }).waitFor();
    await close(admin);
  });

  test('a person is added, changes nothing of the others, and can sign in', async () => {
    const admin = await page('admin');
    await openScreen(admin, 'people');
    await admin.getByRole('button', { name: 'Add somebody' }).click();
    await admin.getByLabel('User name').fill('n.new');
    await admin.getByLabel('Role').selectOption('technician');
    await admin.getByLabel(/^Password/).fill('a-new-password');
    await admin.getByRole('button', { name: 'Save' }).click();
    await admin.getByRole('cell', { name: 'n.new', exact: true }).waitFor();
    await openScreen(admin, 'trail');
    await admin.getByRole('cell', { name: 'person added', exact: true }).first().waitFor();
    await close(admin);
    const opened = await newPage(here);
    people.new = { name: 'n.new', password: 'a-new-password' };
    await signIn(opened, 'new');
    await close(opened);
  });

  test('its metrics are what Prometheus takes', { skip: has('promtool') ? false : 'there is no promtool (package prometheus)' }, async () => {
    const metrics = await (await fetch(`${here.station.url}/metrics`)).text();
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' });
    assert.deepEqual([checked.status, checked.stdout + checked.stderr], [0, '']);
  });

  test('it listens on this computer alone', { skip: has('ss') ? false : 'there is no ss (package iproute2)' }, () => {
    const { stdout } = spawnSync('ss', ['-Hltunp'], { encoding: 'utf8' });
    const listens = stdout.split('\n').filter((line) => line.includes(`pid=${here.station.process.pid},`)).map((line) => line.split(/\s+/)[4]);
    assert.deepEqual(listens, [`127.0.0.1:${kPort}`]);
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

  test('a run that asks stands until it is answered, by keys and by hand; Enter answers nothing', async () => {
    const opened = await page('operator');
    const slot = pens.PASS.slot;
    await openScreen(opened, 'station');
    await here.station.ask('operator', 'PUT', `/api/slots/${slot}/label`, { plan: 'inspect-pro', label: pens.PASS.serial });
    await slotOf(opened, slot).getByRole('button', { name: /^Start/ }).click();
    await opened.getByRole('heading', { name: `Answer slot ${slot}` }).waitFor({ timeout: 60000 });
    await slotOf(opened, slot).locator('.zone .word', { hasText: 'ASKS' }).waitFor();
    await opened.keyboard.press(slot);
    const asked = async (title, answer) => {
      await opened.getByRole('dialog', { name: title }).waitFor();
      await opened.locator('.dialog:not([aria-busy])').waitFor(); // nobody has read it sooner
      await answer();
      await opened.getByRole('dialog', { name: title }).waitFor({ state: 'detached' });
    };
    await asked('Clean the cartridge\'s face with a dry swab', () => opened.keyboard.press('y'));
    await asked('Are all needles straight and clean?', async () => {
      await opened.keyboard.press('Enter');
      const pictures = opened.locator('.ask img');
      assert.equal(await pictures.count(), 2);
      for (const picture of await pictures.all()) await until('its picture is there', () => picture.evaluate((img) => img.naturalWidth > 0));
      assert.deepEqual([...(await brokenRules(opened)), ...(await layoutFaults(opened, true))], []);
      await opened.getByRole('dialog').waitFor();
      await opened.keyboard.press('y');
    });
    await asked('What does the seal look like?', () => opened.keyboard.press('1'));
    await asked('How wide is the seal?', async () => {
      await opened.getByLabel('Value in mm').fill('2,2');
      await opened.getByRole('button', { name: 'Enter it' }).click();
    });
    await asked('What does the hygrometer show?', async () => {
      await opened.getByLabel('Value in %').fill('45');
      await opened.getByRole('button', { name: 'Enter it' }).click();
    });
    await opened.locator('.flag .word', { hasText: 'PASS' }).waitFor({ timeout: 60000 });
    await close(opened);
  });

  test('a measurement is held against its control limits', async () => {
    const opened = await page('qa');
    await openScreen(opened, 'today');
    await opened.getByLabel('Shown as').selectOption('Control chart');
    await opened.getByLabel('Quantity').selectOption('Stroke rate');
    await opened.getByText(/Limits frozen by the first 25 points/).waitFor();
    const drawn = opened.getByRole('img', { name: /^Single runs of Stroke rate: [0-9]+ points, [0-9]+ signals$/ });
    await until('it is drawn', () => drawn.locator('canvas').count());
    assert.equal(await opened.getByRole('img', { name: /^Moving range of/ }).count(), 1);
    assert.deepEqual([...(await brokenRules(opened)), ...(await layoutFaults(opened, true))], []);
    await opened.getByLabel('A point is').selectOption('4 runs in a row');
    // 30 runs and those of this test are fewer than 25 points of four.
    await opened.getByText(/^(In control|Out of control|Not known to be in control|No chart)/).waitFor();
    await opened.getByLabel('A point is').selectOption('each run');
    await opened.locator('.trend').getByRole('button', { name: 'Table' }).click();
    await opened.getByRole('columnheader', { name: 'Signal' }).waitFor();
    assert.ok((await opened.getByRole('row', { name: /^PRO-00090/ }).count()) >= 20);
    assert.deepEqual(await brokenRules(opened), []);
    await close(opened);
  });

  test('the e-stop takes the line for the hand on every screen', { skip: estopCommand ? false : 'PENRIG_STATION_ESTOP presses none' }, async () => {
    const opened = await page('operator');
    await startPen(opened, pens.slow);
    await slotOf(opened, pens.slow.slot).locator('.time').waitFor();
    here.station.estop();
    await opened.getByRole('heading', { name: 'E-stop is pressed' }).waitFor();
    await verdictOf(opened, pens.slow.slot, /ABORTED|ERROR/);
    for (const screen of ['today', 'history', 'maintenance', `slot/${pens.slow.slot}`]) {
      await openScreen(opened, screen);
      await opened.getByRole('heading', { name: 'E-stop is pressed' }).waitFor();
    }
    here.station.estop('release');
    await opened.getByRole('heading', { name: 'E-stop is pressed' }).waitFor({ state: 'detached' });
    await close(opened);
  });

  test('a station that dies in mid-run says INTERRUPTED when it is back', async () => {
    const opened = await page('operator');
    await startPen(opened, pens.slow);
    await slotOf(opened, pens.slow.slot).locator('.time').waitFor();
    await here.station.kill();
    await opened.getByText(/^No word from the rig since/).waitFor();
    await here.station.start();
    // Who was signed in is not known to the new one.
    await signIn(opened, 'operator');
    await verdictOf(opened, pens.slow.slot, 'INTERRUPTED', 30000);
    await opened.keyboard.press(pens.slow.slot);
    await opened.locator('.flag .word', { hasText: 'INTERRUPTED' }).waitFor();
    await openScreen(opened, 'history');
    await opened.getByRole('row', { name: new RegExp(`INTERRUPTED.*${pens.slow.serial}`) }).first().waitFor();
    // The slot judges again once it was looked at.
    await openScreen(opened, 'station');
    await slotOf(opened, pens.slow.slot).getByRole('button', { name: /^Check slot/ }).click();
    await until('it is free', async () => (await here.station.slot(pens.slow.slot)).state === 'idle', 20000);
    await startPen(opened, pens.PASS);
    await verdictOf(opened, pens.PASS.slot, 'PASS');
    await close(opened);
  });
});
