"""Rows of tools/bench: what is asked, what the benchmarks measured, and what became worse."""

import dataclasses
import statistics
import tomllib

RATIO_MAY_FALL = 0.15  # of the baseline's
INSTRUCTIONS_MAY_RISE = 0.05
LIMITS = ("at_least", "at_most", "ratio_at_least", "ratio_at_most", "instructions_at_most")


class Mistake(Exception):
    """In what somebody wrote: rows, baseline or a command line."""


class Failed(Exception):
    """A benchmark did not run, or told no such figure."""


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of rows.toml; what its keys are stands there."""

    name: str
    program: str
    benchmark: str
    unit: str
    figure: str = "items_per_second"
    per: str = ""
    per_figure: str = ""
    scale: float = 1
    counted: bool = False
    better: str = "more"
    at_least: float | None = None
    at_most: float | None = None
    ratio_at_least: float | None = None
    ratio_at_most: float | None = None
    instructions_at_most: float | None = None

    def bound(self):
        """(program, benchmark, figure), or None."""
        if not self.per:
            return None
        program, _, benchmark = self.per.partition("/")
        return program, benchmark, self.per_figure or self.figure

    def own(self):
        return self.program, self.benchmark, self.figure


def _check(file, number, given):
    where = f"{file}: row {number} ({given.get('name', 'without a name')})"
    known = {field.name: field for field in dataclasses.fields(Row)}
    for key in given:
        if key not in known:
            raise Mistake(f"{where}: unknown key '{key}' (known: {', '.join(known)})")
    for key in ("name", "program", "benchmark", "unit"):
        if not isinstance(given.get(key), str):
            raise Mistake(f"{where}: '{key}' is missing, or no text")
    if given.get("better", "more") not in ("more", "less"):
        raise Mistake(f"{where}: 'better' is {given['better']!r}; it must be \"more\" or \"less\"")
    if "per" in given and "/" not in given["per"]:
        raise Mistake(f"{where}: 'per' is {given['per']!r}; it must be PROGRAM/BENCHMARK")
    for key in ("ratio_at_least", "ratio_at_most"):
        if key in given and "per" not in given:
            raise Mistake(f"{where}: '{key}' without 'per': there is no ratio")
    if "instructions_at_most" in given and not given.get("counted"):
        raise Mistake(f"{where}: 'instructions_at_most', but 'counted' is not true")
    for key in (*LIMITS, "scale"):
        if key in given and (isinstance(given[key], bool) or not isinstance(given[key], int | float)):
            raise Mistake(f"{where}: '{key}' is {given[key]!r}; it must be a number")


def read_rows(file):
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8")).get("row", [])
    except (OSError, tomllib.TOMLDecodeError) as e:
        raise Mistake(f"{file}: cannot be read ({e})") from e
    if not given:
        raise Mistake(f"{file}: no [[row]] stands there")
    rows = []
    for number, row in enumerate(given, 1):
        _check(file, number, row)
        if any(other.name == row["name"] for other in rows):
            raise Mistake(f"{file}: row {number}: another is named '{row['name']}' as well")
        rows.append(Row(**row))
    return rows


def programs_of(rows):
    """{program: {benchmark}} that the rows need."""
    needed = {}
    for row in rows:
        for place in filter(None, (row.own(), row.bound())):
            needed.setdefault(place[0], set()).add(place[1])
    return needed


class Rounds:
    """What every round of every program told, as Google Benchmark's JSON has it."""

    def __init__(self):
        self._told = {}  # (program, benchmark) -> list of its objects, one a round

    def add(self, program, document):
        for told in document.get("benchmarks", []):
            if told.get("error_occurred"):
                raise Failed(f"{program}: {told['name']}: {told.get('error_message', 'failed and does not say why')}")
            self._told.setdefault((program, told["name"]), []).append(told)

    def figures(self, place):
        """One a round."""
        program, benchmark, figure = place
        told = self._told.get((program, benchmark))
        if not told:
            raise Failed(f"{program} told nothing of '{benchmark}'; see its --benchmark_list_tests")
        if any(figure not in one for one in told):
            raise Failed(f"{program}: '{benchmark}' has no figure '{figure}' (it has: {', '.join(told[0])})")
        return [float(one[figure]) for one in told]


def items_counted(told):
    """How many items one run of a benchmark worked through: its rate times the time that it took."""
    rate = told.get("items_per_second", told.get("runs_per_cpu_s"))
    if rate is None:
        raise Failed(f"'{told['name']}' does not say how many items it worked through")
    unit_s = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[told["time_unit"]]
    return rate * told["cpu_time"] * unit_s * told["iterations"]


def _met(row, measured):
    """None where nothing is asked, or where what is asked was not measured."""
    checks = []
    for key, value in (("", "figure"), ("ratio_", "ratio"), ("instructions_", "instructions")):
        for end, holds in (("at_least", lambda a, b: a >= b), ("at_most", lambda a, b: a <= b)):
            limit = getattr(row, key + end, None)
            if limit is not None:
                checks.append(measured[value] is not None and holds(measured[value], limit))
    return all(checks) if checks else None


def measure(row, rounds, instructions):
    """One row of the answer. `instructions`: {name: instructions an item}, where they were counted."""
    own = [figure / row.scale for figure in rounds.figures(row.own())]
    measured = {"name": row.name, "unit": row.unit, "figure": statistics.median(own), "bound": None, "ratio": None,
                "instructions": instructions.get(row.name)}
    if row.bound():
        bound = [figure / row.scale for figure in rounds.figures(row.bound())]
        measured["bound"] = statistics.median(bound)
        # Round by round: what the machine was like in one is the same for both.
        measured["ratio"] = statistics.median(a / b for a, b in zip(own, bound, strict=True))
    asked = {key: getattr(row, key) for key in LIMITS if getattr(row, key) is not None}
    return measured | {"per": row.per, "better": row.better, "asked": asked, "met": _met(row, measured)}


def worse_than(measured, before):
    """What of a row became worse than a baseline's, in words; empty: nothing."""
    worse = []
    if measured["ratio"] is not None and before.get("ratio"):
        change = measured["ratio"] / before["ratio"] - 1
        loss = change if measured["better"] == "less" else -change
        if loss > RATIO_MAY_FALL:
            worse.append(f"ratio {change:+.0%}")
    if measured["instructions"] is not None and before.get("instructions"):
        change = measured["instructions"] / before["instructions"] - 1
        if change > INSTRUCTIONS_MAY_RISE:
            worse.append(f"instructions {change:+.0%}")
    return worse


def compare(table, baseline):
    """Adds `worse` to each row; a row that the baseline does not have has none."""
    before = {row["name"]: row for row in baseline.get("rows", [])}
    return [row | {"worse": worse_than(row, before.get(row["name"], {}))} for row in table]


def _number(x):
    if x is None:
        return ""
    if abs(x) >= 1000:
        return f"{x:,.0f}"
    return f"{x:.3g}" if abs(x) < 100 else f"{x:.0f}"


def _asked(row):
    names = {"at_least": "≥ {}", "at_most": "≤ {}", "ratio_at_least": "≥ {} ×", "ratio_at_most": "≤ {} ×",
             "instructions_at_most": "≤ {} instr."}
    return ", ".join(names[key].format(_number(value)) for key, value in row["asked"].items())


def as_text(table):
    """The table as a terminal shows it, columns as wide as they need to be."""
    lines = [("", "measured", "unit", "bound", "ratio", "instr. an item", "asked", "")]
    for row in table:
        met = {True: "met", False: "MISSED", None: ""}[row["met"]]
        worse = "WORSE: " + ", ".join(row["worse"]) if row.get("worse") else ""
        lines.append((row["name"], _number(row["figure"]), row["unit"], _number(row["bound"]), _number(row["ratio"]),
                      _number(row["instructions"]), _asked(row), " ".join(filter(None, (met, worse)))))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    right = (1, 3, 4, 5)
    return "\n".join(
        "  ".join(cell.rjust(widths[i]) if i in right else cell.ljust(widths[i]) for i, cell in enumerate(line)).rstrip()
        for line in lines)
