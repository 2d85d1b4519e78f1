"""The mail about a remembered device, as the outbox keeps it."""

from __future__ import annotations

import re
from datetime import timedelta

from alerts.device_news import DeviceNews
from alerts.setup_sign_in import send_device_news
from monitor.domain import Reason, Role
from monitor.store import Store
from tests.alerts.telling import desk, outbox, text_of
from tests.conftest import HandClock


def test_a_device_is_told_of_once_and_its_end_once(store: Store, clock: HandClock) -> None:
    until = clock() + timedelta(days=30)
    for _ in range(2):
        for copied in (False, True):
            news = DeviceNews(7, "Edge on Windows", clock(), until, copied)
            with store.write() as session:
                send_device_news(store, desk(), session, Role.DSL, "dsl@school.example", news, clock())
        clock.wait(minutes=1)
    (first, remembered), (second, ended) = outbox(store)
    assert {first.reason, second.reason} == {Reason.DEVICE}
    assert remembered["To"] == ended["To"] == "dsl@school.example"
    assert "Edge on Windows was remembered" in text_of(remembered)
    assert "Edge on Windows is remembered no more" in text_of(ended)
    for message in (remembered, ended):
        assert not re.search(r"https?:|href", message.as_string())
