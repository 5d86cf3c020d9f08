// What the page makes of what a station says, in Chromium, without a rig: node --test tests/station/page_test.mjs
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { openBrowser, openScreen, scan, slotOf, until } from './bench.mjs';
import { ended, FakeStation, idle, ready, record, running } from './fake_station.mjs';

const kChromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
const kDoor = { name: 'door', slot: '1', kind: 'door', ok: false, since_utc: '2026-01-01T08:00:00Z' };
const refusedAs = (code, message = '') => ({ error: { code, message } });

describe('page', { skip: existsSync(kChromium) ? false : 'CHROMIUM is none' }, () => {
  let browser = null;
  before(async () => { browser = await openBrowser(); });
  after(() => browser?.close());
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  /** The cable is pulled: nothing comes, and what the page tries to open stays as it is. */
  async function cut(station, page) {
    station.reachable = false;
    await page.clock.fastForward(5100);
    await until('the page connects again', () => station.sockets.length > 1);
    await page.clock.fastForward(1100);
  }

  test('a connection that falls silent is said, and is made again; a station with nothing to tell is not silent', async () => {
    const station = new FakeStation([ended('1', 'PASS')]);
    const page = await station.open(browser);
    const silence = page.getByRole('heading', { name: /^No word from the rig since/ });
    await slotOf(page, '1').locator('.word', { hasText: 'PASS' }).waitFor();
    for (let i = 0; i < 3; ++i) {
      await page.clock.fastForward(4000);
      station.tell({ type: 'alive' });
    }
    assert.equal(station.sockets.length, 1);
    assert.equal(await silence.count(), 0);
    await cut(station, page);
    await silence.waitFor();
    station.reachable = true;
    await page.clock.fastForward(10000);
    await silence.waitFor({ state: 'detached' });
  });

  test('an open door names its slot, and says nothing of others; silence is said before it', async () => {
    const station = new FakeStation([ended('1', 'ABORTED'), running('2')]);
    station.rig.interlocks = [kDoor];
    const page = await station.open(browser);
    await page.getByRole('heading', { name: 'The door is open' }).waitFor();
    const said = await page.locator('.alarm').innerText();
    assert.match(said, /stops the pen in slot 1\. Other slots may run\./);
    assert.doesNotMatch(said, /All pens|not known/);
    station.change(ended('1', 'ABORTED', { safe_state_confirmed: false }));
    await page.getByText('Whether the pen in slot 1 stands still is not known.').waitFor();
    await cut(station, page);
    await page.getByRole('heading', { name: /^No word from the rig since/ }).waitFor();
    assert.match(await page.locator('.alarm').innerText(), /The door of slot 1 was open at/);
    assert.equal(await page.getByRole('heading', { name: 'The door is open' }).count(), 0);
  });

  test('a run that is declared void is no PASS any more, on the bench and on its own screen', async () => {
    const station = new FakeStation([ended('1', 'PASS'), idle('2')]);
    const page = await station.open(browser);
    await slotOf(page, '1').locator('.word', { hasText: 'PASS' }).waitFor();
    const asked = station.countOf('GET', '/api/slots');
    await page.clock.fastForward(15100);
    await until('the page asks what is void', () => station.countOf('GET', '/api/slots') > asked);
    station.change(ended('1', 'PASS', { void: true }));
    await slotOf(page, '1').locator('.zone.void .word', { hasText: 'VOID' }).waitFor();
    await slotOf(page, '1').getByText('Declared void').waitFor();
    assert.equal(await page.locator('.zone.pass').count(), 0);
    await openScreen(page, 'slot/1');
    await page.getByText('Its verdict was PASS, and does not count.').waitFor();
    assert.equal(await page.getByText('Put it in the tray.').count(), 0);
    assert.equal(await page.getByRole('link', { name: /^Certificate/ }).count(), 0);
  });

  for (const count of [1, 8, 16]) {
    test(`"certifies nothing" stands at every verdict of a bench of ${count}`, async () => {
      const names = Array.from({ length: count }, (_, i) => String(i + 1));
      const station = new FakeStation(names.map((name) => ended(name, 'PASS', { void_as_certificate: 'SIMULATED' })));
      for (const name of names) station.answers[`GET /api/runs/R-00000${name}`] = [500, refusedAs('io')];
      const page = await station.open(browser);
      for (const name of names) await slotOf(page, name).getByText('Simulated: certifies nothing.').waitFor();
      await openScreen(page, 'slot/1');
      await page.locator('.verdict').getByText('Simulated: certifies nothing.').waitFor();
    });
  }

  test('a record that could not be read is asked for again', async () => {
    const station = new FakeStation([ended('1', 'PASS', { void_as_certificate: undefined })]);
    let tries = 0;
    station.answers['GET /api/runs/R-000001'] = () => (++tries === 1 ? [500, refusedAs('io')] : [200, { ...record('R-000001'), void_as_certificate: 'ENGINEERING' }]);
    const page = await station.open(browser, 'slot/1');
    await page.getByText('Reading the record').first().waitFor();
    await until('it was refused', () => tries === 1);
    await page.clock.fastForward(2100);
    await page.getByText('Engineering run: certifies nothing.').waitFor();
  });

  test('a press that was meant for the question before answers nothing, and none answers twice', async () => {
    const asks = (id, title) => running('1', { prompt: { id, kind: 'confirm', title, text: '', pictures: [], until_utc: '2026-01-01T08:10:00Z' } });
    const station = new FakeStation([asks('P-1', 'Clean it')]);
    const path = '/api/slots/1/answer';
    station.answers[`POST ${path}`] = () => {
      station.change(asks('P-2', 'Is it straight?'));
      return [200, {}];
    };
    const page = await station.open(browser, 'slot/1');
    const openFor = async (title) => {
      await page.getByRole('dialog', { name: title }).waitFor();
      await page.keyboard.press('y');
      await page.clock.runFor(100); // the scanner's keys are passed on by then
      await page.getByRole('button', { name: /^Yes/ }).click();
    };
    await openFor('Clean it');
    assert.equal(station.countOf('POST', path), 0, 'nobody can have read it');
    await page.clock.fastForward(800);
    await page.locator('.dialog:not([aria-busy])').waitFor();
    await page.getByRole('button', { name: /^Yes/ }).dblclick();
    await openFor('Is it straight?');
    assert.equal(station.countOf('POST', path), 1);
    await page.clock.fastForward(800);
    await page.locator('.dialog:not([aria-busy])').waitFor();
    await page.keyboard.press('n');
    await page.clock.runFor(100);
    await until('it is answered', () => station.countOf('POST', path) === 2);
    assert.deepEqual(station.asked.findLast((one) => one.path === path).body, { id: 'P-2', value: false });
  });

  test('an answer that is refused is said in the question, which takes another', async () => {
    const prompt = { id: 'P-1', kind: 'number', title: 'How wide?', text: '', unit: 'mm', lower: 1, upper: 3, pictures: [], until_utc: '2026-01-01T08:10:00Z' };
    const station = new FakeStation([running('1', { prompt })]);
    const path = '/api/slots/1/answer';
    station.answers[`POST ${path}`] = [422, refusedAs('usage', '1000 is no width')];
    const page = await station.open(browser, 'slot/1');
    await page.clock.fastForward(800);
    await page.locator('.dialog:not([aria-busy])').waitFor();
    await page.getByLabel('Value in mm').fill('1000');
    await page.getByRole('button', { name: 'Enter it' }).click();
    await page.getByRole('dialog').getByText('1000 is no width').waitFor();
    await page.getByLabel('Value in mm').fill('2');
    station.answers[`POST ${path}`] = [200, {}];
    await page.getByRole('button', { name: 'Enter it' }).click();
    await until('it is answered', () => station.countOf('POST', path) === 2);
    await page.getByText('1000 is no width').first().waitFor({ state: 'detached' });
  });

  for (const [screen, title] of [['slot/1', 'a verdict'], ['slot/2', 'an empty slot'], ['history', 'the history'], ['station', 'the bench with an open door']]) {
    test(`a wrong label is said over ${title}`, async () => {
      const station = new FakeStation([ended('1', 'PASS'), idle('2')]);
      if (screen === 'station') station.rig.interlocks = [kDoor];
      station.answers['POST /api/scan'] = [422, { error: { code: 'wrong_label', message: '', read: 'HOM-0001', expected: 'pen-pro looks like PRO-[0-9]{4,6}' } }];
      const page = await station.open(browser, screen);
      await page.locator('main').waitFor();
      await scan(page, 'HOM-0001');
      await page.getByRole('heading', { name: /^Wrong label/ }).waitFor();
      await page.getByText('HOM-0001 is no pen that is judged here').waitFor();
    });
  }

  test('a stop that was not done is said on the screen of the run', async () => {
    const station = new FakeStation([running('1')]);
    station.answers['DELETE /api/slots/1/run'] = [409, refusedAs('refused', 'nothing runs in slot 1')];
    const page = await station.open(browser, 'slot/1');
    await page.getByRole('button', { name: /^Stop/ }).click();
    await page.getByText('nothing runs in slot 1').waitFor();
  });

  test('a reason is given for the pen that it was asked for, and for no other', async () => {
    const station = new FakeStation([ready('1', 'PRO-0020')]);
    const path = '/api/slots/1/run';
    station.answers[`POST ${path}`] = [422, refusedAs('reason_needed', 'why again?')];
    const page = await station.open(browser);
    await slotOf(page, '1').getByRole('button', { name: /^Start/ }).click();
    await page.getByRole('dialog').getByText('PRO-0020').waitFor();
    assert.deepEqual(station.asked.findLast((one) => one.path === path).body, { serial_number: 'PRO-0020' });
    await page.getByLabel('Why again?').fill('a new bearing');
    station.change(ready('1', 'PRO-0021'));
    await page.getByText('PRO-0021 waits there by now, not PRO-0020.').waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    assert.equal(station.countOf('POST', path), 1);
  });

  test('what a screen asks again by itself keeps no session open', async () => {
    const station = new FakeStation([idle('1')]);
    const page = await station.open(browser, 'history');
    const asked = () => station.asked.filter(({ path }) => path === '/api/runs');
    await until('it is asked for', () => asked().length === 1);
    assert.equal(asked()[0].background, false, 'a person opened it');
    await page.clock.fastForward(20000);
    await until('it is asked for again', () => asked().length === 2);
    assert.equal(asked()[1].background, true);
  });
});
