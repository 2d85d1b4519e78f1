from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from alerts.links import address_of, find, issue, recipient_hash
from monitor.domain import Role
from monitor.tables_people import LinkRow
from tests.alerts.fresh import fresh_store

NOW = datetime(2026, 11, 20, 12, 40, tzinfo=UTC)
HEAD = "head@stmarys.example"


@pytest.fixture
def store(tmp_path):
    opened = fresh_store(tmp_path)
    yield opened
    opened.close()


def given(store, **changes):
    wanted = {
        "case_id": None,
        "role": Role.HEADTEACHER,
        "address": HEAD,
        "now": NOW,
        "valid": timedelta(days=14),
    }
    with store.write() as session:
        return issue(store, session, **(wanted | changes))


def found(store, token, now=NOW):
    with store.read() as session:
        return find(store, session, token, now=now)


def test_a_link_is_found_by_its_token_and_names_recipient_and_role(store):
    link = found(store, given(store))
    assert link.role is Role.HEADTEACHER
    assert link.recipient == recipient_hash(store.vault, HEAD)
    assert link.case_id is None


def test_the_database_holds_neither_token_nor_address(store):
    token = given(store)
    with store.read() as session:
        row = session.exec(select(LinkRow)).one()
    assert token not in str(row)
    assert HEAD not in str(row)
    assert len(row.token_hash) == 64


def test_a_token_has_192_bits_and_never_comes_twice(store):
    tokens = {given(store) for _ in range(20)}
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {32}


def test_a_link_ends_when_its_days_are_over(store):
    token = given(store)
    assert found(store, token, NOW + timedelta(days=14, seconds=-1))
    assert found(store, token, NOW + timedelta(days=14)) is None


@pytest.mark.parametrize("token", ["", "x", "A" * 32, "é" * 20, "A" * 5000, "' OR 1=1 --"])
def test_no_other_string_opens_anything(store, token):
    given(store)
    assert found(store, token) is None


def test_another_schools_link_is_not_ours(store):
    token = given(store)
    other = fresh_store(store.path.parent, "elsewhere")
    assert found(other, token) is None
    other.close()


def test_an_address_is_the_same_person_however_it_is_typed(store):
    assert recipient_hash(store.vault, " Head@StMarys.example ") == recipient_hash(store.vault, HEAD)
    assert recipient_hash(store.vault, "dsl@stmarys.example") != recipient_hash(store.vault, HEAD)


def test_the_address_in_the_mail_holds_the_token_and_nothing_else():
    assert address_of("https://watch.stmarys.example/", "T") == "https://watch.stmarys.example/c/T"
