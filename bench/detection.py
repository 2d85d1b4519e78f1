"""`python -m bench.detection` from the root: how well and how fast texts are judged, beside two other tools.

    --data DIR   the public sets too (see bench/train/public.py); without it their tables are left out
    --sealed     the sealed halves of bench/holdout, which nothing was tuned on: for a finished version only
    --quick      a tenth of everything, for a look
    --most N     of each kind of line at most N
    --json       one JSON object

The hold-outs were written by somebody who saw neither the rules nor the training lines. Speeds are of one core.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from bench import quality, speed
from bench.machine import machine
from bench.peers import peers
from monitor.detectors import Judge, Model, load_rules
from monitor.register import register_from_csv

LONGEST = 1_000_000  # characters
_ALL = 1_000_000


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path)
    parser.add_argument("--sealed", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--most", type=int, default=_ALL)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    result = measured(given.data, "test" if given.sealed else "dev", given.most, quick=given.quick)
    if given.json:
        print(json.dumps(result))
    else:
        show(result)
    return 0


def measured(data: Path | None, half: str, most: int, *, quick: bool) -> dict[str, Any]:
    """Everything, as one table of tables."""
    rules = load_rules()
    began = time.process_time()
    model = Model()
    loading = time.process_time() - began
    known = register_from_csv(quality.HOLDOUT / "register.csv")
    others, missing = peers()
    result: dict[str, Any] = {
        "machine": machine(), "half": half, "peers_missing": missing,
        "model": model.name, "model_loads_in": loading,
    }  # fmt: skip
    judges = {"rules": None, "rules + model": model}
    for name, reader in judges.items():
        alone, named = Judge(rules, model=reader), Judge(rules, model=reader, register=known)
        row: dict[str, Any] = {
            "functions": quality.functions(
                lambda text, judge=alone: quality.hateful(judge(text)), half, most
            ),
            "school": quality.school(named, half, most),
            "own": quality.held_back(alone, min(most, 1 if quick else 8)),
        }
        if half == "test":
            row["obfuscated"] = quality.obfuscated(alone, most)
        if data is not None:
            row["ordinary"] = quality.ordinary(alone, data, min(most, 1 if quick else 20))
        result[name] = row
    for name, flag in others.items():
        result[name] = {"functions": quality.functions(flag, half, most)}
    result["speed"] = speeds(rules, model, data, min(most * 10, 200 if quick else 4000), quick=quick)
    result["speed"] |= {
        name: speed.pace(flag, speed.texts(data, min(most * 10, 300))) for name, flag in others.items()
    }
    result["memory_mib"] = {"rules": speed.memory("off"), "rules + model": speed.memory("on")}
    return result


def speeds(rules: Any, model: Model, data: Path | None, count: int, *, quick: bool) -> dict[str, Any]:
    some = speed.texts(data, count)
    register = speed.invented_register()
    named = Judge(rules, register=register)
    whole = Judge(rules, register=register, model=model)
    few = some[: max(20, count // 8)]
    speed.pace(Judge(rules), few)  # what is done once is not counted
    longest = LONGEST // 10 if quick else LONGEST
    return {
        "rules": speed.pace(Judge(rules), some),
        "rules + names": speed.pace(named, some),
        "rules + names + model": speed.pace(whole, few),
        "seconds_by_length": {
            "rules + names": speed.by_length(named, some, longest),
            "rules + names + model": speed.by_length(whole, some, longest),
        },
    }


def show(result: dict[str, Any]) -> None:
    print(result["machine"])
    print(
        f"{result['model']}, loaded in {result['model_loads_in']:.1f} s; hold-outs: the {result['half']} halves"
    )
    for name in result["peers_missing"]:
        print(f"{name} is not installed: pip install -r bench/requirements.txt")
    print("\nHATEFUL OR NOT (hold-out of functions)")
    print(f"{'':<24}{'macro-F1':>10}{'recall':>10}{'false':>10}{'gap of groups':>16}")
    for name, row in result.items():
        if isinstance(row, dict) and "functions" in row:
            one = row["functions"]
            print(
                f"{name:<24}{one['macro_f1']:>10.1f}{one['recall']:>10.1f}{one['false_positive_rate']:>10.1f}{one['group_gap']:>16.1f}"
            )
    _shares("by function", result, ("functions", "by_function"))
    _shares("by group", result, ("functions", "by_group"))
    _shares("SCHOOL COMMENTS: right category and severity", result, ("school", "right"))
    _shares("SCHOOL COMMENTS: right category", result, ("school", "named"))
    _shares("SCHOOL COMMENTS: found at all", result, ("school", "found"))
    _shares("harmless ones that alert somebody", result, ("school", "alarms"))
    for name in ("rules", "rules + model"):
        print(
            f"critical kinds raised to high or critical, {name}: {_of(result[name]['school']['critical_raised'])}"
        )
    _shares("disguised, of those found in plain words", result, ("obfuscated", "by_kind"))
    _shares("our own lines kept from training: category named", result, ("own", "named"))
    _shares("our own harmless lines that alert somebody", result, ("own", "alarms"))
    _shares("ordinary messages that alert somebody", result, ("ordinary",))
    _speed(result)


def _shares(title: str, result: dict[str, Any], path: tuple[str, ...]) -> None:
    columns: dict[str, dict[str, list[int]]] = {}
    for name, row in result.items():
        at: Any = row
        for key in path:
            at = at.get(key) if isinstance(at, dict) else None
        if isinstance(at, dict):
            columns[name] = at
    if not columns:
        return
    print(f"\n{title}\n{'':<40}" + "".join(f"{name:>22}" for name in columns))
    keys = dict.fromkeys(key for rows in columns.values() for key in rows)
    for key in keys:
        print(f"{key:<40}" + "".join(f"{_of(rows.get(key, [0, 0])):>22}" for rows in columns.values()))
    print(f"{'all':<40}" + "".join(f"{_of(quality.total(rows)):>22}" for rows in columns.values()))


def _of(pair: Any) -> str:
    right, of = pair
    return f"{right} of {of} ({100 * right / of:.1f} %)" if of else "-"


def _speed(result: dict[str, Any]) -> None:
    print(f"\nSPEED of one core\n{'':<24}{'texts/s':>10}{'p50 ms':>10}{'p99 ms':>10}")
    for name, row in result["speed"].items():
        if "p50_ms" in row:
            print(f"{name:<24}{row['texts_a_second']:>10.0f}{row['p50_ms']:>10.2f}{row['p99_ms']:>10.2f}")
    for name, row in result["speed"]["seconds_by_length"].items():
        print(
            f"one text, {name}: "
            + ", ".join(f"{size:,} characters {took:.3f} s" for size, took in row.items())
        )
    for name, used in result["memory_mib"].items():
        print(f"memory at the most, {name}: {used:.0f} MiB")


if __name__ == "__main__":
    sys.exit(main())
