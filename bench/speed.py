"""How fast texts are judged, on one core, and what that takes of memory. Process time: other work does not count."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.train.public import public
from bench.train.seeds import everything
from monitor.detectors import load_rules
from monitor.register import register_from_csv
from monitor.register_hashes import HashedRegister

PUPILS = 3000
_SYLLABLES = [
    "thorn", "bury", "mar", "ley", "wick", "ham", "ton", "ford", "den", "bran", "dle", "hol", "croft", "ash", "worth", "pen", "gal", "lan",
    "ster", "mor", "ris", "win", "field", "kes", "wood", "bar", "rett", "dun", "more",
]  # fmt: skip
_MEMORY = """
import sys
from monitor.detectors import Judge, Model, load_rules
judge = Judge(load_rules(), model=Model() if sys.argv[1] == "on" else None)
for text in ("Lovely assembly, well done all", "you are a disgrace " * 40):
    judge(text)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def texts(data: Path | None, most: int) -> list[str]:
    """Ordinary texts, all different."""
    if data is not None:
        some = [one.text for one in public(data, held_back=False) if one.function in ("sms_spam", "davidson")]
    else:
        some = [one.text for one in everything(1) if not any(one.labels.values())]
    random.Random(1).shuffle(some)
    return list(dict.fromkeys(some))[:most]


def invented_register() -> HashedRegister:
    """PUPILS pupils with forenames of the rules' list and surnames of syllables."""
    rng = random.Random(5)
    forenames = [name for name in load_rules().lists["forenames"] if len(name) > 2]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["UPN", "Forename", "Surname", "Year Group"])
            for number in range(PUPILS):
                surname = "".join(rng.sample(_SYLLABLES, rng.choice((2, 2, 3))))
                writer.writerow([f"X{number}", rng.choice(forenames).title(), surname.title(), "7"])
        return register_from_csv(path)


def pace(judge: Callable[[str], object], some: Sequence[str]) -> dict[str, float]:
    """Texts a second, and the milliseconds that half of them and 99 of 100 stay under."""
    each = []
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


def by_length(judge: Callable[[str], object], some: Sequence[str], longest: int) -> dict[int, float]:
    """Seconds for one text of so many characters."""
    whole = " ".join(some)
    whole *= longest // max(1, len(whole)) + 1
    seconds: dict[int, float] = {}
    size = 1000
    while size <= longest:
        began = time.process_time()
        judge(whole[:size])
        seconds[size] = time.process_time() - began
        size *= 4 if size * 4 <= longest else longest // size if longest // size > 1 else longest + 1
    return seconds


def memory(model: str) -> float:
    """MiB at the most, of a fresh process that has judged something."""
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY, model], capture_output=True, text=True, check=True, timeout=120
    )
    return int(done.stdout) / 1024
