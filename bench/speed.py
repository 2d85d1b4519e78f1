"""How fast texts are judged, on one core, and what that takes of memory. Process time: other work does not count."""

from __future__ import annotations

import gc
import json
import math
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.train.public import public
from bench.train.seeds import everything
from monitor.detectors import Judge, Model, Rules
from monitor.judging import judge_of
from monitor.ports import Register
from monitor.settings import Detection
from monitor.triage import triage

LONGEST = 1_000_000  # characters
PATIENCE = 1.0  # seconds for one text; where a peer needs more no longer one is tried
_OF_SHORT = 3  # times that a text of little cost is judged; the fastest counts
_SHORT = 0.5  # seconds
_FRESH = """
import json, sys, time
began = time.process_time()
WHAT
for text in ("Lovely assembly, well done all", "you are a disgrace " * 40):
    judge(text)
loaded = time.process_time() - began
def held(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) / 1024
print(json.dumps({"load_s": loaded, "rss_mib": held("VmRSS"), "peak_mib": held("VmHWM")}))
"""
_LOADS = {
    "rules": "from monitor.detectors import Judge, load_rules; judge = Judge(load_rules())",
    "rules + model": "from monitor.detectors import Judge, Model, load_rules; judge = Judge(load_rules(), model=Model())",
    "better_profanity": "from better_profanity import profanity; judge = profanity.contains_profanity",
    "alt-profanity-check": "from profanity_check import predict; judge = lambda text: predict([text])",
}


def texts(data: Path | None, most: int) -> list[str]:
    """Ordinary texts, all different: of public sets where they are at hand, and of our own corpus."""
    some = [one.text for one in everything(1) if not any(one.labels.values())]
    if data is not None:
        known = public(data, held_back=False)
        random.Random(1).shuffle(some)
        said = [one for one in known if one.function in ("sms_spam", "davidson")]
        some = [one.text for one in said if not any(one.labels.values())] + some[:2000]
    random.Random(1).shuffle(some)
    return list(dict.fromkeys(some))[:most]


def pace(judge: Callable[[str], object], some: Sequence[str]) -> dict[str, float]:
    """Texts a second, and the milliseconds that half of them and 99 of 100 stay under."""
    each = []
    gc.collect()  # what setting up left behind is not the texts' cost
    for text in some:
        began = time.process_time()
        judge(text)
        each.append(time.process_time() - began)
    each.sort()
    return {
        "texts_a_second": len(each) / max(1e-9, sum(each)),
        "p50_ms": 1000 * each[len(each) // 2],
        "p99_ms": 1000 * each[len(each) * 99 // 100],
    }


def together(judge: Callable[[], object], count: int) -> dict[str, float]:
    """Texts a second of one call that judges `count` of them."""
    gc.collect()
    began = time.process_time()
    judge()
    return {"texts_a_second": count / max(1e-9, time.process_time() - began)}


def as_the_daemon(
    rules: Rules, register: Register, model: Model | None, some: Sequence[str]
) -> dict[str, float]:
    """Texts a second as the service judges them: in a thread, one after another, each with its verdict. What it then
    stores is not in it."""
    look = judge_of(Detection(), rules, register, model)
    thread = threading.Thread(target=lambda: [triage(look(text)) for text in some])

    def run() -> None:
        thread.start()
        thread.join()

    return together(run, len(some))


def by_length(
    judge: Callable[[str], object], some: Sequence[str], longest: int, patience: float = math.inf
) -> dict[int, float]:
    """Seconds for one text of 1,000, 2,000, 4,000 ... and `longest` characters, until one needs more than `patience`."""
    whole = " ".join(some)
    whole *= longest // max(1, len(whole)) + 1
    sizes = [1000 * 2**step for step in range(20) if 1000 * 2**step < longest]
    seconds: dict[int, float] = {}
    for size in (*sizes, longest):
        seconds[size] = _seconds(judge, whole[:size])
        if seconds[size] > patience:
            break
    return seconds


def _seconds(judge: Callable[[str], object], text: str) -> float:
    took = []
    for _ in range(_OF_SHORT):
        began = time.process_time()
        judge(text)
        took.append(time.process_time() - began)
        if took[-1] > _SHORT:
            break
    return min(took)


def fresh(name: str) -> dict[str, Any]:
    """Of a fresh process that loads this and judges two texts: seconds for that, MiB then, and MiB at the most."""
    done = subprocess.run(
        [sys.executable, "-c", _FRESH.replace("WHAT", _LOADS[name])],
        capture_output=True, text=True, check=True, timeout=120, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def speeds(
    rules: Rules, register: Register, model: Model | None, some: Sequence[str], longest: int
) -> dict[str, Any]:
    """Ours: rules alone, with names, and with the model (of which fewer texts are judged)."""
    few = some[: max(20, len(some) // 5)]
    alone, named = Judge(rules), Judge(rules, register=register)
    pace(alone, few)  # what is done once is not counted
    found: dict[str, Any] = {
        "rules": pace(alone, some),
        "rules + names": pace(named, some),
        "rules + names, as the service": as_the_daemon(rules, register, None, some),
    }
    lengths = {"rules": by_length(alone, some, longest), "rules + names": by_length(named, some, longest)}
    if model is not None:
        whole = Judge(rules, register=register, model=model)
        found["rules + names + model"] = pace(whole, few)
        found["rules + names + model, as the service"] = as_the_daemon(rules, register, model, few)
        lengths["rules + names + model"] = by_length(whole, some, longest)
    return found | {"seconds_by_length": lengths}
