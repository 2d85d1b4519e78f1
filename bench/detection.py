"""`python -m bench.detection` from the root: how well and how fast texts are judged, beside two other tools.

    --data DIR   the public sets too (see bench/train/public.py); without it their tables are left out
    --sealed     the sealed files of bench/holdout, which nothing was tuned on: for a finished version only
    --quick      a tenth of everything, for a look
    --most N     of each kind of line at most N
    --json       one JSON object

The hold-outs were written by people who saw neither the rules nor the training lines. Speeds are of one core.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import cache, partial
from pathlib import Path
from typing import Any

from bench import pupils, quality, speed
from bench.machine import machine
from bench.peers import Peer, peers
from bench.report import show
from bench.targets import targets
from monitor.detectors import Judge, Model, ModelError, Rules, load_rules
from monitor.register import register_from_csv

ALL = 1_000_000
SIZES = {
    "own": 8, "own, peers": 2, "public": 15, "public, peers": 3, "ordinary": 75, "ordinary, peers": 10,
    "speed": 4000, "names": 1000,
}  # fmt: skip


class Sizes:
    """How many lines of each part: at most SIZES or a tenth of them, and no more than --most."""

    def __init__(self, most: int, *, quick: bool) -> None:
        self.half = min(most, 2 if quick else ALL)  # of each kind of a hold-out
        self._most, self._quick = most, quick

    def of(self, part: str, times: int = 1) -> int:
        """`times`: how many lines stand for one of --most."""
        return min(max(1, SIZES[part] // (10 if self._quick else 1)), self._most * times)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.detection", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--data", type=Path)
    parser.add_argument("--sealed", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--most", type=int, default=ALL)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    if given.most < 1:
        parser.error("--most: give a number from 1 on")
    result = measured(given.data, "sealed" if given.sealed else "open", given.most, quick=given.quick)
    if given.json:
        print(json.dumps(result))
    else:
        show(result)
    return 0


def measured(data: Path | None, half: str, most: int, *, quick: bool) -> dict[str, Any]:
    """Everything, as one table of tables."""
    rules, sizes = load_rules(), Sizes(most, quick=quick)
    others, missing = peers()
    model: Model | None = None
    try:
        model = Model()
    except ModelError as error:
        missing["rules + model"] = str(error)
    result: dict[str, Any] = {
        "machine": machine(), "half": half, "missing": missing, "model": model.name if model else None,
        "small": quick or most < ALL,
    }  # fmt: skip
    result["rules"] = ours(rules, None, data, half, sizes)
    if model is not None:
        result["rules + model"] = ours(rules, model, data, half, sizes)
    for name, peer in others.items():
        result[name] = theirs(peer, data, half, sizes)
    result |= measured_speed(rules, model, others, data, sizes, quick=quick)
    result["targets"] = targets(result)
    return result


def ours(rules: Rules, model: Model | None, data: Path | None, half: str, sizes: Sizes) -> dict[str, Any]:
    """With the hold-out's register where the school comments are judged, and without one elsewhere."""
    named = Judge(rules, model=model, register=register_from_csv(quality.HOLDOUT / "register.csv"))
    look = cache(Judge(rules, model=model))

    def flag(text: str) -> bool:
        return quality.hateful(look(text))

    found: dict[str, Any] = {
        "functions": quality.functions(flag, half, sizes.half),
        "school": quality.school(named, half, sizes.half),
        "own": quality.held_back(look, sizes.of("own")),
    }
    if half == "sealed":
        found["obfuscated"] = quality.obfuscated(look, sizes.half)
    if data is not None:
        found["hate"] = quality.hate(flag, data, sizes.of("public"))
        found["ordinary"] = quality.ordinary(look, data, sizes.of("ordinary"))
    return found


def theirs(peer: Peer, data: Path | None, half: str, sizes: Sizes) -> dict[str, Any]:
    """The same of fewer texts, and nothing of categories: they have none."""
    flag = cache(peer.one)
    look = quality.look_of(flag)
    school, own = (
        quality.school(look, half, sizes.half),
        quality.held_back(look, sizes.of("own, peers")),
    )
    found: dict[str, Any] = {
        "functions": quality.functions(flag, half, sizes.half),
        "school": {"found": school["found"], "alarms": school["alarms"]},
        "own": {"found": own["found"], "alarms": own["alarms"]},
    }
    if half == "sealed":
        found["obfuscated"] = quality.obfuscated(look, sizes.half)
    if data is not None:
        found["hate"] = quality.hate(flag, data, sizes.of("public, peers"))
        found["ordinary"] = quality.ordinary(look, data, sizes.of("ordinary, peers"))
    return found


def measured_speed(
    rules: Rules,
    model: Model | None,
    others: dict[str, Peer],
    data: Path | None,
    sizes: Sizes,
    *,
    quick: bool,
) -> dict[str, Any]:
    some = speed.texts(data, sizes.of("speed", 20))
    longest = speed.LONGEST // 10 if quick else speed.LONGEST
    people = pupils.pupils()
    register = pupils.register_of(people)
    found = speed.speeds(rules, register, model, some, longest)
    few = some[: max(20, len(some) // 20)]
    for name, peer in others.items():
        peer.one(few[0])  # what is done once is not counted
        found[name] = speed.pace(peer.one, few)
        found["seconds_by_length"][name] = speed.by_length(peer.one, some, longest, speed.PATIENCE)
        if peer.many is not None:
            found[f"{name}, all at once"] = speed.together(partial(peer.many, some), len(some))
    fresh = ["rules", *(["rules + model"] if model else []), *others]
    named = people[: sizes.of("names", 10)]
    return {
        "speed": found,
        "fresh_process": {name: speed.fresh(name) for name in fresh},
        "names": pupils.names(Judge(rules, register=register), named, some),
    }


if __name__ == "__main__":
    sys.exit(main())
