#!/usr/bin/python3
"""Holds records against the published JSON Schema.

check_json_schema.py SCHEMA RECORD...   each record must be valid; every key of the first that is taken away, and every
                                        unknown one that is added to it, must be refused.
"""
import copy
import json
import sys

import jsonschema

FREE = ("phases[].values", "phases[].waveforms[].inputs", "calibration_inputs[]")  # maps whose keys nobody knows beforehand
OPTIONAL = ("text_value", "tolerance_interval", "link_trace", "parts", "via", "link")


def objects(node, path=""):
    """Every object in node, with its path; entries of a list share one."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from objects(value, f"{path}.{key}".lstrip("."))
    elif isinstance(node, list):
        for value in node:
            yield from objects(value, path + "[]")


def shortened(node):
    """Lists of objects with at most two of them: all of their keys, in a hundredth of the time."""
    if isinstance(node, dict):
        return {key: shortened(value) for key, value in node.items()}
    if isinstance(node, list):
        return [shortened(value) for value in (node[:1] + node[-1:] if len(node) > 2 else node)]
    return node


def main():
    schema = json.load(open(sys.argv[1], encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong, tried = [], 0
    records = [json.loads(line) for name in sys.argv[2:] for line in open(name, encoding="utf-8")]
    for record in records:
        for error in validator.iter_errors(record):
            wrong.append(f"{record['verdict']}: at {error.json_path}: {error.message[:200]}")
    first, seen = shortened(records[0]), set()
    if not wrong:
        for path, found in objects(first):
            if path in seen or path in FREE:
                continue
            seen.add(path)
            found["surprise"] = 1
            tried += 1
            if validator.is_valid(first):
                wrong.append(f"an unknown key in '{path}' is accepted")
            del found["surprise"]
            for key in list(found):
                if key in OPTIONAL:
                    continue
                kept = copy.copy(found)
                del found[key]
                tried += 1
                if validator.is_valid(first):
                    wrong.append(f"'{path}' without '{key}' is accepted")
                found.clear()
                found.update(kept)
        if not validator.is_valid(first):
            wrong.append("the check has left the record changed")
    print("\n".join(wrong) if wrong else f"{len(records)} records valid, {tried} changes refused")
    return 1 if wrong else 0


sys.exit(main())
