"""The loops that fail the n-th call, in short; and that they see what they are to see."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench import nth, nth_mail, nth_mailbox
from bench.nth_world import empty_store
from monitor import poll


@pytest.fixture
def template(_empty_database: Path) -> Path:
    return _empty_database


@pytest.mark.parametrize("place", nth.PLACES)
def test_no_failed_request_leaves_anything_stuck_or_skipped(place: str) -> None:
    times, broken = nth.attack_network(place, 2)
    assert (times, broken) == (3, [])


def test_no_failed_command_to_the_mail_server_loses_a_mail(template: Path) -> None:
    for at, another in ((5, "554 5.7.1 rejected"), (6, "drop")):
        with empty_store(template) as store:
            script, broken = asyncio.run(nth_mail.play(store, at, another))
        assert broken == []
        assert script.count > at


def test_no_failed_command_to_a_mailbox_loses_a_message(template: Path) -> None:
    for at, another in ((4, "NO [UNAVAILABLE] later"), (7, "drop")):
        assert nth_mailbox.played(template, at, another)[1] == []


def test_a_failed_turn_that_is_due_again_at_once_is_seen(
    monkeypatch: pytest.MonkeyPatch, template: Path
) -> None:
    monkeypatch.setattr(poll, "BACKOFF_LAST", -poll.BACKOFF_FIRST)
    _, broken = nth.play("facebook", template, 2, ("reset", {}))
    assert any("hot loop" in one for one in broken)


def test_a_message_that_is_forgotten_is_seen(monkeypatch: pytest.MonkeyPatch, template: Path) -> None:
    monkeypatch.setattr("alerts.outbox_failed._gave_up", lambda *_: None)
    with empty_store(template) as store:
        _, broken = asyncio.run(nth_mail.play(store, 4, "550 5.1.1 nobody here"))
    assert any("silent skip" in one for one in broken)


@pytest.mark.slow
def test_a_larger_sample_holds_too() -> None:
    rows = nth.measure(full=False)
    assert sum(row.times for row in rows) > 40
    assert [row.violations for row in rows] == [0] * len(rows)
