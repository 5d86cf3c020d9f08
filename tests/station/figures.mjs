// The station's figures, for rig/FIGURES.md:
//   node tests/station/figures.mjs latency [SLOTS [ROUNDS [APART_S]]]
//                                                               from the last sample to the verdict in Chromium, 16 slots,
//                                                               started so many seconds apart; 0: all at once
//   node tests/station/figures.mjs share [SLOTS [BROWSERS]]     what browsers cost the station of a core, 16 slots, 3 of them
//   node tests/station/figures.mjs load [MINUTES [LISTENERS]]   4 slots run beside 50 listeners, every fifth of which hangs
// All at 20 kS/s, in front of simulated slots in a process of their own (tests/station/serve; PENRIG says which binary).
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cpuSeconds, Listener, median, residentBytes } from './listener.mjs';

process.env.PENRIG_STATION_COMMAND ??= 'tests/station/serve';
process.env.PENRIG_STATION_END ??= 'tests/station/end';
const { newPage, openBrowser, openScreen, signIn, Station, until } = await import('./bench.mjs');

const [what = '', ...numbers] = process.argv.slice(2);
const given = numbers.map(Number);
const serialOf = (slot) => `PRO-${String(1000 + Number(slot)).padStart(6, '0')}`;

/** The smoke plan at 20 kS/s, of as many strokes as are asked for. */
function planFile(station, strokes) {
  const text = readFileSync('rig/plans/smoke.yaml', 'utf8')
    .replace(/sample_rate_hz: \d+/, 'sample_rate_hz: 20000\nmax_strokes_per_spot: 10000')
    .replace(/product: .*/, `product: ${resolve('fixtures/products/pen-pro.yaml')}`)
    .replace(/strokes: 40/, `strokes: ${strokes}`);
  const path = join(station.records, 'smoke.yaml');
  writeFileSync(path, text);
  return path;
}

async function stationOf(slots, strokes) {
  const station = new Station(Number(process.env.PORT ?? 18490));
  Object.assign(process.env, { SLOTS: String(slots), PLAN: planFile(station, strokes), DEFECTS: ' ' });
  process.env.SERIALS = Array.from({ length: slots }, (_, i) => serialOf(i + 1)).join(' ');
  await station.start();
  await station.addPeople();
  return station;
}

async function startAll(station, apartS = 0) {
  for (const { name } of await station.slots()) {
    await new Promise((done) => setTimeout(done, apartS * 1000));
    const begun = await station.ask('technician', 'POST', `/api/slots/${name}/run`, { plan: 'smoke', label: serialOf(name) });
    if (!begun.ok) throw new Error(`slot ${name}: ${await begun.text()}`);
  }
}

const isOver = ({ state }) => state === 'ended' || state === 'refused';

/** What anybody may see of the slots: costs the station no look into the records. */
const lookAt = async (station) => (await (await fetch(`${station.url}/api/bench`)).json()).slots;

async function allOver(station, each = () => {}) {
  await until('all runs end', async () => {
    await each();
    return (await lookAt(station)).every(isOver);
  }, 300000);
  return station.slots();
}

async function recordOf(station, run) {
  return (await station.ask('technician', 'GET', `/api/runs/${run}`)).json();
}

/** Utc in ms of when the rig had its last sample: the teardown ends with the stream. */
function lastSampleAt(record) {
  const teardown = record.phases.find(({ kind }) => kind === 'teardown');
  return Date.parse(record.header.started_utc) + teardown.ended_s * 1000;
}

function tellVerdicts(slots) {
  const why = slots.find(({ verdict }) => verdict !== 'PASS')?.reason;
  if (why) console.log(why);
  const counts = {};
  for (const { verdict, state } of slots) counts[verdict ?? state] = (counts[verdict ?? state] ?? 0) + 1;
  return Object.entries(counts).map(([verdict, n]) => `${n} ${verdict}`).join(', ');
}

async function latency(slots = 16, rounds = 3, apartS = 0.25) {
  const station = await stationOf(slots, 300);
  const browser = await openBrowser();
  try {
    const opened = await newPage({ browser, station });
    await signIn(opened, 'operator');
    await openScreen(opened, 'station');
    const took = [];
    for (let round = 0; round < rounds; ++round) {
      // When a frame with the verdict of a slot was drawn, by the machine's clock.
      await opened.evaluate(() => {
        const drawn = (globalThis.drawn = {}), ran = (globalThis.ran = new Set());
        const kVerdict = /is-(pass|fail|undecided|error|aborted|interrupted|refused)/;
        const look = () => {
          for (const card of document.querySelectorAll('article.slot')) {
            const name = card.querySelector('h2').textContent;
            if (kVerdict.test(card.className)) {
              if (ran.has(name)) drawn[name] ??= performance.timeOrigin + performance.now();
            } else {
              ran.add(name);
            }
          }
          globalThis.looking = requestAnimationFrame(look);
        };
        cancelAnimationFrame(globalThis.looking);
        look();
      });
      await startAll(station, apartS);
      const over = await allOver(station);
      await until('all verdicts are drawn', () => opened.evaluate(() => Object.keys(globalThis.drawn).length === globalThis.ran.size && globalThis.ran.size > 0), 10000);
      const drawn = await opened.evaluate(() => globalThis.drawn);
      for (const slot of over) {
        if (!slot.run || drawn[slot.name] === undefined) continue;
        took.push(drawn[slot.name] - lastSampleAt(await recordOf(station, slot.run)));
      }
      console.log(`round ${round + 1}: ${tellVerdicts(over)}; so far ${took.length} verdicts, median ${median(took).toFixed(0)} ms`);
    }
    const sorted = took.sort((a, b) => a - b);
    console.log(`last sample to verdict on the page, ${slots} slots at 20 kS/s, ${took.length} verdicts: median ${median(took).toFixed(0)} ms, ` +
      `${apartS} s apart: least ${sorted[0].toFixed(0)}, 9 in 10 under ${sorted[Math.floor(sorted.length * 0.9)].toFixed(0)}, greatest ${sorted.at(-1).toFixed(0)} ms`);
  } finally {
    await browser.close();
    await station.end();
  }
}

async function share(slots = 16, browsers = 3) {
  const station = await stationOf(slots, 3000);
  try {
    const used = [];
    // Without, with, without again: what differs is theirs.
    for (const there of [0, browsers, 0, browsers]) {
      await station.ask('technician', 'GET', '/api/slots');
      const pages = await Promise.all(Array.from({ length: there }, () => new Listener(station, station.sessions.technician).open()));
      await startAll(station);
      await until('all strike', async () => (await station.slots()).every(({ progress }) => progress?.stroke > 50), 60000);
      const cpu = cpuSeconds(station.process.pid), at = performance.now();
      const frames = pages.map(({ messages }) => messages);
      await new Promise((done) => setTimeout(done, 10000));
      const seconds = (performance.now() - at) / 1000;
      used.push((cpuSeconds(station.process.pid) - cpu) / seconds);
      const running = (await station.slots()).filter(({ state }) => state === 'running').length;
      const each = pages.map(({ messages }, i) => (messages - frames[i]) / seconds);
      console.log(`${there} listeners, ${running} slots run: ${(used.at(-1) * 100).toFixed(1)} % of a core` + (there ? `; ${each[0].toFixed(0)} messages a second each` : ''));
      for (const page of pages) page.close();
      await station.clear();
    }
    const difference = (used[1] + used[3] - used[0] - used[2]) / 2;
    console.log(`server share of a core, ${slots} slots at 20 kS/s, ${browsers} listeners: ${(difference * 100).toFixed(1)} %`);
  } finally {
    await station.end();
  }
}

async function load(minutes = 10, listeners = 50) {
  const slots = 4;
  const station = await stationOf(slots, 2000);
  try {
    await station.ask('technician', 'GET', '/api/slots');
    const headers = station.sessions.technician;
    const open = (i) => new Listener(station, headers, { slow: i % 5 === 4 }).open();
    const all = await Promise.all(Array.from({ length: listeners }, (_, i) => open(i)));
    const memory = [];
    let runs = 0, again = 0, gaps = 0;
    const verdicts = {};
    const ends = performance.now() + minutes * 60000;
    while (performance.now() < ends) {
      await startAll(station);
      const over = await allOver(station, async () => {
        memory.push(residentBytes(station.process.pid));
        // A browser that was let go comes again.
        for (const [i, one] of all.entries()) {
          if (!one.closed) continue;
          ++again;
          all[i] = await open(i);
        }
      });
      for (const { run, verdict, reason } of over) {
        ++runs;
        verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
        if (verdict !== 'PASS') console.log(`${run}: ${verdict}, ${reason}`);
        for (const phase of (await recordOf(station, run)).phases) gaps += phase.gaps;
      }
      console.log(`${runs} runs, ${gaps} gaps, ${(memory.at(-1) / 1048576).toFixed(0)} MiB, ${again} connections made again`);
    }
    const mib = (bytes) => (bytes / 1048576).toFixed(0);
    const third = Math.floor(memory.length / 3);
    console.log(`${listeners} listeners, ${listeners / 5} of them slow, ${minutes} min, ${slots} slots: ${runs} runs (${Object.entries(verdicts).map(([v, n]) => `${n} ${v}`).join(', ')}), ` +
      `stream gaps ${gaps}, ${again} connections let go and made again; memory ${mib(memory[0])} MiB at first, at most ${mib(Math.max(...memory.slice(0, third)))} in the first third, ${mib(Math.max(...memory.slice(-third)))} in the last`);
    for (const one of all) one.close();
  } finally {
    await station.end();
  }
}

const kMeasures = { latency, share, load };
if (kMeasures[what] === undefined || given.some((number) => !(number >= 0))) {
  console.error(readFileSync(new URL(import.meta.url), 'utf8').split('\n').filter((line) => line.startsWith('//')).map((line) => line.slice(3)).join('\n'));
  process.exit(4);
}
await kMeasures[what](...given);
