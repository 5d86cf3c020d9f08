// Somebody who listens to a station without a browser: a WebSocket of a few lines, quick or slow, and what a process uses.
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { readFileSync } from 'node:fs';

const kLooksEveryMs = 8000, kLooksForMs = 5;

/** A connection to /api/live. slow: takes what there is for an instant every some seconds, as a browser that hangs. */
export class Listener {
  constructor(station, headers, { slow = false, take = () => {} } = {}) {
    Object.assign(this, { station, headers, slow, take, messages: 0, bytes: 0, behind: 0, closed: false, rest: Buffer.alloc(0) });
  }

  /** @return once the station has said yes. */
  open() {
    return new Promise((done, failed) => {
      const key = randomBytes(16).toString('base64');
      const asked = request(`${this.station.url}/api/live`, {
        headers: { ...this.headers, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key },
      });
      asked.on('error', failed);
      asked.on('response', (response) => failed(new Error(`no WebSocket: ${response.statusCode}`)));
      asked.on('upgrade', (_, socket, head) => {
        this.socket = socket;
        socket.on('close', () => { this.closed = true; clearInterval(this.looks); });
        socket.on('error', () => { this.closed = true; });
        socket.on('data', (bytes) => this.heard(bytes));
        if (head.length > 0) this.heard(head);
        if (this.slow) {
          socket.pause();
          this.looks = setInterval(() => {
            socket.resume();
            setTimeout(() => socket.pause(), kLooksForMs);
          }, kLooksEveryMs);
        }
        done(this);
      });
      asked.end();
    });
  }

  close() {
    this.socket?.destroy();
  }

  heard(bytes) {
    this.bytes += bytes.length;
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    for (;;) {
      if (this.rest.length < 2) return;
      const short = this.rest[1] & 0x7f;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (this.rest.length < head) return;
      const length = short === 126 ? this.rest.readUInt16BE(2) : short === 127 ? Number(this.rest.readBigUInt64BE(2)) : short;
      if (this.rest.length < head + length) return;
      this.frame(this.rest[0] & 0x0f, this.rest.subarray(head, head + length));
      this.rest = this.rest.subarray(head + length);
    }
  }

  frame(kind, payload) {
    if (kind === 9) this.socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0])); // a pong, masked by nothing
    if (kind !== 1) return;
    ++this.messages;
    const text = payload.toString();
    if (text.startsWith('{"type":"behind"')) ++this.behind;
    this.take(text);
  }
}

const kTicks = 100; // of the kernel's clock in a second

/** Seconds of a core that a process has used. */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / kTicks;
}

/** Bytes that a process holds in memory. */
export function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : sorted[Math.floor(sorted.length / 2)];
}
