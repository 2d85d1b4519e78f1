from __future__ import annotations

from alerts.notify import notify
from monitor.retention import prune
from monitor.store import Store
from monitor.tables_telling import TellingRow
from tests.alerts.telling import delivered, desk
from tests.conftest import HandClock
from tests.monitor.aging import KEEP, close, read, rows_of


def test_who_was_told_goes_with_what_they_were_mailed(store: Store, clock: HandClock) -> None:
    read(store, clock, "[threat critical]")
    notify(store, desk(), clock=clock)
    delivered(store, clock)
    close(store, clock)
    assert len(rows_of(store, TellingRow)) == 2
    clock.wait(days=366)
    prune(store, KEEP, clock())
    assert rows_of(store, TellingRow) == []
