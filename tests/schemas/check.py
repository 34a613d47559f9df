"""Compares another validator with the verdicts of the readers: check.py SCHEMAS CASES.

CASES is the folder that `SCHEMA_CASES=… cargo test --all-features --test schemas` has filled.
"""

import json
import pathlib
import sys

import jsonschema

schemas, cases = map(pathlib.Path, sys.argv[1:])
wrong = count = 0
for path in sorted(cases.glob("*.jsonl")):
    # Plans of each service with its name, of which there is one schema.
    name = "plan" if path.stem.endswith("-in-plan") else path.stem
    schema = json.loads((schemas / f"{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for line in path.read_text().splitlines():
        case = json.loads(line)
        count += 1
        if validator.is_valid(case["document"]) != case["fits"]:
            wrong += 1
            if wrong <= 20:
                print(f"{path.stem}: fits: {case['fits']}: {json.dumps(case['document'])}")
print(f"{count} documents, {wrong} with another verdict")
sys.exit(1 if wrong or count == 0 else 0)
