"""`python -m bench.nth [--full]`: the n-th call to the outside fails, for n = 1 and on, and all is well again by itself.

Every request to X and to Facebook, every command to the mail server and to a mailbox, and the question to a time-stamp
authority, each with every way to fail that is known here. After each: nothing is stuck, asked without a pause, skipped
in silence, or half done. In short a sample of them, in full each.
"""

from __future__ import annotations

import logging
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog

from bench.attack import Attack, command
from bench.nth_mail import attack_mail
from bench.nth_mailbox import attack_mailbox
from bench.nth_stamp import attack_stamp
from bench.nth_world import Play, empty_store, network
from monitor import schema
from tests.conftest import HandClock

DEEP = "[" * 100_000
Way = tuple[str, dict[str, Any]]
WAYS: tuple[Way, ...] = (
    ("reset", {}),
    ("hang", {}),
    ("html_503", {}),
    ("error_500", {}),
    ("html_200", {}),
    ("redirect", {}),
    ("malformed_json", {}),
    ("truncated", {}),
    ("bad_gzip", {}),
    ("slow_drip", {"interval": 0.05}),
    ("oversize", {"megabytes": 12}),
    ("raw", {"body": DEEP}),
    ("raw", {"body": '{"data": ' * 50_000}),
    ("raw", {"body": "null"}),
    ("raw", {"body": "[]"}),
    ("raw", {"body": "{}"}),
    ("raw", {"body": '{"data": 7}'}),
    ("raw", {"body": '{"data": [null, {"id": NaN}]}'}),
    ("raw", {"body": '{"data": [{"id": "1", "text": "\\ud800"}], "meta": [], "paging": 3}'}),
    ("raw", {"status": 503, "body": "{}", "headers": {"retry-after": "Fri, 20 Nov 2026 09:05:00 GMT"}}),
    *(
        ("raw", {"status": 429, "body": "{}", "headers": headers})
        for headers in (
            {"retry-after": "0"},
            {"retry-after": "5"},
            {"retry-after": "-40"},
            {"retry-after": "99999999999999999999"},
            {"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT"},
            {"retry-after": "soon"},
            {"x-rate-limit-reset": "0"},
            {"x-rate-limit-reset": "-5"},
            {"x-rate-limit-reset": "1e400"},
        )
    ),
    ("rate_limited", {}),
    ("cyclic", {}),
    ("stale_token", {}),
    ("duplicates", {}),
    ("shuffled", {}),
)
PLACES = ("x", "facebook")
SAMPLE = 10  # plays a network in short


def plain(place: str, template: Path) -> tuple[int, list[str]]:
    """How many requests a play without a failure makes, and what it broke."""
    return play(place, template, 0, ("html_503", {}))


def play(place: str, template: Path, at: int, way: Way) -> tuple[int, list[str]]:
    """One play of which request `at` fails in this `way`: how many requests it made, and what it broke."""
    clock = HandClock()
    with network(place, clock) as there, empty_store(template) as store:
        there.faults.at, (there.faults.name, there.faults.settings) = at, way
        played = Play(there, store, clock)
        played.play()
        return there.faults.count, played.broken


def attack_network(place: str, most: int | None, seed: int = 1) -> tuple[int, list[str]]:
    """Fail the n-th request in each way, at most `most` of these plays (None: each); (plays, what they broke)."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "empty.db"
        schema.upgrade(template)
        requests, broken = plain(place, template)
        every = [(at, way) for way in WAYS for at in range(1, requests + 1)]
        chosen = every if most is None else random.Random(seed).sample(every, min(most, len(every)))
        for at, way in chosen:
            asked, found = play(place, template, at, way)
            if asked > requests + TOO_MANY:
                found.append(f"a hot loop: {asked} requests in place of {requests}")
            broken += [f"{place}, request {at}, {way[0]} {way[1]}"[:120] + f": {one}" for one in found]
        return len(chosen) + 1, broken


TOO_MANY = (
    30  # requests more than without a failure: a failed turn reads its list again, and others meanwhile
)


def measure(full: bool) -> list[Attack]:
    """One row for each kind of call."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    return list(_rows(full))


def _rows(full: bool) -> Iterator[Attack]:
    for place in PLACES:
        times, broken = attack_network(place, None if full else SAMPLE)
        yield _row(f"each request to {place}", times, broken)
    for name, attack in (
        ("each command to the mail server", attack_mail),
        ("each command to a mailbox", attack_mailbox),
        ("the question to a time-stamp authority", attack_stamp),
    ):
        yield _row(name, *attack(full))


def _row(what: str, times: int, broken: list[str]) -> Attack:
    for one in broken:
        print(one, file=sys.stderr)
    promise = "No failed call leaves anything stuck, skipped or half done"
    return Attack(
        promise, f"failing {what}, the n-th for n = 1, 2 …, in {len(WAYS)} ways", times, len(broken)
    )


if __name__ == "__main__":
    sys.exit(command(measure, __doc__ or ""))
