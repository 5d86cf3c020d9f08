"""What tools/bench makes of what its benchmarks tell."""

import json
import pathlib
import sys
import tempfile
import unittest

HOUSE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(HOUSE / "tools" / "benchmarks"))
import bench_table as table  # noqa: E402

ROW = '[[row]]\nname = "read"\nprogram = "p"\nbenchmark = "b"\nunit = "M/s"\n'


def told(name, rate, **more):
    return {"name": name, "items_per_second": rate, "cpu_time": 2.0, "time_unit": "ms", "iterations": 10} | more


def rounds_of(*rates):
    """Rounds of a benchmark b and of its bound c."""
    rounds = table.Rounds()
    for own, bound in rates:
        rounds.add("p", {"benchmarks": [told("b", own), told("c", bound)]})
    return rounds


def row(**more):
    return table.Row(**({"name": "read", "program": "p", "benchmark": "b", "unit": "M/s"} | more))


class Rows(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "rows.toml"
            file.write_text(text, encoding="utf-8")
            return table.read_rows(file)

    def refused(self, text, *words):
        with self.assertRaises(table.Mistake) as refused:
            self.read(text)
        for word in words:
            self.assertIn(word, str(refused.exception))

    def test_those_of_the_project_are_read(self):
        rows = table.read_rows(HOUSE / "tools" / "benchmarks" / "rows.toml")
        self.assertGreater(len(rows), 10)
        for program in table.programs_of(rows):
            self.assertTrue((HOUSE / "tools" / "benchmarks" / f"{program}.cpp").exists(), program)

    def test_mistakes_are_named(self):
        self.refused(ROW + 'colour = "red"\n', "row 1 (read)", "'colour'", "known:")
        self.refused(ROW.replace('unit = "M/s"\n', ""), "'unit' is missing")
        self.refused(ROW + ROW, "row 2", "'read' as well")
        self.refused(ROW + "ratio_at_least = 2\n", "without 'per'")
        self.refused(ROW + "instructions_at_most = 2\n", "'counted'")
        self.refused(ROW + 'at_least = "many"\n', "'many'", "number")
        self.refused(ROW + 'per = "c"\n', "PROGRAM/BENCHMARK")
        self.refused(ROW + 'better = "higher"\n', "higher", "less")
        self.refused("", "no [[row]]")
        self.refused("[[row]\n", "cannot be read")


class Measured(unittest.TestCase):
    def test_ratio_is_of_the_same_round(self):
        # Both halve in two rounds of three: the machine did, penrig did not.
        rounds = rounds_of((300, 100), (150, 50), (150, 50))
        measured = table.measure(row(per="p/c", ratio_at_least=3), rounds, {})
        self.assertEqual(measured["ratio"], 3)
        self.assertEqual(measured["figure"], 150)
        self.assertIs(measured["met"], True)
        self.assertIs(table.measure(row(per="p/c", ratio_at_least=3.01), rounds, {})["met"], False)

    def test_scale_and_limits(self):
        rounds = rounds_of((2e6, 1))
        self.assertEqual(table.measure(row(scale=1e6), rounds, {})["figure"], 2)
        self.assertIsNone(table.measure(row(scale=1e6), rounds, {})["met"])
        self.assertIs(table.measure(row(scale=1e6, at_least=2, at_most=2), rounds, {})["met"], True)
        self.assertIs(table.measure(row(scale=1e6, at_least=2, at_most=1.9), rounds, {})["met"], False)

    def test_what_was_not_counted_is_not_met(self):
        counted = row(counted=True, instructions_at_most=9)
        rounds = rounds_of((1, 1))
        self.assertIs(table.measure(counted, rounds, {})["met"], False)
        self.assertIs(table.measure(counted, rounds, {"read": 9.0})["met"], True)
        self.assertIs(table.measure(counted, rounds, {"read": 9.1})["met"], False)

    def test_what_was_not_told_fails(self):
        with self.assertRaisesRegex(table.Failed, "told nothing of 'd'"):
            table.measure(row(benchmark="d"), rounds_of((1, 1)), {})
        with self.assertRaisesRegex(table.Failed, "no figure 'p99_us'"):
            table.measure(row(figure="p99_us"), rounds_of((1, 1)), {})
        rounds = table.Rounds()
        with self.assertRaisesRegex(table.Failed, "no such plan"):
            rounds.add("p", {"benchmarks": [told("b", 1, error_occurred=True, error_message="no such plan")]})

    def test_items(self):
        self.assertAlmostEqual(table.items_counted(told("b", 5000)), 100)  # 5 a ms, 2 ms each, ten times
        with self.assertRaises(table.Failed):
            table.items_counted({"name": "b", "cpu_time": 1, "time_unit": "s", "iterations": 1})


class Compared(unittest.TestCase):
    def worse(self, measured, before):
        given = {"name": "read", "ratio": None, "instructions": None, "better": "more"} | measured
        return table.compare([given], {"rows": [{"name": "read"} | before]})[0]["worse"]

    def test_ratio_by_more_than_15_percent(self):
        self.assertEqual(self.worse({"ratio": 0.86}, {"ratio": 1}), [])
        self.assertEqual(self.worse({"ratio": 0.84}, {"ratio": 1}), ["ratio -16%"])
        self.assertEqual(self.worse({"ratio": 2}, {"ratio": 1}), [])
        # Where less is better: a round trip over a bare echo.
        self.assertEqual(self.worse({"ratio": 1.16, "better": "less"}, {"ratio": 1}), ["ratio +16%"])
        self.assertEqual(self.worse({"ratio": 0.5, "better": "less"}, {"ratio": 1}), [])

    def test_instructions_by_more_than_5_percent(self):
        self.assertEqual(self.worse({"instructions": 104}, {"instructions": 100}), [])
        self.assertEqual(self.worse({"instructions": 106}, {"instructions": 100}), ["instructions +6%"])
        self.assertEqual(self.worse({"instructions": 50}, {"instructions": 100}), [])

    def test_a_new_row_is_not_worse(self):
        self.assertEqual(self.worse({"ratio": 1}, {"name": "another", "ratio": 2}), [])


class Text(unittest.TestCase):
    def test_says_what_was_missed_and_what_is_worse(self):
        rounds = rounds_of((1234567e6, 1e12))
        measured = table.measure(row(scale=1e6, per="p/c", at_least=2e6, better="more"), rounds, {"read": 7.25})
        text = table.as_text(table.compare([measured], {"rows": [{"name": "read", "ratio": 2, "instructions": 7}]}))
        lines = text.splitlines()
        self.assertEqual(len(lines), 2)
        for part in ("read", "1,234,567", "M/s", "1,000,000", "1.23", "7.25", "≥ 2,000,000", "MISSED", "WORSE: ratio -38%"):
            self.assertIn(part, lines[1])
        self.assertEqual(json.loads(json.dumps(measured))["asked"], {"at_least": 2e6})


if __name__ == "__main__":
    unittest.main()
