"""penrig bench live beside pipeline.py: both take the stream of the same source over a pty, with strokes, waveform files and a
database; what is compared is the CPU time of their own process, a sample."""

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
#: How many times less CPU time a sample is asked.
AT_LEAST = {"raw": 15, "flac": 6}
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


def penrig_takes(penrig, seconds, rate, waveforms):
    command = [penrig, "bench", "live", "--slots", "1", "--rate", str(rate), "--seconds", str(seconds), "--waveforms",
               waveforms, "--json"]
    told = last_json(subprocess.run(command, capture_output=True, text=True, timeout=60 + 4 * seconds, check=False), "penrig")
    return {"samples": told["samples"], "gaps": told["gaps"], "strokes": told["by_slot"][0]["strokes"],
            "ns_per_sample": told["ns_per_sample"]}


def pipeline_takes(penrig, seconds, rate, waveforms, build):
    source = subprocess.Popen([penrig, "bench", "source", "--slots", "1", "--rate", str(rate), "--seconds", str(seconds)],
                              stdout=subprocess.PIPE, text=True)
    try:
        port = source.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as folder:
            command = [PYTHON, HERE / "pipeline.py", port, "--records", folder, "--rate", str(rate), "--waveforms", waveforms,
                       "--schema", schema(build)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60 + 4 * seconds, check=False,
                                  env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(scipy_beside(build / "scipy"))})
        return last_json(done, "pipeline.py")
    finally:
        source.kill()
        source.wait()


def measure(penrig, rounds, seconds=20, rate=100_000, say=print):
    """A row for each form of waveform files: the medians of the rounds, each with both sides in turn."""
    subprocess.run([HOUSE / "tools" / "setup", *PACKAGES], check=True)
    build = HOUSE / "build" / "peers"
    build.mkdir(parents=True, exist_ok=True)
    rows = []
    for waveforms, at_least in AT_LEAST.items():
        own, other = [], []
        for number in range(1, rounds + 1):
            say(f"peers, waveforms {waveforms}: round {number} of {rounds}")
            own.append(penrig_takes(penrig, seconds, rate, waveforms))
            other.append(pipeline_takes(penrig, seconds, rate, waveforms, build))
        expected = max(taken["samples"] for taken in own)
        for who, all_taken in (("penrig", own), ("pipeline.py", other)):
            for taken in all_taken:
                if taken["gaps"] or taken["samples"] < expected or not taken["strokes"]:
                    raise Failed(f"{who} took {taken['samples']} of {expected} samples, with {taken['gaps']} gaps and "
                                 f"{taken['strokes']} strokes: what it cost says nothing")
        ratio = statistics.median(b["ns_per_sample"] / a["ns_per_sample"] for a, b in zip(own, other))
        rows.append({"name": f"CPU time a sample, waveforms {waveforms}", "unit": "ns",
                     "penrig": statistics.median(a["ns_per_sample"] for a in own),
                     "pipeline": statistics.median(b["ns_per_sample"] for b in other), "ratio": ratio,
                     "ratio_at_least": at_least, "met": ratio >= at_least})
    return rows


def as_text(rows):
    lines = [f"{'':32}{'penrig':>12}{'pipeline.py':>14}{'ratio':>9}{'asked':>9}"]
    for row in rows:
        lines.append(f"{row['name']:32}{row['penrig']:9.1f} ns{row['pipeline']:11.1f} ns{row['ratio']:9.1f}"
                     f"{'≥ ' + str(row['ratio_at_least']):>9}{'' if row['met'] else '  missed'}")
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
