"""What a copy holds: the item as returned, its thread as stored, its interface and its times; never a picture."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from monitor import items
from monitor.assess import assess
from monitor.cases import open_or_update
from monitor.domain import ItemKind, Page
from monitor.evidence import EVIDENCE, bound, is_withheld
from monitor.poll import declare, poll
from monitor.store import Store
from monitor.tables import AuditRow, CaseRow, EvidenceRow, ItemRow
from monitor.without_media import SAYS, without_addresses
from tests.conftest import HandClock
from tests.making import POSTED, WrittenNetwork, comment, judgement, watch

PICTURE = "https://scontent.example/v/t39.jpg?oh=1"
RAW = {
    "id": "9",
    "message": "see https://t.co/abc",
    "attachment": {"media": {"image": {"src": PICTURE}}, "target": {"id": "77", "url": PICTURE}},
    "entities": {
        "urls": [{"url": "https://t.co/abc", "expanded_url": "pic.twitter.com/x1", "media_key": "3_1"}]
    },
    "permalink_url": "https://facebook.com/9",
}


def polled(store: Store, clock: HandClock, *shown: Any) -> None:
    """The pages of a network, read as the service reads them, and judged."""
    import random

    network = WrittenNetwork(Page((), "a"), Page(tuple(shown), "b"))
    watched = watch(network, ItemKind.COMMENT)
    declare(store, [watched], clock())
    for _ in range(2):
        poll(store, watched, ItemKind.COMMENT, clock=clock, chance=random.Random(1))
    assess(store, judgement(), clock=clock)


def copies(store: Store) -> list[dict[str, Any]]:
    with store.read() as session:
        rows = session.exec(select(EvidenceRow).order_by(col(EvidenceRow.id))).all()
    return [json.loads(store.vault.unseal(row.sealed, EVIDENCE)) for row in rows]


def test_a_copy_says_what_was_returned_by_which_interface_and_when_in_both_times(
    store: Store, clock: HandClock
) -> None:
    clock.now = clock.now.replace(month=7)
    polled(
        store, clock, comment("[threat critical]", "9", posted_at=POSTED.replace(month=7), raw={"id": "9"})
    )
    (copy,) = copies(store)
    assert (copy["format"], copy["api"], copy["media"]) == (2, "Graph API v26.0", "never fetched")
    assert copy["as_returned"] == {"id": "9"}
    assert copy["captured_at"] == "2026-07-20T09:00:00+00:00"
    assert copy["local"] == {
        "zone": "Europe/London",
        "captured_at": "2026-07-20T10:00:00+01:00",
        "seen_at": "2026-07-20T10:00:00+01:00",
        "posted_at": "2026-07-20T09:30:00+01:00",
    }


def test_a_copy_holds_what_it_answers_and_what_it_stands_under_as_stored_then(
    store: Store, clock: HandClock
) -> None:
    polled(
        store,
        clock,
        comment("Sports day is on Friday", "7", raw={"id": "7", "shares": 3}),
        comment("Who is running it?", "8"),
        comment("[threat critical]", "9", thread_id="7", parent_id="8"),
    )
    ((parent, root),) = [copy["thread"] for copy in copies(store)]
    assert (parent["is"], parent["external_id"], parent["text"]) == ("it answers", "8", "Who is running it?")
    assert (root["is"], root["as_returned"]) == ("it stands under", {"id": "7", "shares": 3})


def test_a_thread_of_one_is_told_once_and_what_was_not_read_is_said(store: Store, clock: HandClock) -> None:
    polled(store, clock, comment("[threat critical]", "9", thread_id="7", parent_id="7"))
    assert copies(store)[0]["thread"] == [
        {"is": "it answers", "external_id": "7", "words": "not read by Schoolgate"}
    ]


def test_the_words_of_another_case_stay_out_of_a_copy(store: Store, clock: HandClock) -> None:
    polled(
        store,
        clock,
        comment("The head [staff_allegation high] took it", "8"),
        comment("[insult medium]", "9", thread_id="8", parent_id="8"),
    )
    answer = copies(store)[1]
    assert answer["thread"] == [{"is": "it answers", "external_id": "8", "words": "not part of this copy"}]
    assert "took it" not in json.dumps(answer)


@pytest.mark.parametrize(
    ("category", "has_media", "left_out"),
    [
        ("sexual", True, True),
        ("sexual", False, True),
        ("grooming", False, True),
        ("child_at_risk", True, True),
        ("child_at_risk", False, False),
        ("threat", True, False),
    ],
)
def test_addresses_of_pictures_are_left_out_where_they_may_be_of_a_child(
    store: Store, clock: HandClock, category: str, has_media: bool, left_out: bool
) -> None:
    text = f"see https://t.co/abc [{category} high]"
    shown = comment(text, "9", url="https://facebook.com/9", has_media=has_media, raw=RAW)
    polled(store, clock, comment(f"look {PICTURE}", "8", raw=RAW), shown)
    with store.write() as session:
        row = session.exec(select(ItemRow).where(ItemRow.external_id == "9")).one()
        row.parent_id = "8"
        session.delete(session.exec(select(EvidenceRow)).one())
    with store.write() as session:
        row = session.exec(select(ItemRow).where(ItemRow.external_id == "9")).one()
        case = session.exec(select(CaseRow)).one()
        from monitor.evidence import keep_evidence

        keep_evidence(session, store, case, row, clock(), ZoneInfo("Europe/London"))
    (copy,) = copies(store)
    whole = json.dumps(copy)
    assert (PICTURE in whole) is not left_out
    assert ("t.co/abc" in whole) is not left_out
    assert ("pic.twitter.com" in whole) is not left_out
    assert copy["media"].endswith("left out") is left_out
    assert copy["as_returned"]["attachment"]["target"]["id"] == "77"  # what the police ask for stays
    assert copy["as_returned"]["entities"]["urls"][0]["media_key"] == "3_1"
    assert copy["as_returned"]["permalink_url"] == copy["url"] == "https://facebook.com/9"
    assert copy["thread"][0]["as_returned"]["attachment"]["target"]["id"] == "77"


def test_one_finding_of_the_kind_is_enough_whatever_leads() -> None:
    assert is_withheld({"threat", "grooming"}, has_media=False)
    assert not is_withheld({"threat", "sexuality"}, has_media=True)


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)
    )
)
def test_taking_addresses_out_keeps_the_shape_and_is_done_once(value: Any) -> None:
    once = without_addresses(value, kept=None)
    assert without_addresses(once, kept=None) == once
    assert type(once) is type(value)


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.example/a.jpg",
        "HTTP://cdn.example/a.jpg",
        "//cdn.example/a.jpg",
        "www.cdn.example/a",
        "pic.twitter.com/a1",
        "data:image/png;base64,AAAA",
    ],
)
def test_no_form_of_an_address_stays(address: str) -> None:
    assert without_addresses({"k": [f"see {address} now"]}, kept=None) == {"k": [f"see {SAYS} now"]}


def test_each_copy_is_bound_to_the_audit_log_once(store: Store, clock: HandClock) -> None:
    polled(store, clock, comment("[threat critical]", "9"))
    with store.read() as session:
        copy = session.exec(select(EvidenceRow)).one()
        entry = session.exec(select(AuditRow).where(AuditRow.event == "copied")).one()
    assert (entry.thing, entry.detail) == (f"copy {copy.id}", bound(copy.sha256, "SM-0001", "item 1"))
    clock.wait(hours=1)
    with store.write() as session:
        row = session.exec(select(ItemRow)).one()
        judge = judgement()
        verdict = judge.weigh(judge.look("[threat critical]"), 0)
        from monitor.cases import Told

        open_or_update(session, store, row, verdict, judge.opening, told=Told(()), now=clock())
    assert len(copies(store)) == 1


def test_what_an_older_version_stored_has_no_interface(store: Store, clock: HandClock) -> None:
    row = items.to_row(
        comment(), store.vault, school="school", network="x", version=1, now=clock(), baseline=False
    )
    sealed = store.vault.unseal_json(row.sealed, items.SEALED)
    del sealed["api"]
    row.sealed = store.vault.seal_json(sealed, items.SEALED)
    assert items.api_of(row, store.vault) is None
    row.pruned_at = clock() + timedelta(days=1)
    assert items.api_of(row, store.vault) is None
