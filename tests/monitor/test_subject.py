"""Whoever asks is found by what they know, and what is erased is gone while what must stay says why."""

from __future__ import annotations

import pytest
from sqlmodel import select

from monitor import holds, items
from monitor.errors import MonitorError
from monitor.evidence_check import check
from monitor.register import import_register
from monitor.register_people import Person
from monitor.retention import chain_broken_at
from monitor.store import Store
from monitor.subject import Asked, Kept, find
from monitor.subject_erase import PROTECTED, Why, erase, plan
from monitor.tables import AuditRow, CaseRow, DecisionRow, EvidenceRow, ItemRow
from monitor.tables_people import ClaimRow, FollowerRow
from monitor.triage import CATEGORIES
from tests.conftest import HandClock
from tests.monitor.aging import close, fail_a_mail, follow, leave, read, rows_of, sealed_values, texts, traces

KAZ = Asked(accounts=(("facebook", "u1"),))


def wrote(store: Store, author: str, handle: str, *ids: str) -> None:
    """These items are this author's."""
    with store.write() as session:
        for row in session.exec(select(ItemRow).where(ItemRow.external_id.in_(ids))):  # type: ignore[attr-defined]
            sealed = store.vault.unseal_json(row.sealed, items.SEALED)
            sealed["author"] |= {"external_id": author, "handle": handle}
            row.author_id, row.sealed = author, store.vault.seal_json(sealed, items.SEALED)


def found(store: Store, asked: Asked) -> Kept:
    with store.read() as session:
        return find(session, store, asked)


def planned(store: Store, asked: Asked = KAZ) -> dict[str, Why | None]:
    with store.read() as session:
        return {step.thing: step.kept for step in plan(session, store, find(session, store, asked))}


@pytest.fixture
def kaz(store: Store, clock: HandClock) -> Store:
    """Two items of one author, one of them a closed case of no child's record; one of somebody else."""
    read(store, clock, "[insult medium]", "Lovely", "Nice")
    wrote(store, "u1", "Kaz.99", "1", "2")
    wrote(store, "u2", "robin", "3")
    fail_a_mail(store, clock, "planted")
    close(store, clock)
    return store


@pytest.mark.parametrize(
    "asked",
    [KAZ, Asked(handles=(("facebook", "@kaz99"),)), Asked(refs=("sm-0001",))],
    ids=["account", "handle", "case"],
)
def test_an_author_is_found_by_account_handle_and_case(kaz: Store, asked: Asked) -> None:
    kept = found(kaz, asked)
    assert [row.external_id for row in kept.items] == ["1", "2"]
    assert [case.ref for case in kept.cases] == ["SM-0001"]
    assert len(kept.copies) == 1
    assert not kept.around


def test_an_address_leads_by_a_claim_to_the_account_that_was_proven(kaz: Store, clock: HandClock) -> None:
    from monitor.register_hashes import email_digest

    with kaz.write() as session:
        session.add(
            ClaimRow(
                school_id=kaz.school,
                network="facebook",
                external_id="u1",
                email=email_digest(kaz.vault.digest, "kaz@family.example"),
                handle=b"",
                way="page",
                consented_at=clock(),
                created_at=clock(),
                expires_at=clock(),
            )
        )
    assert [row.external_id for row in found(kaz, Asked(emails=("KAZ@family.example ",))).items] == ["1", "2"]
    assert not found(kaz, Asked(emails=("robin@family.example",))).anything


def test_an_address_on_the_register_is_found_and_stays_with_the_office(
    store: Store, clock: HandClock
) -> None:
    person = Person("1", "parent", names={("Kim", "Markersdottir")}, emails={"kim@family.example"})
    import_register(store, [person], clock())
    kept = found(store, Asked(emails=("kim@family.example",)))
    assert {row.role for row in kept.register} == {"parent"}
    steps = planned(store, Asked(emails=("kim@family.example",)))
    assert list(steps.values()) == [Why.REGISTER]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked(handles=(("x", "no handle at all"),)), "is no handle there"),
        (Asked(emails=("nobody",)), "is no e-mail address"),
        (Asked(refs=("SM-9999",)), "there is no such case"),
    ],
)
def test_what_is_typed_wrongly_is_said(store: Store, asked: Asked, says: str) -> None:
    with pytest.raises(MonitorError, match=says):
        found(store, asked)


def test_what_may_be_erased_is_gone_and_leaves_no_trace(kaz: Store, clock: HandClock) -> None:
    mine = [value for value in sealed_values(kaz) if value not in _of_others(kaz)]
    steps, clean = erase(kaz, KAZ, by="it", now=clock())
    assert {step for step in steps if step.kept} == set()
    assert clean
    assert texts(kaz) == ["", "", "Nice"]
    assert [row.author_id for row in rows_of(kaz, ItemRow)] == [None, None, "u2"]
    assert [row.sealed for table in (EvidenceRow, DecisionRow) for row in rows_of(kaz, table)] == [b"", b""]
    assert traces(kaz.path, mine) == 0
    assert not found(kaz, KAZ).anything
    assert rows_of(kaz, CaseRow)[0].ref == "SM-0001"


def _of_others(store: Store) -> list[bytes]:
    return [row.sealed for row in rows_of(store, ItemRow) if row.author_id != "u1"]


def test_after_an_erasure_chain_and_copies_still_hold(kaz: Store, clock: HandClock) -> None:
    erase(kaz, KAZ, by="it", now=clock())
    assert chain_broken_at(kaz) is None
    assert check(kaz, []).problems == []
    last = rows_of(kaz, AuditRow)[-1]
    assert (last.event, last.thing, last.detail) == (
        "erased on request",
        "rights request",
        "3 erased, 0 kept",
    )


def test_the_plan_changes_nothing(kaz: Store) -> None:
    before = sealed_values(kaz), len(rows_of(kaz, AuditRow))
    assert planned(kaz) == {"item 1": None, "item 2": None, "case SM-0001": None}
    assert (sealed_values(kaz), len(rows_of(kaz, AuditRow))) == before


def test_reading_what_was_erased_again_makes_nothing_new(kaz: Store, clock: HandClock) -> None:
    erase(kaz, KAZ, by="it", now=clock())
    read(kaz, clock, "[insult medium]", "Lovely", "Nice")
    assert texts(kaz) == ["", "", "Nice"]
    assert len(rows_of(kaz, CaseRow)) == 1


def test_an_open_case_stays(store: Store, clock: HandClock) -> None:
    read(store, clock, "[insult medium]", "Lovely")
    wrote(store, "u1", "kaz", "1", "2")
    assert planned(store) == {"item 1": Why.OPEN, "item 2": None, "case SM-0001": Why.OPEN}
    erase(store, KAZ, by="it", now=clock())
    assert texts(store) == ["[insult medium]", ""]


def test_a_safeguarding_record_stays(store: Store, clock: HandClock) -> None:
    read(store, clock, "[child_at_risk critical]")
    wrote(store, "u1", "kaz", "1")
    fail_a_mail(store, clock, "planted")
    close(store, clock)
    assert planned(store) == {"item 1": Why.PROTECTION, "case SM-0001": Why.PROTECTION}
    assert {name.partition(".")[0] for name in CATEGORIES} > PROTECTED


def test_what_is_held_stays(kaz: Store, clock: HandClock) -> None:
    with kaz.write() as session:
        holds.restrict(session, kaz, "facebook", "u1", why="asked for", by="it", now=clock())
    assert set(planned(kaz).values()) == {Why.HELD}
    erase(kaz, KAZ, by="it", now=clock())
    assert texts(kaz) == ["[insult medium]", "Lovely", "Nice"]


def test_a_mail_still_to_be_sent_keeps_its_case(kaz: Store, clock: HandClock) -> None:
    from monitor.tables import OutboxRow

    with kaz.write() as session:
        for row in session.exec(select(OutboxRow)):
            row.failed_at = None
    assert planned(kaz)["case SM-0001"] is Why.OPEN


def test_who_follows_now_stays_and_who_left_is_forgotten(store: Store, clock: HandClock) -> None:
    follow(store, clock, "kaz")
    with store.write() as session:
        item = session.exec(select(ItemRow)).one()
        session.exec(select(FollowerRow)).one().handle = b"h" * 32
        item.author_id = "f1"
    asked = Asked(accounts=(("facebook", "f1"),))
    assert planned(store, asked) == {"item 1": Why.FOLLOWS, "follower 1": Why.FOLLOWS}
    leave(store)
    erase(store, asked, by="it", now=clock())
    (row,) = rows_of(store, FollowerRow)
    assert (row.handle, row.person, row.external_id) == (None, None, "f1")
    assert rows_of(store, ItemRow)[0].sealed == b""
