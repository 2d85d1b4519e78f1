"""`python -m bench.fuzz.guided --target NAME`: atheris chooses the cases by the code that they reach.

The same targets as `python -m bench.fuzz`, their choices read from bytes that libFuzzer changes. Needs atheris
(bench/fuzz/requirements.txt). What breaks a promise is written to a file that `--again FILE` tries once more.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris


def main() -> None:
    parser = argparse.ArgumentParser(description="hostile input, guided by the code that it reaches")
    parser.add_argument("--target", required=True, help="its name, as `python -m bench.fuzz -h` lists them")
    parser.add_argument("--seconds", type=int, default=60, help="for how long")
    parser.add_argument("--corpus", type=Path, help="a folder of inputs to begin with and to add to")
    parser.add_argument("--again", type=Path, metavar="FILE", help="only this input")
    asked = parser.parse_args()
    with atheris.instrument_imports(
        include=["monitor", "alerts", "connectors"], enable_loader_override=False
    ):
        from bench.fuzz.__main__ import quiet
        from bench.fuzz.all_targets import TARGETS
    from bench.fuzz.chances import FromBytes, numbered

    quiet()
    target = TARGETS[asked.target]
    target.case(numbered(target.name, 0))  # what is built once is built before anything is timed
    if asked.again:
        target.case(FromBytes(asked.again.read_bytes()))
        return
    options = [f"-max_total_time={asked.seconds}", "-max_len=4096", "-timeout=20", "-print_final_stats=1"]
    if asked.corpus:
        asked.corpus.mkdir(parents=True, exist_ok=True)
        options.append(str(asked.corpus))
    atheris.Setup([sys.argv[0], *options], lambda data: target.case(FromBytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
