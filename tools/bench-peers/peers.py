"""penrig bench live beside pipeline.py: both take the stream of the same source over a pty, with strokes, waveform files and a
database; what is compared is the CPU time of their own process, a sample.

Twice: flat out, as fast as each takes the stream, which says what a sample costs and is what is asked; and live, 100 blocks
a second, where both are woken for every block and most of the smaller one's time is the machine's for waking it."""

import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
HOUSE = HERE.parent.parent
PACKAGES = ("python3-serial", "python3-crcmod", "python3-numpy", "python3-protobuf", "python3-soundfile",
            # What SciPy needs, which is unpacked without its package.
            "liblapack3", "liblbfgsb0", "libgfortran5", "python3-decorator")
#: How many times less CPU time a sample is asked, flat out.
AT_LEAST = {"raw": 15, "flac": 6}
#: Of the streams, flat out and live.
SECONDS = {"flat out": 120, "live": 20}
PYTHON = "/usr/bin/python3"


class Failed(Exception):
    """A peer or penrig did not take the whole stream."""


def scipy_beside(build):
    """SciPy's folder. Its Debian package wants another Boost than penrig's: it is unpacked, not installed."""
    packages = build / "usr" / "lib" / "python3" / "dist-packages"
    if not (packages / "scipy").is_dir():
        build.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "python3-scipy"], cwd=build, check=True, stdout=sys.stderr)
        found = sorted(build.glob("python3-scipy_*.deb"))
        if not found:
            raise Failed("python3-scipy could not be fetched")
        subprocess.run(["dpkg", "-x", found[-1].name, "."], cwd=build, check=True)
    return packages


def schema(build):
    """Where penrig_pb2.py lies."""
    subprocess.run(["protoc", f"--python_out={build}", f"--proto_path={HOUSE / 'protocols' / 'schema'}", "penrig.proto"], check=True)
    return build


def last_json(done, who):
    if done.returncode != 0 or not done.stdout.strip():
        raise Failed(f"{who} ended with {done.returncode}: {(done.stderr.strip() or done.stdout.strip())[-500:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def stream_options(how, rate):
    return ["--slots", "1", "--rate", str(rate), "--seconds", str(SECONDS[how]), *(["--flat-out"] if how == "flat out" else [])]


def timeout_s(how):
    return 60 + 4 * SECONDS[how]


def penrig_takes(penrig, how, rate, waveforms):
    command = [penrig, "bench", "live", *stream_options(how, rate), "--waveforms", waveforms, "--json"]
    told = last_json(subprocess.run(command, capture_output=True, text=True, timeout=timeout_s(how), check=False), "penrig")
    return {"samples": told["samples"], "gaps": told["gaps"], "strokes": told["by_slot"][0]["strokes"],
            "ns_per_sample": told["ns_per_sample"]}


def pipeline_takes(penrig, how, rate, waveforms, build):
    source = subprocess.Popen([penrig, "bench", "source", *stream_options(how, rate)], stdout=subprocess.PIPE, text=True)
    try:
        port = source.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as folder:
            command = [PYTHON, HERE / "pipeline.py", port, "--records", folder, "--rate", str(rate), "--waveforms", waveforms,
                       "--schema", schema(build)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s(how), check=False,
                                  env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(scipy_beside(build / "scipy"))})
        return last_json(done, "pipeline.py")
    finally:
        source.kill()
        source.wait()


def row(penrig, build, waveforms, how, rounds, rate, say):
    """The medians of the rounds, each with both sides in turn."""
    own, other = [], []
    for number in range(1, rounds + 1):
        say(f"peers, waveforms {waveforms}, {how}: round {number} of {rounds}")
        own.append(penrig_takes(penrig, how, rate, waveforms))
        other.append(pipeline_takes(penrig, how, rate, waveforms, build))
    expected = max(taken["samples"] for taken in own)
    for who, all_taken in (("penrig", own), ("pipeline.py", other)):
        for taken in all_taken:
            if taken["gaps"] or taken["samples"] < expected or not taken["strokes"]:
                raise Failed(f"{who} took {taken['samples']} of {expected} samples, with {taken['gaps']} gaps and "
                             f"{taken['strokes']} strokes: what it cost says nothing")
    ratio = statistics.median(b["ns_per_sample"] / a["ns_per_sample"] for a, b in zip(own, other))
    at_least = AT_LEAST[waveforms] if how == "flat out" else None
    return {"name": f"a sample, {how}, waveforms {waveforms}", "unit": "ns",
            "penrig": statistics.median(a["ns_per_sample"] for a in own),
            "pipeline": statistics.median(b["ns_per_sample"] for b in other), "ratio": ratio,
            "ratio_at_least": at_least, "met": at_least is None or ratio >= at_least}


def measure(penrig, rounds, rate=100_000, say=print):
    """A row for each form of waveform files and each way of taking the stream."""
    subprocess.run([HOUSE / "tools" / "setup", *PACKAGES], check=True)
    build = HOUSE / "build" / "peers"
    build.mkdir(parents=True, exist_ok=True)
    return [row(penrig, build, waveforms, how, rounds, rate, say) for how in SECONDS for waveforms in AT_LEAST]


def as_text(rows):
    lines = [f"{'CPU time':36}{'penrig':>12}{'pipeline.py':>14}{'ratio':>9}{'asked':>9}"]
    for row in rows:
        asked = f"≥ {row['ratio_at_least']}" if row["ratio_at_least"] else ""
        lines.append(f"{row['name']:36}{row['penrig']:9.1f} ns{row['pipeline']:11.1f} ns{row['ratio']:9.1f}{asked:>9}"
                     f"{'' if row['met'] else '  missed'}")
    return "\n".join(lines)


def command_line(penrig, rounds, json_file, say):
    """@return the exit code of tools/bench --peers."""
    if shutil.which(PYTHON) is None:
        raise Failed(f"there is no {PYTHON}")
    rows = measure(penrig, rounds, say=say)
    json_file.write_text(json.dumps({"rounds": rounds, "peers": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(as_text(rows))
    print(f"\nnumbers  {json_file}")
    return 0 if all(row["met"] for row in rows) else 1
