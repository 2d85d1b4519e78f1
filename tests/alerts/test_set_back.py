"""The machine's clock was a day ahead and is set right: whoever must be told is told now, not tomorrow."""

from __future__ import annotations

import random

import pytest

from alerts.notify import notify
from alerts.outbox import lease, refused
from alerts.remind import remind
from monitor import poll
from monitor.assess import assess
from monitor.domain import ItemKind, Page
from monitor.store import Store
from tests.alerts.telling import delivered, desk, outbox, told
from tests.conftest import HandClock
from tests.making import HOURS, WrittenNetwork, comment, judgement, watch
from tests.monitor.test_assess import arrive


def comes(store: Store, clock: HandClock, text: str, *, first: int = 1, many: int = 1) -> None:
    arrive(store, clock, *[text] * many, first=first)
    assess(store, judgement(), clock=clock)


def subjects(store: Store, ref: str) -> list[str]:
    return [str(mail["Subject"]) for _, mail in outbox(store) if ref in str(mail)]


@pytest.mark.parametrize("text", ["[threat critical] a", "[insult medium] a"])
def test_mails_of_a_day_to_come_silence_nothing(store: Store, clock: HandClock, text: str) -> None:
    clock.wait(days=1)
    comes(store, clock, text, many=30)
    notify(store, desk(), clock=clock)
    assert delivered(store, clock)
    clock.wait(days=-1)
    comes(store, clock, text, first=31)
    notify(store, desk(), clock=clock)
    assert subjects(store, "SM-0031")
    assert delivered(store, clock)


def test_a_notice_of_a_day_to_come_is_told_now(store: Store, clock: HandClock) -> None:
    clock.wait(days=1)
    comes(store, clock, "[threat critical] a")
    clock.wait(days=-1)
    notify(store, desk(), clock=clock)
    assert told(store) == [("headteacher", "first"), ("dsl", "first")]


@pytest.mark.parametrize("tried", [0, 3])
def test_a_mail_of_a_day_to_come_leaves_now(store: Store, clock: HandClock, tried: int) -> None:
    clock.wait(days=1)
    comes(store, clock, "[threat critical] a")
    notify(store, desk(), clock=clock)
    for _ in range(tried):
        for one in lease(store, clock(), hours=HOURS):
            refused(store, one.id, permanent=False, says="away", now=clock())
        clock.wait(minutes=30)
    lease(store, clock(), hours=HOURS)  # a run that dies
    clock.wait(days=-1, minutes=-90)
    assert len(delivered(store, clock)) == 2
    assert lease(store, clock(), hours=HOURS) == []


def test_who_was_told_in_a_day_to_come_is_reminded_from_now_on(store: Store, clock: HandClock) -> None:
    clock.wait(days=1)
    comes(store, clock, "[threat critical] a")
    notify(store, desk(), clock=clock)
    delivered(store, clock)
    clock.wait(minutes=16)
    remind(store, desk(), clock=clock)
    notify(store, desk(), clock=clock)
    delivered(store, clock)
    before = told(store)
    clock.wait(days=-1)
    remind(store, desk(), clock=clock)
    notify(store, desk(), clock=clock)
    assert told(store) == before  # nobody is reminded sooner for it
    for _ in range(4):
        clock.wait(minutes=16)
        remind(store, desk(), clock=clock)
        notify(store, desk(), clock=clock)
        delivered(store, clock)
    more = told(store)[len(before) :]
    assert more.count(("headteacher", "reminder")) == 1
    assert [reason for _, reason in more].count("escalation") == 1


def test_a_stream_that_was_read_in_a_day_to_come_is_read_now(store: Store, clock: HandClock) -> None:
    network = WrittenNetwork(Page((), "1"), Page((comment("well"),), "2"))
    watched = watch(network)
    poll.declare(store, [watched], clock())
    clock.wait(days=1)
    poll.poll(store, watched, ItemKind.COMMENT, clock=clock, chance=random.Random(1))
    clock.wait(days=-1)
    assert poll.due(store, watched, clock()) == [ItemKind.COMMENT]
    assert poll.poll(store, watched, ItemKind.COMMENT, clock=clock, chance=random.Random(1)).new == 1
    assert poll.due(store, watched, clock()) == []
