// A station with four simulated slots for the tests, and browsers in front of it.
//
// PENRIG_STATION_COMMAND  starts one for a shell; it is given PORT and RECORDS (a folder of its own, kept over restarts)
//                         and has an admin, whose NAME:PASSWORD stands in PENRIG_STATION_ADMIN.
// PENRIG_STATION_PENS     JSON: which serial number in which slot by which plan comes to which verdict, if not those below.
// PENRIG_STATION_END      a command that ends what it left behind, when all is over.
// PENRIG_STATION_ESTOP    a command that presses the e-stop of the simulated rig; with "release" behind it, lets it go.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../../reports/station/page/package.json', import.meta.url));
const require = createRequire(page);
export const { chromium } = require('playwright-core');
export const axePath = require.resolve('axe-core/axe.min.js');

export const command = process.env.PENRIG_STATION_COMMAND;
export const estopCommand = process.env.PENRIG_STATION_ESTOP;
const [adminName, adminPassword] = (process.env.PENRIG_STATION_ADMIN ?? 'admin:admin-password').split(':');

export const pens = {
  PASS: { slot: '1', serial: 'PRO-001001' },
  FAIL: { slot: '2', serial: 'PRO-001002' },
  INDETERMINATE: { slot: '3', serial: 'PRO-001003' },
  ERROR: { slot: '4', serial: 'PRO-001004' },
  slow: { slot: '1', serial: 'PRO-001001', plan: 'slow' }, // runs long enough to look at
  ...JSON.parse(process.env.PENRIG_STATION_PENS ?? '{}'),
};

export const people = {
  operator: { name: 'o.tester', badge: 'B-4711-0815' },
  technician: { name: 't.tester', password: 'technician-password' },
  qa: { name: 'q.tester', password: 'quality-password' },
  admin: { name: adminName, password: adminPassword },
};

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until something holds; throws after the deadline. */
export async function until(what, holds, withinMs = 15000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(50);
  }
}

export class Station {
  constructor(port) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.records = mkdtempSync(join(tmpdir(), 'penrig-station-'));
    this.sessions = {};
  }

  async start() {
    this.process = spawn('bash', ['-c', `exec ${command}`], {
      env: { ...process.env, PORT: String(this.port), RECORDS: this.records },
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
    });
    await until('the station answers', () => fetch(`${this.url}/healthz`).then((r) => r.ok, () => false), 60000);
  }

  /** Without a word, as a power cut would. */
  async kill() {
    const gone = new Promise((done) => this.process.once('exit', done));
    process.kill(-this.process.pid, 'SIGKILL');
    await gone;
  }

  async end() {
    await this.kill();
    if (process.env.PENRIG_STATION_END) spawnSync('bash', ['-c', process.env.PENRIG_STATION_END], { env: { ...process.env, RECORDS: this.records } });
    rmSync(this.records, { recursive: true, force: true });
  }

  async signIn(role) {
    const { badge, name, password } = people[role];
    const signedIn = await fetch(`${this.url}/api/session`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(badge ? { badge } : { name, password }),
    });
    if (!signedIn.ok) throw new Error(`${role} could not sign in: ${await signedIn.text()}`);
    const { csrf_token: token } = await signedIn.json();
    this.sessions[role] = { Cookie: signedIn.headers.getSetCookie()[0].split(';')[0], 'X-CSRF-Token': token };
  }

  /** A request by a script, without a browser; role: who asks, in one session for as long as the station knows it. */
  async ask(role, method, path, body) {
    for (let again = true; ; again = false) {
      if (!this.sessions[role]) await this.signIn(role);
      const headers = { ...this.sessions[role], ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) };
      const answer = await fetch(this.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
      if (answer.status !== 401 || !again) return answer;
      delete this.sessions[role];
    }
  }

  async slots() {
    return (await (await this.ask('technician', 'GET', '/api/slots')).json()).slots;
  }

  async slot(name) {
    return (await this.slots()).find((slot) => slot.name === name);
  }

  /** Nothing runs, no label waits. */
  async clear() {
    await this.ask('technician', 'POST', '/api/stop', {});
    const busy = async () => (await this.slots()).some(({ state }) => ['running', 'checking'].includes(state));
    await until('no slot runs', async () => !(await busy()), 30000);
    for (const { name, state } of await this.slots()) {
      if (state === 'ready') await this.ask('technician', 'DELETE', `/api/slots/${name}/label`);
    }
  }

  async addPeople() {
    for (const [role, { name, badge, password }] of Object.entries(people)) {
      if (role === 'admin') continue;
      const put = await this.ask('admin', 'PUT', `/api/people/${name}`, { role, ...(badge ? { badge } : { password }) });
      if (!put.ok) throw new Error(`${role} was not added: ${await put.text()}`);
    }
  }

  /** Presses it; more 'release': lets it go. */
  estop(more = '') {
    spawnSync('bash', ['-c', `${estopCommand} ${more}`], { env: { ...process.env, RECORDS: this.records, PORT: String(this.port) } });
  }
}

export function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
}

/** A file's test: a station, a browser; pages that close by themselves, and nothing that is left for the next test. */
export function atAStation({ before, after, afterEach }, port) {
  const here = {};
  before(async () => {
    here.station = new Station(port);
    await here.station.start();
    await here.station.addPeople();
    here.browser = await openBrowser();
  });
  after(async () => {
    await here.browser?.close();
    await here.station?.end();
  });
  // A test that failed leaves its pages open.
  afterEach(async () => {
    for (const context of here.browser.contexts()) await context.close();
    await here.station.clear();
  });
  return here;
}

/** A page of its own, English; what the browser complains of is kept in `page.complaints`. */
export async function newPage({ browser, station }, more = {}) {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'en', ...more });
  const opened = await context.newPage();
  opened.setDefaultTimeout(40000);
  opened.complaints = [];
  opened.on('pageerror', (error) => opened.complaints.push(String(error)));
  opened.on('console', (message) => {
    if (/Content Security Policy|Content-Security-Policy/.test(message.text())) opened.complaints.push(message.text());
  });
  await opened.goto(station.url);
  return opened;
}

/** As a keyboard-wedge scanner types it: 5 ms from key to key by the keyboard's own stamps, however busy the machine is. */
export function scan(opened, text) {
  return opened.evaluate((keys) => {
    const from = performance.now();
    keys.forEach((key, i) => {
      const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, 'timeStamp', { value: from + i * 5 });
      document.activeElement.dispatchEvent(event);
    });
  }, [...text, 'Enter']);
}

/** The same by trusted keys, which type into the field that has the focus; with stamps of their own as well. */
export async function scanByKeys(opened, text) {
  const devtools = await opened.context().newCDPSession(opened);
  const from = Date.now() / 1000;
  const keys = [...text, 'Enter'].map((key, i) => ({ key, text: key === 'Enter' ? '\r' : key, timestamp: from + i * 0.005 }));
  for (const one of keys) await devtools.send('Input.dispatchKeyEvent', { type: 'keyDown', ...one });
  await devtools.detach();
}

export async function signIn(opened, role) {
  const { name, badge, password } = people[role];
  await opened.getByRole('heading', { name: 'Scan your badge' }).waitFor();
  if (badge) {
    await scan(opened, badge);
  } else {
    await opened.getByLabel('User name', { exact: true }).fill(name);
    await opened.getByLabel('Password', { exact: true }).fill(password);
    await opened.getByRole('button', { name: 'Sign in' }).click();
  }
  await opened.getByRole('navigation', { name: 'Screens' }).waitFor();
}

export const slotOf = (opened, name) => opened.locator(`article.slot[data-slot="${name}"]`);

/** Opens a screen by its address, without loading the page anew. */
export async function openScreen(opened, screen) {
  await opened.evaluate((hash) => { location.hash = hash; }, `/${screen}`);
  await opened.locator('main').waitFor();
}

/** Scans a pen for a slot, and starts it. */
export async function startPen(opened, { slot, serial, plan = 'smoke' }) {
  await openScreen(opened, `slot/${slot}`);
  await opened.getByText(`Scan a pen for slot ${slot}`).or(opened.locator('.verdict')).or(opened.getByText('Not started')).first().waitFor();
  await scan(opened, serial);
  await opened.getByRole('heading', { name: `Press start for slot ${slot}` }).waitFor();
  await openScreen(opened, 'station');
  const plans = slotOf(opened, slot).getByLabel('Plan');
  if ((await plans.count()) > 0 && (await plans.inputValue()) !== plan) {
    await Promise.all([opened.waitForResponse((answer) => answer.url().endsWith('/label')), plans.selectOption(plan)]);
  }
  await opened.getByRole('button', { name: new RegExp(`^Start\\s+Slot ${slot}$`) }).click();
  // Its number would start it once more until then.
  await slotOf(opened, slot).locator('.zone.ready').waitFor({ state: 'detached' });
}

/** Waits for the verdict of a slot on the bench. */
export function verdictOf(opened, slot, word, withinMs = 180000) {
  return slotOf(opened, slot).locator('.zone .word', { hasText: word }).waitFor({ timeout: withinMs });
}
