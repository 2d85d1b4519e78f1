"""Each target notices when what it watches over is taken away: else a thousand cases would prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alerts.mime import assembled
from bench.fuzz.all_targets import EVERY, TARGETS
from bench.fuzz.target import run


def same(value: Any, *_: object, **__: object) -> Any:
    return value


def yes(*_: object, **__: object) -> bool:
    return True


@pytest.mark.parametrize(
    ("name", "place", "instead"),
    [
        ("x-entry", "connectors.x_items.text", same),
        ("facebook-entry", "connectors.facebook_items.plain", same),
        ("facebook-entry", "connectors.facebook_items.quote", same),
        ("x-answer", "connectors.answers.general", lambda *_: ValueError("raised")),
        ("judge", "monitor.detectors.MOST_CHARACTERS", "not a number"),
        ("shown", "alerts.safe._hides", lambda _: False),
        ("shown", "alerts.safe.defanged", same),
        ("address", "bench.fuzz.words.normal_email", same),
        ("register", "monitor.register_csv._shown", lambda text: f"{text}\n"),
        ("table", "alerts.export.history._cell", same),
        ("log", "monitor.logs._escaped", same),
        ("alert", "alerts.safe.clean", same),
        ("assembled", "bench.fuzz.mails.assembled", lambda *given: b"X-More: 1\r\n" + assembled(*given)),
        ("server-said", "alerts.replies.clean", same),
        ("letter", "alerts.inbox.letter.is_proven", yes),
        ("results", "bench.fuzz.mails.is_proven", yes),
        ("request", "alerts.web.guards.Shield.__call__", None),
        ("form", "alerts.web.guards.Shield.__call__", None),
        ("token", "bench.fuzz.pages.find", yes),
        ("stamp", "bench.fuzz.stamps.stamp_holds", yes),
    ],
)
def test_a_target_notices(
    monkeypatch: pytest.MonkeyPatch, name: str, place: str, instead: Callable[..., Any] | str | None
) -> None:
    monkeypatch.setattr(place, _straight if instead is None else instead)
    assert next((one for one in run(TARGETS[name], range(TARGETS[name].share)) if one), None)


async def _straight(self: Any, scope: Any, receive: Any, send: Any) -> None:
    """Without headers of ours and without a net for faults."""
    await self.app(scope, receive, send)


def test_the_tests_try_a_hundred_thousand_cases() -> None:
    assert EVERY >= 100_000
