"""tools/penrig-station.service: starts what there is, as nobody who matters, and sees no more than it needs.

service_test.py PROGRAM
"""

import configparser
import pathlib
import re
import subprocess
import sys
import unittest

HOUSE = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = sys.argv.pop(1)


class Unit(configparser.RawConfigParser):
    """A unit's file: keys keep their case, and may stand several times; the last stays."""

    optionxform = str


def service():
    unit = Unit(strict=False, delimiters=("=",), comment_prefixes=("#",), inline_comment_prefixes=None)
    unit.read(HOUSE / "tools" / "penrig-station.service", encoding="utf-8")
    return unit["Service"]


class Service(unittest.TestCase):
    def test_it_starts_with_options_that_there_are(self):
        told = subprocess.run([PROGRAM, "station", "--help"], capture_output=True, text=True, check=True, timeout=60).stdout
        text = (HOUSE / "tools" / "penrig-station.service").read_text(encoding="utf-8")
        options = set(re.findall(r"--[a-z-]+", "\n".join(line for line in text.splitlines() if "penrig station" in line
                                                          or line.startswith("#   STATION="))))
        self.assertGreaterEqual(options, {"--records", "--rig", "--plan", "--first-admin"})
        for option in options:
            self.assertIn(option, told)

    def test_it_has_the_rights_that_it_needs_and_no_more(self):
        unit = service()
        self.assertEqual(unit["User"], "penrig")
        for key in ("CapabilityBoundingSet", "AmbientCapabilities"):
            self.assertEqual(unit[key], "", key)
        for key in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "ProtectClock", "ProtectHostname", "ProtectKernelLogs",
                    "ProtectKernelModules", "ProtectKernelTunables", "ProtectControlGroups", "RestrictNamespaces",
                    "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "MemoryDenyWriteExecute"):
            self.assertEqual(unit[key], "yes", key)
        self.assertEqual(unit["ProtectSystem"], "strict")
        self.assertEqual(unit["DevicePolicy"], "closed")
        self.assertEqual(unit["UMask"], "0077")

    def test_it_is_ended_so_that_the_pens_are_safe(self):
        unit = service()
        self.assertEqual(unit["KillSignal"], "SIGTERM")
        self.assertGreaterEqual(int(unit["TimeoutStopSec"]), 30)
        self.assertEqual(unit["Restart"], "on-failure")


if __name__ == "__main__":
    unittest.main()
