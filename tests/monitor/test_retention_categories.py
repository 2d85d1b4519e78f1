"""A category's cases have a time of their own, and the most exact name counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlmodel import select

from monitor.retention import Pruned, prune
from monitor.settings_kept import Retention
from monitor.store import Store
from monitor.tables import CaseRow, EvidenceRow
from tests.conftest import HandClock
from tests.monitor.aging import KEEP, close, read, rows_of, texts

LONG, SHORT = timedelta(days=1000), timedelta(days=40)


def test_a_category_is_kept_longer_with_its_evidence(store: Store, clock: HandClock) -> None:
    keep = replace(KEEP, category={"threat": LONG})
    read(store, clock, "[threat critical]")
    close(store, clock)
    clock.now += LONG
    assert prune(store, keep, clock()) == Pruned()
    clock.wait(seconds=1)
    gone = prune(store, keep, clock())
    assert (gone.items, gone.reasons, gone.evidence) == (1, 1, 1)


def test_a_category_is_kept_shorter_with_its_evidence(store: Store, clock: HandClock) -> None:
    keep = replace(KEEP, category={"threat": SHORT})
    read(store, clock, "[threat critical]")
    close(store, clock)
    clock.now += SHORT + timedelta(seconds=1)
    prune(store, keep, clock())
    assert texts(store) == [""]
    assert [row.sealed for row in rows_of(store, EvidenceRow)] == [b""]


def test_another_category_keeps_the_usual_time(store: Store, clock: HandClock) -> None:
    keep = replace(KEEP, category={"insult": SHORT})
    read(store, clock, "[threat critical]")
    close(store, clock)
    clock.now += SHORT * 2
    assert prune(store, keep, clock()) == Pruned()


def test_the_most_exact_name_counts(store: Store, clock: HandClock) -> None:
    keep = replace(KEEP, category={"discrimination": SHORT, "discrimination.race": LONG})
    read(store, clock, "[discrimination.race high]", "[discrimination.sex high]")
    with store.write() as session:
        for case in session.exec(select(CaseRow)):
            case.state, case.closed_at = "closed", clock()
    clock.now += SHORT * 2
    prune(store, keep, clock())
    assert texts(store) == ["[discrimination.race high]", ""]


def test_advertising_and_crude_language_go_sooner_by_default() -> None:
    assert Retention().category == {"profanity": timedelta(days=90), "spam": timedelta(days=90)}
