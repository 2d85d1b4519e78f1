"""What an authority for time stamps answers: its stamps and what carries them, broken."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.fuzz import broken
from bench.fuzz.target import Target, holds
from monitor.time_stamps import Authority, stamp
from monitor.time_stamps import holds as stamp_holds
from tests.monitor.stamping import stamper

HEAD = "a1" * 32


@cache
def _stamped() -> tuple[bytes, Path, TemporaryDirectory[str]]:
    """A good stamp of HEAD by an authority of our own, and its root certificate."""
    folder = TemporaryDirectory()
    with stamper(Path(folder.name) / "authority") as authority:
        token = stamp(HEAD, Authority(authority.url, authority.root))
    return token, authority.root, folder


def _stamp(chance: random.Random) -> None:
    good, root, _ = _stamped()
    token = broken.data(
        chance,
        good,
        (
            b"\x30\x80",
            b"\x30\x84\xff\xff\xff\xff",
            b"\xa0\x03\x02\x01\x02",
            b"\x06\x09",
            b"\x00" * 9,
            good[:200],
        ),
    )
    stamp_holds(token, HEAD, root)
    holds(not stamp_holds(token, "b2" * 32, root), "no stamp is another log's")


TARGETS = (
    Target(
        "stamp",
        "A time stamp counts for what it stamped, whatever is sent for one",
        "an authority's answers, broken",
        _stamp,
        900,
    ),
)
