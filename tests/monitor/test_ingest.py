from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select
from structlog.testing import capture_logs

from monitor import items, poll
from monitor.domain import Author, Item, ItemKind, Page
from monitor.errors import ConnectorError
from monitor.ingest import LeaseLostError, Source, Stored, ingest
from monitor.store import Store
from monitor.tables import ItemRow, SpendRow, StreamRow
from monitor.tables_people import FollowerRow
from tests.conftest import MORNING
from tests.counting import statements
from tests.making import WrittenNetwork, comment, follower, watch


def stream(store: Store, kind: ItemKind = ItemKind.COMMENT) -> int:
    poll.declare(store, [watch(WrittenNetwork(), kind)], MORNING)
    with store.read() as session:
        row = session.exec(select(StreamRow).where(StreamRow.kind == kind.value)).one()
        assert row.id is not None
        return row.id


def take(store: Store, page: Page, stream_id: int, fence: int = 0) -> Stored:
    return ingest(
        store,
        page,
        Source("facebook", timedelta(minutes=10)),
        stream_id=stream_id,
        fence=fence,
        now=MORNING,
    )


def rows(store: Store) -> list[ItemRow]:
    with store.read() as session:
        return list(session.exec(select(ItemRow).order_by(col(ItemRow.id))))


def test_an_item_comes_back_as_it_was_polled(store: Store) -> None:
    item = comment("Zoë \U0001f600 \u202e", has_media=True, parent_id="p", thread_id="t", target_id="9")
    take(store, Page((item,), "c1"), stream(store))
    assert items.from_row(rows(store)[0], store.vault) == item


def test_what_was_read_is_stored_once_however_often_it_comes(store: Store) -> None:
    where = stream(store)
    assert take(store, Page((comment(), comment()), "c1"), where) == Stored(new=1, known=1)
    assert take(store, Page((comment(),), "c2"), where) == Stored(known=1)
    assert len(rows(store)) == 1


def test_an_edited_text_is_a_new_version_and_the_old_one_stays(store: Store) -> None:
    where = stream(store)
    take(store, Page((comment("Lovely"),), "c1"), where)
    assert take(store, Page((comment("Awful"),), "c2"), where) == Stored(changed=1)
    texts = [(row.version, items.from_row(row, store.vault).text) for row in rows(store)]
    assert texts == [(1, "Lovely"), (2, "Awful")]
    assert rows(store)[1].assessed_at is None


def test_the_cursor_moves_only_with_the_items(store: Store) -> None:
    where = stream(store)
    broken = comment("x", "\ud800")  # not even its number can be stored
    with capture_logs(), pytest.raises(UnicodeEncodeError):
        take(store, Page((comment(), broken), "c1"), where)
    with store.read() as session:
        row = session.get_one(StreamRow, where)
    assert (row.cursor, row.known, rows(store)) == (None, 0, [])


def test_the_first_whole_answer_is_the_baseline(store: Store) -> None:
    where = stream(store)
    take(store, Page((comment("a", "1"),), "c1", more=True), where)
    take(store, Page((comment("b", "2"),), "c2"), where)
    take(store, Page((comment("c", "3"),), "c3"), where)
    assert [row.baseline for row in rows(store)] == [True, True, False]


def test_a_page_of_a_lost_lease_is_not_stored(store: Store) -> None:
    where = stream(store)
    with pytest.raises(LeaseLostError):
        take(store, Page((comment(),), "c1"), where, fence=7)
    assert rows(store) == []


def test_an_empty_list_where_there_were_many_changes_nothing(store: Store) -> None:
    where = stream(store, ItemKind.FOLLOWER)
    many = tuple(follower(str(number), f"f{number}") for number in range(12))
    take(store, Page(many, "c1", complete=True), where)
    with pytest.raises(ConnectorError, match="listed nobody where 12 were known"):
        take(store, Page((), "c2", complete=True), where)
    with store.read() as session:
        assert session.get_one(StreamRow, where).cursor == "c1"


def test_an_empty_list_of_a_young_account_is_believed(store: Store) -> None:
    where = stream(store, ItemKind.FOLLOWER)
    take(store, Page((follower(),), "c1", complete=True), where)
    take(store, Page((), "c2", complete=True), where)


def test_a_new_handle_has_a_follower_judged_again(store: Store) -> None:
    where = stream(store, ItemKind.FOLLOWER)
    take(store, Page((follower(handle="sam"),), "c1"), where)
    with store.write() as session:
        session.exec(select(FollowerRow)).one().verified_at = MORNING
    take(store, Page((follower(handle="sam_new"),), "c2"), where)
    with store.read() as session:
        row = session.exec(select(FollowerRow)).one()
        item = items.from_row(session.get_one(ItemRow, row.item_id), store.vault)
    assert row.verified_at is None
    assert item.author.handle == "sam_new"


def test_no_name_and_no_word_is_in_the_database_in_clear(store: Store) -> None:
    author = Author("a1", "planted_handle", "Planted Name", "planted bio")
    item = comment(
        "planted words", author=author, raw={"message": "planted words"}, url="https://x.test/planted"
    )
    take(store, Page((item,), "c1"), stream(store))
    for path in store.path.parent.glob("schoolgate.db*"):
        assert b"planted" not in path.read_bytes().lower()


def test_metered_reads_are_counted_by_month(store: Store) -> None:
    where = stream(store)
    take(store, Page((), "c1", reads=40), where)
    take(store, Page((), "c2", reads=2), where)
    with store.read() as session:
        spent = session.exec(select(SpendRow)).one()
    assert (spent.month, spent.reads) == ("2026-11", 42)


def test_who_had_left_is_asked_once_a_page_and_only_where_it_has_followers(store: Store) -> None:
    def asked(where: int, *listed: Item) -> int:
        with statements(store) as sent:
            take(store, Page(listed, "c"), where)
        return sum("follower.state = " in one and "IN (" in one for one in sent)

    followers = stream(store, ItemKind.FOLLOWER)
    many = [follower(f"f{n}", f"h{n}") for n in range(40)]
    assert asked(followers, *many) == 1
    with store.write() as session:
        for row in session.exec(select(FollowerRow).where(col(FollowerRow.external_id).in_(["f3", "f4"]))):
            row.state = "left"
    assert asked(followers, *many, many[3]) == 1  # named twice: came back once
    with store.read() as session:
        assert {row.state for row in session.exec(select(FollowerRow))} == {"new"}
    assert asked(stream(store), comment()) == 0
