"""What a target is, and how its cases are run."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.fuzz.chances import numbered


class Broken(AssertionError):  # noqa: N818 - it reads as what it says
    """A promise did not hold. The text says which; it holds no more of the input than tells the case."""


@dataclass(frozen=True, slots=True)
class Target:
    """One way in. `promise` and `how` as in a row of the table; `case` makes and tries one case by the choices that it is
    given, and raises whatever goes wrong; `share` is how many of its cases stand in each hundred thousand."""

    name: str
    promise: str
    how: str
    case: Callable[[random.Random], None]
    share: int


@dataclass(frozen=True, slots=True)
class Failure:
    """One case that broke something: its number makes it again."""

    target: str
    number: int
    says: str


def holds(true: object, promise: str) -> None:
    """Broken unless `true`."""
    if not true:
        raise Broken(promise)


def run(target: Target, numbers: Iterable[int], seconds: float | None = None) -> Iterator[Failure | None]:
    """Each case in turn, for at most `seconds`: None where it held, else what went wrong."""
    ends = None if seconds is None else time.monotonic() + seconds
    for number in numbers:
        if ends is not None and time.monotonic() > ends:
            return
        try:
            target.case(numbered(target.name, number))
        except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
            yield Failure(target.name, number, told(error))
        else:
            yield None


def told(error: BaseException) -> str:
    """The kind of the error, where it came from, and its first line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " > ".join(f"{Path(one.filename).name}:{one.lineno}" for one in frames[-4:])
    return f"{type(error).__name__} at {where}: {str(error).partition(chr(10))[0][:200]}"
