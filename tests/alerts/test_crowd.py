from __future__ import annotations

from datetime import timedelta

from alerts.crowd import APART, Recent, Share, batches, shares_of
from monitor.domain import Reason, Severity
from tests.conftest import MORNING
from tests.making import HOURS

CAP = 10


def share(number: int, severity: Severity = Severity.CRITICAL, reason: Reason = Reason.FIRST) -> Share:
    return Share(number, (number,), reason, severity)


def made(waiting: list[Share], recent: Recent = Recent()) -> list[tuple[int, bool]]:  # noqa: B008
    return [(len(one.shares), one.together) for one in batches(waiting, recent, MORNING, HOURS, CAP)]


def test_a_handful_goes_one_by_one() -> None:
    assert made([share(n) for n in range(6)]) == [(1, False)] * 6


def test_what_is_over_goes_together() -> None:
    assert made([share(n) for n in range(40)]) == [(1, False)] * 6 + [(34, True)]


def test_crowds_are_kept_apart_and_lose_nothing() -> None:
    just_now = Recent(mails=7, crowd_at=MORNING - APART + timedelta(seconds=1))
    assert made([share(1)], just_now) == []
    assert made([share(1)], Recent(mails=7, crowd_at=MORNING - APART)) == [(1, True)]


def test_nothing_goes_over_the_cap_not_even_what_is_critical() -> None:
    assert made([share(1)], Recent(mails=CAP)) == []
    assert made([share(1, Severity.MEDIUM)], Recent(mails=CAP)) == []


def test_a_crowd_that_has_not_left_is_joined_by_no_other() -> None:
    assert made([share(1)], Recent(mails=7, crowd_at=MORNING - timedelta(hours=9), crowd_waits=True)) == []


def test_what_can_wait_is_one_mail_an_hour() -> None:
    calm = [share(1, Severity.MEDIUM), share(2, Severity.MEDIUM)]
    assert made(calm) == [(2, True)]
    assert made(calm, Recent(mails=1, calm_at=MORNING - timedelta(minutes=59))) == []


def test_a_closed_case_takes_no_place_from_a_grave_one() -> None:
    closed = share(1, Severity.HIGH, Reason.CLOSED)
    assert made([closed], Recent(mails=3)) == [(1, False)]
    assert made([closed], Recent(mails=4)) == [(1, True)]


def test_what_one_case_has_to_say_is_said_in_one_mail() -> None:
    rows = [(1, 7, "first", 4), (2, 8, "first", 3), (3, 7, "updated", 4)]
    assert [(one.case_id, one.ids, one.reason) for one in shares_of(rows)] == [
        (7, (1, 3), Reason.FIRST),
        (8, (2,), Reason.FIRST),
    ]
