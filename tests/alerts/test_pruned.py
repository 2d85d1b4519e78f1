"""What was pruned breaks no page, no mail and no digest, and each says that it is no longer kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from alerts.compose import compose_alert, compose_digest
from alerts.digest import digest, view_of
from alerts.rows import alert_view
from monitor.domain import Done, Outcome, Reason, Role
from monitor.key_ends import destroy
from monitor.retention import prune
from monitor.retention_rules import Keep
from monitor.store import Store
from monitor.tables import CaseRow, DecisionRow, ItemRow
from monitor.tables_people import FollowerRow
from tests.alerts.page_network import carried_out
from tests.alerts.page_school import open_school
from tests.alerts.telling import desk, one_case
from tests.conftest import HandClock
from tests.monitor.aging import KEEP, close, follow, leave, rows_of

EVIDENCE_FIRST = Keep(KEEP.harmless, timedelta(days=365), timedelta(days=30), KEEP.audit)


@pytest.fixture
def school(tmp_path):
    with open_school(tmp_path) as opened:
        yield opened


def closed_long_ago(school, keep: Keep = KEEP, **age) -> str:
    ref = school.case("you lot are dead")
    head = school.signed_in()
    head.choose(ref, "remove")
    carried_out(school, Outcome(Done.HIDDEN, read_back=True))
    head.choose(ref, "close", why="family", reason="Spoke with Tamsin's aunt")
    school.pass_time(**(age or {"days": 400}))
    prune(school.store, keep, school.now)
    return ref


def test_the_page_of_a_pruned_case_says_what_is_no_longer_kept(school):
    ref = closed_long_ago(school)
    head = school.signed_in()
    assert ref in head.last.text
    assert head.get(f"/case/{ref}").status_code == 200
    assert "The text is no longer kept" in head.words
    assert "the copy is no longer kept" in head.words
    assert "spoken with the family" in head.words.lower()  # the outcome stays
    assert not head.soup.find("a", href=f"/case/{ref}/copy/1")
    assert "Copy 1" in head.words
    for word in ("you lot", "Tamsin", "kaz_99"):
        assert word not in head.last.text
    assert head.get(f"/case/{ref}/copy/1").status_code == 404
    assert head.get(f"/case/{ref}/delete").status_code == 200


def test_the_page_of_an_erased_case_says_that_nothing_of_it_is_kept(school):
    ref = school.case("you lot are dead")
    head = school.signed_in()
    head.choose(ref, "close", why="family", reason="Spoke with Tamsin's aunt")
    with school.store.write() as session:
        case = session.exec(select(CaseRow).where(CaseRow.ref == ref)).one()
        destroy(session, school.store, case, actor="dsl", now=school.now)
    assert head.get(f"/case/{ref}").status_code == 200
    assert "The text is no longer kept" in head.words
    assert "the copy is no longer kept" in head.words
    for word in ("you lot", "Tamsin", "kaz_99"):
        assert word not in head.last.text
    assert head.get("/cases").status_code == 200


def test_without_the_copy_nothing_can_be_removed_any_more(school):
    ref = school.case("you lot are dead")
    head = school.signed_in()
    head.choose(ref, "close", why="family", reason="Spoke with them")
    head.get(f"/case/{ref}")
    form = head.fields("remove")
    assert form
    school.pass_time(days=31)
    prune(school.store, EVIDENCE_FIRST, school.now)
    head = school.signed_in()
    head.get(f"/case/{ref}")
    assert "the copy is no longer kept" in head.words
    assert not head.fields("remove")
    assert not head.fields("delete")


def test_the_act_stage_takes_an_emptied_copy_for_none(school):
    ref = school.case("you lot are dead")
    head = school.signed_in()
    head.choose(ref, "close", why="family", reason="Spoke with them")
    school.pass_time(days=31)
    prune(school.store, EVIDENCE_FIRST, school.now)
    case = school.row(ref)
    with school.store.write() as session:
        session.add(
            DecisionRow(
                school_id=school.store.school,
                case_id=case.id,
                item_id=case.item_id,
                seq=7,
                choice="delete",
                role="dsl",
                sealed=b"",
                created_at=school.now,
                next_attempt_at=school.now,
            )
        )
    network = carried_out(school, Outcome(Done.DELETED))
    assert network.asked == []
    assert school.rows(DecisionRow)[-1].done == "refused"


def test_what_was_decided_on_a_pruned_item_is_still_carried_out(school):
    """Nothing prunes while a decision waits; if it were so, the network needs the item's ids only."""
    ref = school.case("you lot are dead")
    head = school.signed_in()
    head.choose(ref, "remove")
    with school.store.write() as session:
        row = session.exec(select(ItemRow)).one()
        row.sealed, row.pruned_at = b"", school.now
    network = carried_out(school, Outcome(Done.HIDDEN, read_back=True))
    assert [target for _, target in network.asked] == ["c1"]


def test_a_mail_about_a_pruned_item_can_be_composed_and_quotes_nothing(
    store: Store, clock: HandClock
) -> None:
    one_case(store, clock)
    close(store, clock)
    clock.wait(days=400)
    prune(store, KEEP, clock())
    at = desk()
    reader = at.reader(Role.DSL, at.today(clock()))
    with store.read() as session:
        case = session.exec(select(CaseRow)).one()
        view = alert_view(
            session,
            store,
            at,
            case,
            reader,
            reason=Reason.UPDATED,
            link="https://gate.school.example/c/x",
            told=(reader,),
            escalates=None,
        )
    assert view.text == ""
    mail = compose_alert(view, at.stamp(reader, store.school, "x", now=clock()))
    assert b"planted" not in mail


def test_a_digest_counts_and_lists_what_was_pruned(store: Store, clock: HandClock) -> None:
    one_case(store, clock)
    close(store, clock)
    follow(store, clock, "tamsin_example")
    leave(store)
    since = clock()
    clock.wait(days=400)
    prune(store, KEEP, clock())
    assert all(row.pruned_at for row in rows_of(store, ItemRow))
    at = desk()
    with store.write() as session:
        session.exec(select(FollowerRow)).one().state = "unverified"
    clock.now = since + timedelta(hours=1)  # so that the digest's day is the day of it all
    for role in (Role.OFFICE, Role.ESAFETY):
        reader = at.reader(role, at.today(clock()))
        with store.read() as session:
            view = view_of(session, store, at, reader, at.today(clock()), clock(), "https://gate.example/")
        assert [row.handle for row in view.followers] == ["(no handle)"]
        assert view.read == 1
        assert compose_digest(view, at.stamp(reader, store.school, "x", now=clock()))
    assert digest(store, at, clock=clock) == 4  # the safeguarding lead has something of theirs
