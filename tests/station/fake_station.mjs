// What a page asks of a station, answered in the browser: what the page makes of it is tested without a rig, in no time.
// PAGES: another page than that of this tree.
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const kAddress = 'http://station.test';
const kTypes = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const kPages = process.env.PAGES ?? fileURLToPath(new URL('../../reports/station/page/dist', import.meta.url));

export const idle = (name) => ({ name, state: 'idle' });
export const ended = (name, verdict, more = {}) => ({
  name, state: 'ended', serial_number: `PRO-00000${name}`, plan: 'smoke', product: 'pen-pro', run: `R-00000${name}`,
  started_utc: '2026-01-01T08:00:00Z', ended_utc: '2026-01-01T08:01:00Z', verdict, decided_by: null, safe_state_confirmed: true,
  void_as_certificate: null, void: false, reason: 'every limit holds', ...more,
});
export const running = (name, more = {}) => ({
  name, state: 'running', serial_number: `PRO-00000${name}`, plan: 'smoke', product: 'pen-pro', run: null, reason: '',
  progress: { fraction: 0.5, left_s: 30, label: 'sweep', step: 0, stroke: 1, strokes: 2 }, ...more,
});
export const ready = (name, serial) => ({ name, state: 'ready', serial_number: serial, plan: 'smoke', product: 'pen-pro' });

export class FakeStation {
  constructor(slots) {
    this.slots = slots;
    this.rig = { interlocks: [], links: [] };
    this.asked = []; // {method, path, body, background}
    this.answers = {}; // 'POST /api/scan': [status, JSON], or what gives it
    this.sockets = []; // those that the page has opened, the newest last
    this.reachable = true;
    this.seq = 0;
  }

  /** A page in front of it, on that screen, with somebody signed in. Its time flows, and can be set forward by page.clock. */
  async open(browser, screen = 'station', size = { width: 1280, height: 800 }) {
    const context = await browser.newContext({ viewport: size, locale: 'en' });
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    await page.clock.install();
    await page.routeWebSocket(/\/api\/live/, (socket) => this.listened(socket));
    await page.route(`${kAddress}/**`, (route) => this.answer(route));
    await page.goto(`${kAddress}/#/${screen}`);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    return page;
  }

  async listened(socket) {
    this.sockets.push(socket);
    // As over a cable that was pulled: it neither opens nor fails.
    if (!this.reachable) await new Promise(() => {});
    socket.send(JSON.stringify({ seq: this.seq, type: 'state', now_utc: '2026-01-01T08:02:00Z', slots: this.slots, rig: this.rig }));
  }

  tell(message) {
    this.sockets.at(-1).send(JSON.stringify(message.type === 'alive' ? message : { seq: ++this.seq, ...message }));
  }

  /** A slot has changed. */
  change(slot) {
    this.slots = this.slots.map((one) => (one.name === slot.name ? slot : one));
    this.tell({ type: 'slot', slot });
  }

  countOf(method, path) {
    return this.asked.filter((one) => one.method === method && one.path === path).length;
  }

  answer(route) {
    const request = route.request();
    const path = new URL(request.url()).pathname;
    if (!path.startsWith('/api/') && path !== '/healthz') {
      const name = path === '/' ? 'index.html' : path.slice(1);
      return route.fulfill({ contentType: kTypes[extname(name)], body: readFileSync(join(kPages, name)) });
    }
    const method = request.method();
    this.asked.push({ method, path, body: request.postDataJSON(), background: request.headers()['x-background'] === '1' });
    const [status, json] = this.answerTo(`${method} ${path}`);
    return route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(json) });
  }

  answerTo(what) {
    const given = this.answers[what];
    if (given) return typeof given === 'function' ? given() : given;
    const session = { name: 'o.tester', role: 'operator', csrf_token: 'token', idle_s: 900, rig: 'bench-2', simulated: false };
    const usual = {
      'GET /healthz': { status: 'ok', rig: 'bench-2' },
      'GET /api/session': session,
      'GET /api/plans': { plans: [] },
      'GET /api/slots': { slots: this.slots.map((slot) => ({ last: [], ...slot })) },
      'GET /api/maintenance': { golden: [], calibrations: [] },
    };
    if (usual[what]) return [200, usual[what]];
    if (what.startsWith('GET /api/runs/')) return [200, record(what.slice('GET /api/runs/'.length))];
    return what.startsWith('GET ') ? [404, { error: { code: 'not_found', message: 'there is no such thing here' } }] : [202, {}];
  }
}

/** Of a run in which all was well. */
export function record(run) {
  return {
    run_id: run, deciding: null, decisions: [], measurements: [], phases: [], duration_s: 60, ended_utc: '2026-01-01T08:01:00Z',
    void_as_certificate: '', header: { started_utc: '2026-01-01T08:00:00Z', simulant: {}, cartridge: {} },
  };
}
