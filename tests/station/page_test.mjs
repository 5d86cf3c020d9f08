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
});
