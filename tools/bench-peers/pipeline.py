#!/usr/bin/env python3
"""What a good lab would write in Python to take a DAQ's stream from a serial port: pyserial, COBS, CRC-32C, protobuf, NumPy,
find_peaks, sqlite3. A yardstick for `penrig bench live`, which takes the same stream from the same source.

  pipeline.py PORT --records DIR [--rate HZ] [--waveforms raw|flac] [--schema DIR]

PORT: the pty of `penrig bench source`. --schema: where penrig_pb2.py lies (protoc --python_out). Prints one JSON object: what
was taken, and the CPU time of this process. Written for speed: whole chunks are read, every frame is looked at once, blocks
are unpacked by groups of one width, strokes are found and stored by the second.
"""

import argparse
import json
import pathlib
import resource
import sqlite3
import sys
import time

import crcmod.predefined
import numpy as np
import serial
from scipy import signal

CRC = crcmod.predefined.mkPredefinedCrcFun("crc-32c")
MM_PER_COUNT, N_PER_COUNT = 1e-4, 2e-4
HEARTBEAT_S = 0.1
SURFACE_MM = 1.5


def cobs_decoded(frame):
    out = bytearray()
    at, end = 0, len(frame)
    while at < end:
        code = frame[at]
        out += frame[at + 1:at + code]
        at += code
        if code < 255 and at < end:
            out.append(0)
    return out


def cobs_encoded(data):
    out = bytearray()
    for run in data.split(b"\0"):
        while len(run) >= 254:
            out.append(255)
            out += run[:254]
            run = run[254:]
        out.append(len(run) + 1)
        out += run
    return bytes(out)


WIDTHS = (*range(13), 15, 20, 32)


def unpacked(packed, count):
    """One channel of a block: differences of order k, zigzagged, at one width for every 16 samples."""
    data = np.frombuffer(packed, np.uint8)
    order = int(data[0])
    known = order * (order + 1) // 2
    history = np.frombuffer(packed, "<i4", known, 1)
    at = 1 + 4 * known
    starts, widths = [], []
    for left in range(count, 0, -32):
        codes = packed[at]
        at += 1
        for values, code in ((min(left, 16), codes & 15), (min(left - 16, 16), codes >> 4)):
            if values > 0:
                starts.append(at)
                widths.append(WIDTHS[code])
                at += (values + 7) // 8 * WIDTHS[code]
    zigzag = np.zeros((len(starts), 16), np.uint32)
    starts, widths = np.array(starts), np.array(widths)
    whole = np.minimum(count - 16 * np.arange(len(starts)), 16)
    for width in set(widths.tolist()):
        if width == 0:
            continue
        for values in set(whole.tolist()):
            chosen = np.flatnonzero((widths == width) & (whole == values))
            if len(chosen) == 0:
                continue
            size = (values + 7) // 8 * width
            bits = np.unpackbits(data[starts[chosen][:, None] + np.arange(size)], axis=1, bitorder="little")
            bits = bits.reshape(len(chosen), -1, width)[:, :values]
            zigzag[np.ix_(chosen, range(values))] = bits @ (np.uint32(1) << np.arange(width, dtype=np.uint32))
    flat = zigzag.reshape(-1)[:count]
    x = ((flat >> 1) ^ -(flat & 1).astype(np.int32).astype(np.uint32)).astype(np.uint32)
    # What the sums of each order begin with: its last differences before the block.
    befores = [history[::-1].astype(np.uint32)]
    for j in range(1, order):
        befores.append(befores[-1][j:] - befores[-1][:-j])
    for j in range(order, 0, -1):
        lanes = np.concatenate((befores[j - 1][-j:], x, np.zeros(-count % j, np.uint32))).reshape(-1, j)
        x = np.cumsum(lanes, axis=0, dtype=np.uint32)[1:].reshape(-1)[:count]
    return x.view(np.int32)


class Host:
    """The host's end of a session: as much of it as a stream takes."""

    def __init__(self, port, wire):
        self.wire = wire
        self.port = serial.Serial(port, 3_000_000, timeout=0.02)
        self.rest = b""
        self.requests = self.heartbeats = 0
        self.beat_at = 0.0
        self.bad_frames = 0

    def send(self, envelope):
        data = envelope.SerializeToString()
        self.port.write(cobs_encoded(data + CRC(data).to_bytes(4, "little")) + b"\0")

    def ask(self, fill):
        self.requests += 1
        envelope = self.wire.Envelope(request_id=self.requests)
        fill(envelope)
        self.send(envelope)

    def open(self):
        self.port.write(b"\0")
        hello = self.wire.Hello(protocol_version=2, host_name="pipeline.py", session_nonce=time.time_ns())
        self.ask(lambda envelope: envelope.hello.CopyFrom(hello))

    def beat(self):
        now = time.monotonic()
        if now < self.beat_at:
            return
        self.beat_at = now + HEARTBEAT_S
        self.heartbeats += 1
        self.ask(lambda envelope: setattr(envelope.heartbeat, "count", self.heartbeats))

    def envelopes(self):
        """What has arrived."""
        chunk = self.rest + self.port.read(max(self.port.in_waiting, 1))
        *frames, self.rest = chunk.split(b"\0")
        for frame in frames:
            if not frame:
                continue
            data = cobs_decoded(frame)
            body = bytes(data[:-4])
            if len(data) < 5 or CRC(body) != int.from_bytes(data[-4:], "little"):
                self.bad_frames += 1
                continue
            yield self.wire.Envelope.FromString(body)


class Strokes:
    """Finds strokes second by second, with one stroke of overlap, and stores their results."""

    def __init__(self, rate, folder, waveforms):
        self.rate = rate
        self.position, self.force = [], []
        self.held = 0
        self.count = 0
        self.kept = (np.zeros(0, np.int32), np.zeros(0, np.int32))
        self.base = 0
        self.database = sqlite3.connect(folder / "pipeline.db")
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = FULL")
        self.database.execute("CREATE TABLE strokes(top_s REAL, depth_mm REAL, penetration_mm REAL, peak_n REAL, period_us REAL)")
        self.files = self.sound = None
        if waveforms == "raw":
            self.files = [open(folder / name, "wb") for name in ("position.i32", "force.i32")]
        else:
            import soundfile
            self.sound = soundfile.SoundFile(folder / "waveform.flac", "w", min(int(rate), 655_350), 2, "PCM_24")

    def add(self, position, force):
        self.position.append(position)
        self.force.append(force)
        self.held += len(position)
        if self.held >= self.rate:
            self.work(last=False)

    def work(self, last):
        if not self.position:
            return
        position, force = np.concatenate(self.position), np.concatenate(self.force)
        self.position, self.force, self.held = [], [], 0
        if self.files:
            position.tofile(self.files[0])
            force.tofile(self.files[1])
        else:
            self.sound.write(np.stack((position, force), axis=1) << 8)
        position, force = np.concatenate((self.kept[0], position)), np.concatenate((self.kept[1], force))
        x = position.astype(np.float64)
        peaks, _ = signal.find_peaks(x, distance=int(self.rate / 350), prominence=5_000)
        peaks = peaks[(peaks > 0) & (peaks < len(x) - 1)]
        keep = len(x) if last else (int(peaks[-1]) - int(self.rate / 350) if len(peaks) > 1 else 0)
        whole = peaks if last else peaks[:-1]
        if len(whole):
            a, b, c = x[whole - 1], x[whole], x[whole + 1]
            bend = np.where(a - 2 * b + c == 0, -1e-9, a - 2 * b + c)
            offset = 0.5 * (a - c) / bend
            top_s = (self.base + whole + offset) / self.rate
            depth_mm = (b - 0.25 * (a - c) * offset) * MM_PER_COUNT
            edges = np.concatenate(([0], (whole[:-1] + whole[1:]) // 2))
            peak_n = np.maximum.reduceat(force, edges) * N_PER_COUNT
            period_us = np.diff(top_s, append=np.nan) * 1e6
            self.database.executemany("INSERT INTO strokes VALUES(?, ?, ?, ?, ?)",
                                      np.stack((top_s, depth_mm, depth_mm - SURFACE_MM, peak_n, period_us), axis=1).tolist())
            self.count += len(whole)
        self.kept = (position[keep:], force[keep:])
        self.base += keep

    def close(self):
        self.work(last=True)
        self.database.commit()
        for file in self.files or []:
            file.close()
        if self.sound:
            self.sound.close()


def take(options, wire):
    host = Host(options.port, wire)
    host.open()
    strokes = Strokes(options.rate, options.records, options.waveforms)
    samples = gaps = 0
    expected, started, heard = 0, False, time.monotonic()
    while time.monotonic() - heard < 2:
        host.beat()
        for envelope in host.envelopes():
            if envelope.HasField("hello_reply") and not started:
                started = True
                start = wire.DaqStartStream(sample_rate_hz=options.rate, block_samples=512)
                host.ask(lambda asked, start=start: asked.daq_request.start_stream.CopyFrom(start))
            if not envelope.HasField("sample_block"):
                continue
            heard = time.monotonic()
            block = envelope.sample_block
            gaps += block.sequence != expected
            expected = block.sequence + 1
            strokes.add(unpacked(block.position, block.count), unpacked(block.force, block.count))
            samples += 2 * block.count
    strokes.close()
    return samples, gaps + host.bad_frames, strokes.count


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("port")
    parser.add_argument("--records", type=pathlib.Path, required=True)
    parser.add_argument("--rate", type=float, default=100_000)
    parser.add_argument("--waveforms", choices=("raw", "flac"), default="raw")
    parser.add_argument("--schema", type=pathlib.Path, default=pathlib.Path("."))
    options = parser.parse_args()
    sys.path.insert(0, str(options.schema))
    import penrig_pb2 as wire
    before = resource.getrusage(resource.RUSAGE_SELF)
    samples, gaps, count = take(options, wire)
    after = resource.getrusage(resource.RUSAGE_SELF)
    user_s, system_s = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    print(json.dumps({"samples": samples, "gaps": gaps, "strokes": count, "user_s": user_s, "system_s": system_s,
                      "ns_per_sample": 1e9 * (user_s + system_s) / max(samples, 1)}))


if __name__ == "__main__":
    main()
