"""Erasing, holding and setting aside meet: what one part ends is not kept, lost or tripped over by another."""

from __future__ import annotations

import os
from typing import Any

import pytest
from sqlmodel import select

from alerts.outbox import broke, enqueue, lease, refused
from alerts.outbox_failed import Instead
from monitor import holds, quarantine
from monitor.app.set_aside import leave_aside
from monitor.domain import Reason
from monitor.incidents import open_incidents
from monitor.key_ends import destroy
from monitor.quarantine import Stage
from monitor.retention import prune
from monitor.store import Store
from monitor.subject import Asked, find
from monitor.subject_erase import Why, erase, plan
from monitor.tables import CaseRow, ItemRow, NoticeRow, OutboxRow
from monitor.tables_evidence import HeadRow
from monitor.tables_quarantine import QuarantineRow
from tests.conftest import HandClock
from tests.making import HOURS
from tests.monitor.aging import KEEP, close, read, rows_of, texts
from tests.monitor.test_assess import arrive

U1 = Asked(accounts=(("facebook", "u1"),))


def wrote(store: Store, author: str, external_id: str, *, parent: str | None = None) -> None:
    with store.write() as session:
        row = session.exec(select(ItemRow).where(ItemRow.external_id == external_id)).one()
        row.author_id, row.parent_id = author, parent


def kept(store: Store) -> dict[str, Why | None]:
    with store.read() as session:
        return {step.thing: step.kept for step in plan(session, store, find(session, store, U1))}


def never(*_: object) -> bool:
    raise AssertionError("nobody is to be told of what was erased")


@pytest.mark.parametrize("how", ["refused", "broke"])
def test_a_mail_that_is_on_its_way_while_its_case_is_erased_is_let_go_when_it_fails(
    store: Store, clock: HandClock, how: str
) -> None:
    read(store, clock, "[insult medium]")
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        enqueue(
            store, session, now=clock(), dedup_key="a", role="headteacher", recipient="head@school.example",
            reason=Reason.FIRST, message_id="1@school.example", message=b"Body", case_id=case.id,
        )  # fmt: skip
    (waiting,) = lease(store, clock())
    with store.write() as session:
        destroy(session, store, session.exec(select(CaseRow)).one(), actor="it", now=clock(), why="erased")
        for _ in range(quarantine.MOST):
            quarantine.tried(session, store, Stage.DELIVER, f"message {waiting.id}", clock())
    notices = len(rows_of(store, NoticeRow))
    instead: Instead = never
    if how == "refused":
        refused(
            store, waiting.id, permanent=True, says="554 no", now=clock(), about_content=True, instead=instead
        )
    else:
        broke(store, waiting.id, ValueError("no"), now=clock(), instead=instead)
    (row,) = rows_of(store, OutboxRow)
    assert (row.lease_until, row.sent_at, row.sealed) == (None, None, b"")
    assert row.failed_at is not None
    assert len(rows_of(store, NoticeRow)) == notices, "nobody is told of what was erased"
    assert rows_of(store, QuarantineRow) == []
    with store.read() as session:
        assert [one.key for one in open_incidents(session, store.school)] == []
    assert lease(store, clock()) == []


def test_tries_at_a_mail_that_was_withdrawn_count_against_no_other(store: Store, clock: HandClock) -> None:
    """SQLite gives the number of a deleted newest row again."""
    read(store, clock, "[insult medium]")
    sent: dict[str, Any] = {"role": "headteacher", "recipient": "head@school.example", "message": b"Body"}
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        enqueue(
            store, session, now=clock(), dedup_key="a", reason=Reason.REMINDER, message_id="1@school.example",
            case_id=case.id, **sent,
        )  # fmt: skip
    (first,) = lease(store, clock(), hours=HOURS)  # and the process ends
    with store.write() as session:
        session.exec(select(CaseRow)).one().state = "acknowledged"
    clock.wait(minutes=13)
    assert lease(store, clock(), hours=HOURS) == []
    with store.write() as session:
        enqueue(
            store, session, now=clock(), dedup_key="b", reason=Reason.CLAIM, message_id="2@school.example", **sent
        )  # fmt: skip
    (second,) = lease(store, clock(), hours=HOURS)
    assert second.id == first.id
    assert [row.tries for row in rows_of(store, QuarantineRow)] == [1]


@pytest.mark.parametrize("held", [False, True])
def test_what_an_open_or_held_case_answers_is_not_erased_by_itself(
    store: Store, clock: HandClock, held: bool
) -> None:
    """The reviewers would judge a reply without what it replies to."""
    read(store, clock, "You know what", "[insult medium] reply", "Lovely")
    wrote(store, "u1", "1")
    wrote(store, "u1", "3")
    wrote(store, "u2", "2", parent="1")
    if held:
        close(store, clock)
        with store.write() as session:
            case = session.exec(select(CaseRow)).one()
            holds.place(session, store, case, why="The police asked", by="dsl", now=clock())
    assert kept(store)["item 1"] is Why.AROUND
    assert kept(store)["item 3"] is None
    erase(store, U1, by="it", now=clock())
    assert texts(store) == ["You know what", "[insult medium] reply", ""]


def test_what_only_a_closed_case_answers_is_erased(store: Store, clock: HandClock) -> None:
    read(store, clock, "You know what", "[insult medium] reply")
    wrote(store, "u1", "1")
    wrote(store, "u2", "2", parent="1")
    close(store, clock)
    assert kept(store)["item 1"] is None


def test_an_item_that_is_left_aside_unjudged_is_kept_no_longer_than_others(
    store: Store, clock: HandClock
) -> None:
    arrive(store, clock, "poison")
    wrote(store, "u1", "1")
    with store.write() as session:
        quarantine.set_aside(session, store, Stage.ASSESS, "item 1", clock(), ValueError("no"))
    assert kept(store)["item 1"] is Why.UNJUDGED
    assert leave_aside(store, [row.id for row in rows_of(store, QuarantineRow)], clock()) == 1
    assert kept(store)["item 1"] is None
    clock.wait(days=31)
    prune(store, KEEP, clock())
    assert texts(store) == [""]


def test_heads_of_the_audit_log_stay_as_long_as_the_log_of_what_is_held(
    store: Store, clock: HandClock
) -> None:
    with store.write() as session:
        session.add(HeadRow(school_id=store.school, seq=1, hash="a", at=clock(), said_in="digest"))
    clock.wait(days=1)
    read(store, clock, "[insult medium]")
    with store.write() as session:
        case = session.exec(select(CaseRow)).one()
        holds.place(session, store, case, why="The police asked", by="dsl", now=clock())
        session.add(HeadRow(school_id=store.school, seq=2, hash="b", at=clock(), said_in="digest"))
    clock.wait(days=3000)
    prune(store, KEEP, clock())
    assert [row.seq for row in rows_of(store, HeadRow)] == [2]


def test_copies_that_a_restore_or_a_killed_backup_left_go_after_a_month(
    store: Store, clock: HandClock
) -> None:
    """Also where no backups are made: what is erased would live on in them."""
    folder = store.path.parent
    aside = folder / f"{store.path.name}.replaced-20261120-090000"
    work = folder / ".backup-0a1b2c3d"
    work.mkdir()
    left = [aside, aside.with_name(f"{aside.name}-wal"), work / "copy.db", work]
    for path in left:
        if path != work:
            path.write_bytes(b"as it was")
        os.utime(path, (clock().timestamp(), clock().timestamp()))
    clock.wait(days=30)
    prune(store, KEEP, clock())
    assert [path.exists() for path in left] == [True] * 4
    clock.wait(days=1)
    prune(store, KEEP, clock())
    assert [path.exists() for path in left] == [False] * 4
    assert store.path.exists()
